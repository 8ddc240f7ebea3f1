"""The search form, and the form on which the council notes a share code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Optional

from portal.directory.counting import FACETS, LotFound
from portal.directory.offer import (
    SESSIONS,
    session_names,
)
from portal.directory.postcode_queries import require_place
from portal.directory.postcodes import Location
from portal.directory.queries import SearchResult
from portal.directory.search import DISTANCES, LONGEST_ADDRESS, LONGEST_WORDS, SORTS, SearchCriteria
from portal.errors import Refusal
from portal.web.fields import MoneyField, Required
from portal.web.filters import money, number, plural
from portal.web.forms import Form, QueryForm

YEARS = {
    "KS1": "Key stage 1 (years 1 and 2)",
    "KS2": "Key stage 2 (years 3 to 6)",
    "KS3": "Key stage 3 (years 7 to 9)",
    "KS4": "Key stage 4 (years 10 and 11)",
    "KS5": "Post-16 (years 12 and 13)",
}
Choice = tuple[str, str, str]
"""A choice that narrows a search: its words, its name in the address, and its value (without one: all of that
name)."""
CHOICES = {**FACETS, "key_stages": YEARS}
"""The counted filters of the form, with the words of their choices."""
VIEWS = {"list": "List", "map": "Map"}

_MOST_CHOICES = 100
_FREE = "Has a free place, confirmed in the last 30 days"
# Long lists show what can be found, and what was chosen.
_SHORTENED = frozenset({"subjects"})

# What a search has in place of a choice that is made once.
_TAKEN_AWAY: Mapping[str, Mapping[str, Any]] = {
    "words": {"words": ""},
    "within": {"within_miles": None},
    "sessions": {"sessions": ()},
    "price": {"highest_price": None},
    "places": {"places_now": False},
}


class SearchForm(QueryForm):
    """What a school looks for. It reads the address, so a search can be kept and sent on."""

    words = SearchField("What does the child need?", description="Like construction, anxiety or GCSE maths.")
    postcode = StringField("Postcode to search near", description="The child's home or school, like M14 5RQ.")
    within = SelectField(
        "Distance",
        choices={"": "Any distance", **{str(miles): f"Within {miles} miles" for miles in DISTANCES}},
        validate_choice=False,
    )
    sort = SelectField("Sort by", choices=SORTS, validate_choice=False)
    places = BooleanField(_FREE)
    sessions = SelectMultipleField("Sessions wanted", choices=SESSIONS, validate_choice=False)
    price = MoneyField(
        "Highest price for a day", [Optional()], noun="The highest price", description="Without VAT."
    )
    key_stages = SelectMultipleField("Key stage", validate_choice=False)
    needs = SelectMultipleField("Needs", validate_choice=False)
    tiers = SelectMultipleField("Tier", validate_choice=False)
    modes = SelectMultipleField("Where children learn", validate_choice=False)
    registration = SelectMultipleField("Registration", validate_choice=False)
    subjects = SelectMultipleField("Subjects and qualifications", validate_choice=False)
    lots = SelectMultipleField("Lot", validate_choice=False)

    @classmethod
    def at(cls, address: str | None) -> "SearchForm":
        """The form as the query of an address fills it."""
        return cls(formdata=MultiDict(parse_qsl((address or "")[:LONGEST_ADDRESS])))

    def criteria(self, today: date, page: int) -> SearchCriteria:
        """The search that is asked for. What cannot be used is left out, with a sentence at its field."""
        near = self._near()
        within = int(self.within.data) if self.within.data in map(str, DISTANCES) else None
        sort = self.sort.data if self.sort.data in SORTS else "fit"
        if near is None and not self.postcode.data and (within or sort == "distance"):
            self.refuse("Enter a postcode, so that we know where to measure from.", "postcode")
        for problem in self.price.process_errors:
            self.refuse(str(problem), "price")
        return SearchCriteria(
            today=today,
            words=(self.words.data or "")[:LONGEST_WORDS],
            lot_ids=tuple(int(lot) for lot in _numbers(self.lots.data)),
            **{name: self._codes(name) for name in FACETS},
            sessions=tuple(code for code in SESSIONS if code in (self.sessions.data or ())),
            highest_price=self.price.data,
            places_now=bool(self.places.data),
            near=near,
            within_miles=within if near else None,
            sort=sort if near or sort != "distance" else "fit",
            page=page,
        )

    def _codes(self, name: str) -> tuple[str, ...]:
        return tuple(code for code in FACETS[name] if code in (self[name].data or ()))

    def _near(self) -> Location | None:
        if not self.postcode.data:
            return None
        try:
            return require_place(self.postcode.data)
        except Refusal as refusal:
            self.refuse(refusal, "postcode")
            return None

    def offer(self, result: SearchResult) -> None:
        """Put the counts of `result` beside the choices."""
        for name, words in CHOICES.items():
            counts, chosen = result.choices[name], self[name].data or ()
            self[name].choices = {
                code: f"{said}: {number(counts[code])}"
                for code, said in words.items()
                if counts[code] or code in chosen or name not in _SHORTENED
            }
        self.places.label.text = f"{_FREE}: {number(result.free)}"
        names = lot_names(result.lots)
        self.lots.choices = {str(lot.id): f"{names[lot.id]}: {number(lot.count)}" for lot in result.lots}

    @property
    def filters_on(self) -> int:
        """How many choices of the filter are made."""
        chosen = [self[name].data or () for name in (*CHOICES, "lots")]
        others = (self.places.data, self.sessions.data, self.price.data is not None)
        return sum(map(len, chosen)) + sum(map(bool, others))

    def chosen(self, result: SearchResult) -> list[Choice]:
        """Each choice that narrows the search."""
        lots = {str(lot_id): name for lot_id, name in lot_names(result.lots).items()}
        chosen = [(f"“{self.words.data}”", "words", "")] if self.words.data else []
        if self.within.data in map(str, DISTANCES) and self.postcode.data:
            chosen.append((f"Within {plural(int(self.within.data), 'mile')}", "within", self.within.data))
        for name, words in CHOICES.items():
            chosen += [(words[code], name, code) for code in self._codes(name)]
        chosen += [(lots[lot], "lots", lot) for lot in self.lots.data or () if lot in lots]
        if sessions := [code for code in SESSIONS if code in (self.sessions.data or ())]:
            chosen.append((session_names(sessions), "sessions", ""))
        if self.price.data is not None:
            chosen.append((f"{money(self.price.data)} a day or less", "price", ""))
        return [*chosen, ("Has a free place", "places", "")] if self.places.data else chosen


def without(criteria: SearchCriteria, name: str, value: str) -> SearchCriteria:
    """A search without one of its `SearchForm.chosen`."""
    if name in _TAKEN_AWAY:
        return criteria.but(**_TAKEN_AWAY[name])
    field = "lot_ids" if name == "lots" else name
    return criteria.but(**{field: tuple(each for each in getattr(criteria, field) if str(each) != value)})


def lot_names(lots: Sequence[LotFound]) -> dict[int, str]:
    """'Lot 3, Construction' by id; with the framework's name where the list holds lots of several."""
    several = len({lot.framework_title for lot in lots}) > 1
    return {
        lot.id: f"Lot {lot.number}, {lot.title}" + (f" ({lot.framework_title})" if several else "")
        for lot in lots
    }


def _numbers(values: Sequence[str] | None) -> list[str]:
    return [
        value
        for value in (values or ())[:_MOST_CHOICES]
        if value.isascii() and value.isdigit() and len(value) < 18
    ]


class VerifyForm(Form):
    """What the central digital platform said of a share code."""

    is_latest = RadioField(
        "Does the platform say that the newest code is the latest?",
        choices={"yes": "Yes, it is the latest", "no": "No, there is a newer one"},
        validators=[Required("Say what the platform answers.")],
    )
