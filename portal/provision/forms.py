"""The forms of a service's page: one for each part, the free places, and the council's check."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import Length, Optional

from portal.directory.forms import YEARS
from portal.directory.offer import (
    DAYS,
    HALVES,
    INCLUSIONS,
    MODES,
    NEEDS,
    QUALIFICATIONS,
    SESSIONS,
    SEXES,
    SUBJECTS,
    TIERS,
    TRANSPORT,
)
from portal.provision.facts import MOST_SITES, PARTS, SUMMARY_WORDS
from portal.web.fields import (
    MoneyField,
    PostcodeField,
    Required,
    UKDateField,
    WholeNumberField,
    WordLimitedTextArea,
)
from portal.web.forms import Form
from portal.web.grid_fields import GridField
from portal.web.text import number_in


def _several(label: str, choices: Mapping[str, str], *validators: Any, hint: str = "") -> UnboundField:
    """Checkboxes; nothing ticked is an empty list."""
    return SelectMultipleField(label, [*(validators or (Optional(),))], choices=choices, description=hint)


class PartForm(Form):
    """A part of the page. `seen` stands for the page as it was shown, so that no colleague is overwritten."""

    part = ""
    seen = HiddenField()

    @classmethod
    def showing(cls, values: Mapping[str, Any], seen: str) -> "PartForm":
        """The form filled with a part."""
        return cls(data={**values, "seen": seen})

    def values(self) -> dict[str, Any]:
        """What was typed, by fact; lists in the order of their choices."""
        typed = {name: self[name].data for name in PARTS[self.part].facts}
        for name, value in typed.items():
            if isinstance(self[name], SelectMultipleField):
                typed[name] = [code for code, *_ in self[name].iter_choices() if code in (value or ())]
            elif value is None and isinstance(self[name], StringField):
                typed[name] = ""
        return typed


class AboutForm(PartForm):
    """What children do."""

    part = "about"
    title = StringField(
        "Name of the service",
        [Required("Give the service a name."), Length(max=120, message="Use 120 characters or fewer.")],
        description="What schools know it by. It heads your page.",
    )
    summary = WordLimitedTextArea(
        "The service in a few words",
        SUMMARY_WORDS,
        [Required("Say what a child does with you.")],
        description="What a child does with you, and for whom it works best.",
    )
    subjects = _several("What children learn", SUBJECTS)
    group_size = WholeNumberField(
        "Largest group", [Optional()], least=1, most=99, noun="The largest group",
        description="How many children at most are taught together. 1 for one-to-one.",
    )  # fmt: skip
    children_per_adult = WholeNumberField(
        "Children for each adult", [Optional()], least=1, most=30, noun="Children for each adult",
        description="At most, in that group.",
    )  # fmt: skip


class ChildrenForm(PartForm):
    """Whom it is for."""

    part = "children"
    key_stages = _several("Key stages", YEARS, Required("Choose at least one key stage."))
    needs = _several("Needs you cater for", NEEDS, hint="Only those for which you have trained staff.")
    sex = RadioField("Boys and girls", choices=SEXES, default="any")
    tiers = _several("Tier", TIERS, Required("Choose at least one tier."))
    qualifications = _several(
        "Qualifications and awards", QUALIFICATIONS, hint="Those that children can complete with you."
    )


_SITE = {
    "address": StringField(
        "Address without postcode", [Length(max=200, message="Use 200 characters or fewer.")]
    ),
    "postcode": PostcodeField("Postcode", [Optional()], noun="The postcode"),
    "run_by": StringField("Run by, if not by you", [Length(max=120, message="Use 120 characters or fewer.")]),
}


class WhereForm(PartForm):
    """Where children learn."""

    part = "where"
    modes = _several(
        "Where do children learn with you?",
        MODES,
        Required("Choose at least one place where children learn."),
    )
    sites = GridField(
        "Sites",
        parts=_SITE,
        rows=1,
        most=MOST_SITES,
        description="Your main site first, then every other address where a child may be, also those of "
        "subcontractors. Schools must know where a child is. Save to get another empty row.",
    )

    @classmethod
    def showing(cls, values: Mapping[str, Any], seen: str) -> "PartForm":
        """The form with one empty row after the sites that there are."""
        blank = {"address": "", "postcode": None, "run_by": ""}
        return super().showing({**values, "sites": [*values["sites"], blank][:MOST_SITES]}, seen)

    def values(self) -> dict[str, Any]:
        """What was typed; rows without address and postcode are no sites."""
        typed = super().values()
        typed["sites"] = [
            {
                "address": site["address"] or "",
                "postcode": site["postcode"] or "",
                "run_by": site["run_by"] or "",
            }
            for site in typed["sites"]
            if site["address"] or site["postcode"]
        ]
        return typed


class WhenForm(PartForm):
    """When, and how they get there."""

    part = "when"
    sessions = _several(
        "Sessions in which you are open",
        SESSIONS,
        Required("Choose the sessions in which you are open."),
        hint="Places count as free in these alone. Confirm them anew where you open in more.",
    )
    places = WholeNumberField(
        "Places in all", [Required("Enter how many children you can take.")], most=999, noun="Places in all",
        description="How many children you can take at one time.",
    )  # fmt: skip
    transport = RadioField(
        "Do you bring the child?", [Required("Say whether you bring the child.")], choices=TRANSPORT
    )
    transport_note = StringField(
        "More about transport",
        [Optional(), Length(max=200, message="Use 200 characters or fewer.")],
        description="Like where you collect, or the nearest stop.",
    )


class PricesForm(PartForm):
    """Prices."""

    part = "prices"
    price_per_day = MoneyField("Price for a day, without VAT", [Optional()], noun="The price for a day")
    price_half_day = MoneyField("Price for half a day", [Optional()], noun="The price for half a day")
    price_hour = MoneyField("Price for an hour", [Optional()], noun="The price for an hour")
    price_includes = _several("What the price includes", INCLUSIONS)


class RegistrationForm(PartForm):
    """Registration and inspection."""

    part = "registration"
    registered = RadioField(
        "Are you a registered school?",
        [Required("Say whether you are registered.")],
        choices={"yes": "Yes", "no": "No"},
    )
    urn = StringField("URN", [Optional()], description="Six digits, for a registered school.")
    inspection = StringField(
        "Newest inspection",
        [Optional(), Length(max=120, message="Use 120 characters or fewer.")],
        description="By whom, and with what result. Leave it empty if there was none.",
    )
    inspected_on = UKDateField("Date of that inspection", [Optional()], noun="The date")

    @classmethod
    def showing(cls, values: Mapping[str, Any], seen: str) -> "PartForm":
        """The form filled with the part."""
        return super().showing({**values, "registered": "yes" if values["registered_school"] else "no"}, seen)

    def values(self) -> dict[str, Any]:
        """What was typed; a URN belongs to a registered school alone."""
        registered = self.registered.data == "yes"
        return {
            "registered_school": registered,
            "urn": (self.urn.data or None) if registered else None,
            "inspection": self.inspection.data or "",
            "inspected_on": self.inspected_on.data,
        }


PART_FORMS: Mapping[str, type[PartForm]] = {
    form.part: form for form in (AboutForm, ChildrenForm, WhereForm, WhenForm, PricesForm, RegistrationForm)
}


class PlacesForm(Form):
    """How many places are free, session by session; an empty box says none."""

    @classmethod
    def showing(cls, free: Iterable[int] | None) -> "PlacesForm":
        """The form with the numbers that were confirmed last, so that one press confirms them again."""
        return cls(data=dict(zip(SESSIONS, free or (), strict=False)))

    def free(self) -> list[int]:
        """The ten numbers."""
        return [self[code].data or 0 for code in SESSIONS]

    def rows(self, sessions: Collection[str]) -> list[tuple[str, list[Any]]]:
        """(day, its fields): a row for each day; None in the place of a session that is not one of these,
        unless something is wrong with what was sent for it."""
        shown = {code for code in SESSIONS if code in sessions or self[code].errors}
        return [
            (name, [self[code] if (code := f"{day}_{half}") in shown else None for half in HALVES])
            for day, name in DAYS.items()
        ]


for _code, _name in SESSIONS.items():
    setattr(PlacesForm, _code, WholeNumberField(_name, [Optional()], most=999, noun=_name))


class PublishForm(Form):
    """The council has verified it."""

    version = HiddenField()
    how = TextAreaField(
        "How did you check it?",
        [Required("Say how you checked it: what you read, whom you asked, when you visited.")],
        description="Like: visited on 3 May, read the register of schools. Kept in the record.",
    )

    def seen_version(self) -> int:
        """The version that the page showed; -1 when the field was tampered with."""
        return number_in(self.version.data, -1)


class ReadForm(Form):
    """An officer has read what changed."""

    version = HiddenField()

    def seen_version(self) -> int:
        """The version that the page showed; -1 when the field was tampered with."""
        return number_in(self.version.data, -1)


class SendBackForm(Form):
    """The provider has to change it."""

    reason = TextAreaField(
        "What must the provider change?",
        [Required("Say what the provider has to change. It reads this.")],
        description="The provider reads this.",
    )
