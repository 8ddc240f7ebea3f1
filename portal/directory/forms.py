"""The search form and the form of a service."""

from collections.abc import Sequence
from datetime import date

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, Optional

from portal.directory.entries import ServiceEntry
from portal.directory.models import KEY_STAGES, NEEDS
from portal.directory.postcodes import Location, require_location
from portal.directory.queries import SearchResult
from portal.directory.search import DISTANCES, LONGEST_WORDS, SORTS, LotFound, SearchCriteria
from portal.directory.services import SUMMARY_WORDS, ServiceChanges
from portal.errors import Refusal
from portal.web.fields import MoneyField, PostcodeField, Required, WholeNumberField, WordLimitedTextArea
from portal.web.filters import number, plural
from portal.web.forms import Form, QueryForm

YEARS = {
    "KS1": "Key stage 1 (years 1 and 2)",
    "KS2": "Key stage 2 (years 3 to 6)",
    "KS3": "Key stage 3 (years 7 to 9)",
    "KS4": "Key stage 4 (years 10 and 11)",
    "KS5": "Post-16 (years 12 and 13)",
}
_MOST_CHOICES = 100


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
    key_stages = SelectMultipleField("Key stage", validate_choice=False)
    needs = SelectMultipleField("Needs", validate_choice=False)
    lots = SelectMultipleField("Lot", validate_choice=False)
    places = BooleanField("Has a free place")

    def criteria(self, today: date, page: int) -> SearchCriteria:
        """The search that is asked for. What cannot be used is left out, with a sentence at its field."""
        near = self._near()
        within = int(self.within.data) if self.within.data in map(str, DISTANCES) else None
        sort = self.sort.data if self.sort.data in SORTS else "fit"
        if near is None and not self.postcode.data and (within or sort == "distance"):
            self.refuse("Enter a postcode, so that we know where to measure from.", "postcode")
        return SearchCriteria(
            today=today,
            words=(self.words.data or "")[:LONGEST_WORDS],
            lot_ids=tuple(int(lot) for lot in _numbers(self.lots.data)),
            key_stages=tuple(code for code in KEY_STAGES if code in (self.key_stages.data or ())),
            needs=tuple(code for code in NEEDS if code in (self.needs.data or ())),
            places_now=bool(self.places.data),
            near=near,
            within_miles=within if near else None,
            sort=sort if near or sort != "distance" else "fit",
            page=page,
        )

    def _near(self) -> Location | None:
        if not self.postcode.data:
            return None
        try:
            return require_location(self.postcode.data)
        except Refusal as refusal:
            self.refuse(refusal, "postcode")
            return None

    def offer(self, result: SearchResult) -> None:
        """Put the counts of `result` beside the choices."""
        self.key_stages.choices = {
            code: f"{name}: {number(result.key_stages[code])}" for code, name in YEARS.items()
        }
        self.needs.choices = {code: f"{name}: {number(result.needs[code])}" for code, name in NEEDS.items()}
        names = lot_names(result.lots)
        self.lots.choices = {str(lot.id): f"{names[lot.id]}: {number(lot.count)}" for lot in result.lots}

    @property
    def filters_on(self) -> int:
        """How many choices of the filter are made."""
        chosen = (self.key_stages.data, self.needs.data, self.lots.data)
        return sum(len(values or ()) for values in chosen) + bool(self.places.data)

    def chosen(self, result: SearchResult) -> list[tuple[str, str, str]]:
        """(words, name in the address, value) of each choice that narrows the search."""
        lots = {str(lot_id): name for lot_id, name in lot_names(result.lots).items()}
        chosen = [(f"“{self.words.data}”", "words", self.words.data)] if self.words.data else []
        if self.within.data in map(str, DISTANCES) and self.postcode.data:
            chosen.append((f"Within {plural(int(self.within.data), 'mile')}", "within", self.within.data))
        chosen += [(YEARS[code], "key_stages", code) for code in self.key_stages.data or () if code in YEARS]
        chosen += [(NEEDS[code], "needs", code) for code in self.needs.data or () if code in NEEDS]
        chosen += [(lots[lot], "lots", lot) for lot in self.lots.data or () if lot in lots]
        return [*chosen, ("Has a free place", "places", "y")] if self.places.data else chosen


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


class ServiceForm(Form):
    """What a provider says of its service. `version` is that of the service as the page showed it."""

    version = HiddenField()
    title = StringField(
        "Name of the service",
        [Required("Give the service a name."), Length(max=120, message="Use 120 characters or fewer.")],
        description="What schools know it by. It heads your entry in the directory.",
    )
    summary = WordLimitedTextArea(
        "The service in a few words",
        SUMMARY_WORDS,
        [Required("Say what a child does with you.")],
        description="What a child does with you, and for whom it works best.",
    )
    key_stages = SelectMultipleField(
        "Key stages", [Required("Choose at least one key stage.")], choices=YEARS
    )
    needs = SelectMultipleField(
        "Needs you cater for",
        [Optional()],
        choices=NEEDS,
        description="Only those for which you have trained staff.",
    )
    postcode = PostcodeField(
        "Postcode of the site", [Required("Enter the postcode where children go.")], noun="The postcode"
    )
    price_per_day = MoneyField(
        "Price for a day, without VAT", [Required("Enter the price for a day.")], noun="The price for a day"
    )
    places = WholeNumberField(
        "Places in all", [Required("Enter how many children you can take.")], most=999, noun="Places in all",
        description="How many children you can take at one time.",
    )  # fmt: skip
    places_free = WholeNumberField(
        "Places free today",
        [Optional()],
        most=999,
        noun="Places free today",
        description="Schools see this with today's date. Leave it empty to keep what they see now.",
    )

    @classmethod
    def showing(cls, service: ServiceEntry) -> "ServiceForm":
        """The form filled with the service; the free places are asked for anew."""
        shown = {name: getattr(service, name) for name in cls.saved_fields}
        return cls(**shown, version=str(service.version))

    saved_fields = ("title", "summary", "key_stages", "needs", "postcode", "price_per_day", "places")

    def seen_version(self) -> int:
        """The version that the page showed; -1 when the field was tampered with."""
        typed = self.version.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def changes(self) -> ServiceChanges:
        """What was typed."""
        values = {name: getattr(self, name).data for name in self.saved_fields}
        return ServiceChanges(**{**values, "needs": values["needs"] or []}, places_free=self.places_free.data)
