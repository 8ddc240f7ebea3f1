"""The pages on which an agreement is written, and the forms with which it is signed, changed and ended."""

from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from portal.agreements.services import digest_of
from portal.agreements.terms import Terms
from portal.commissioning.models import PRICE_UNITS
from portal.commissioning.need_profile import EHC_PLANS
from portal.directory.offer import SESSIONS, TIERS, in_week_order
from portal.web.fields import (
    DaysField,
    MoneyField,
    Required,
    UKDateField,
    WholeNumberField,
    WordLimitedTextArea,
)
from portal.web.forms import Form, QueryForm
from portal.web.text import number_in

_TEXTS = (TextAreaField, SelectField, RadioField)


class StepForm(Form):
    """One page of an agreement: `seen` tells whether somebody else saved it meanwhile."""

    seen = HiddenField()
    step = ""

    @classmethod
    def of(cls, terms: Terms) -> "StepForm":
        """The page with what is kept."""
        form = cls(formdata=None, **{name: getattr(terms, name) for name in cls.names()})
        form.seen.data = digest_of(terms, cls.names())
        return form

    @classmethod
    def names(cls) -> list[str]:
        """The terms that the page asks for."""
        return [name for name in Terms.__dataclass_fields__ if hasattr(cls, name)]

    def ask_for_a_change(self) -> None:
        """Ask as one asks about a variation; most pages ask the same."""

    def values(self) -> dict[str, Any]:
        """What was typed, as the service takes it: no text at all is an empty one."""
        return {
            name: field.data or ""
            if isinstance(field, _TEXTS) and not isinstance(field, DaysField)
            else field.data
            for name, field in ((name, self._fields[name]) for name in self.names())
        }


def _tenths(form: Form, field: Any) -> None:
    """At most one digit behind the point: more would be rounded away."""
    if field.data is not None and not field.errors and field.data != round(field.data, 1):
        raise ValidationError("Use at most one digit after the point, such as 2.5.")


class TimesForm(StepForm):
    """From when to when, on which half days, and where."""

    step = "times"
    starts_on = UKDateField("First day", [Required("Enter the first day.")], noun="The first day")
    ends_on = UKDateField(
        "Last day",
        [Required("Enter the last day.")],
        noun="The last day",
        description="A placement has an end. You can agree a longer one later.",
    )
    longest_weeks = WholeNumberField(
        "How many weeks may it last at most?",
        [Required("Enter how many weeks it may last at most.")],
        least=1,
        most=200,
        noun="The longest period",
        description="From the first day, with every extension. Who agrees to a longer one says so in a new "
        "version.",
    )
    sessions = SelectMultipleField("On which half days?", choices=SESSIONS)
    session_hours = DecimalField(
        "How many hours is one half day?",
        [
            Required("Enter how many hours a half day is."),
            NumberRange(Decimal("0.5"), Decimal(6), message="Enter between 0.5 and 6 hours."),
            _tenths,
        ],
        places=1,
        description="With breaks and lunch, from when the child arrives to when the child leaves.",
    )
    site = WordLimitedTextArea(
        "Where does the child learn?",
        60,
        description="The full address, and whom to report to there. Name a second site too.",
    )
    tier = SelectField(
        "Which tier of alternative provision is it?", [Optional()], choices={"": "Not chosen yet", **TIERS}
    )

    def ask_for_a_change(self) -> None:
        """Of a variation the first day stays: the page asks from when the change counts."""
        self.starts_on.label.text = "From when does the change count?"
        self.starts_on.description = "Until the day before, what is in force now counts. The first day stays."
        self.starts_on.noun = "The day"

    def values(self) -> dict[str, Any]:
        """What was typed, half days in the order of the week."""
        return super().values() | {"sessions": in_week_order(self.sessions.data or [])}


class PriceForm(StepForm):
    """What it costs, and how the child gets there."""

    step = "price"
    price = MoneyField("Price, without VAT", most=Decimal("999999.99"), noun="The price")
    price_unit = RadioField(
        "The price is for",
        [Required("Choose what the price is for.")],
        choices={unit: words for unit, words in PRICE_UNITS.items()},
    )
    price_covers = WordLimitedTextArea(
        "What does the price cover?", 80, [Optional()], description="For example, lunch and exam fees."
    )
    transport = WordLimitedTextArea(
        "How does the child get there and back, and who pays?",
        80,
        description="Also say who is with the child on the way.",
    )


class AimsForm(StepForm):
    """What it is for, from where the child starts, and how everybody will see how it goes."""

    step = "aims"
    ehc_plan = RadioField(
        "Has the child an education, health and care plan?",
        [Optional()],
        choices=EHC_PLANS,
        description="It counts for the test by which a setting must register as a school.",
    )
    objectives = WordLimitedTextArea(
        "What is the placement to achieve?",
        250,
        description="We copied what you wrote in the referral. Turn it into two or three aims that"
        " one can see.",
    )
    baseline_attendance = DecimalField(
        "Attendance at the point of referral, in per cent",
        [Optional(), NumberRange(0, 100, message="Enter a percentage from 0 to 100."), _tenths],
        places=1,
        description="Later attendance is compared with it.",
    )
    baseline = WordLimitedTextArea(
        "Where does the child start from?",
        150,
        description="What you know today about learning, behaviour and wellbeing, so that progress"
        " can be seen.",
    )
    plan = WordLimitedTextArea(
        "What will the child do there?", 250, description="The personal plan that the provider follows."
    )
    curriculum = WordLimitedTextArea("Which subjects and qualifications does the child work at?", 100)
    reviews_on = DaysField(
        "On which days is it reviewed?",
        description="At least once in every half term. One day on each line, such as 27 3 2026."
        " Invite the parents.",
    )
    reintegration = WordLimitedTextArea(
        "How will you know that the child is ready to come back, or to go on?",
        150,
        description="What must be true, and who decides it at a review.",
    )


class CareForm(StepForm):
    """Who keeps the child safe, what is shared, and how it ends."""

    step = "care"
    school_contact = WordLimitedTextArea(
        "Whom does the provider call at your school?", 40, description="Name, role, telephone and email."
    )
    school_safeguarding_lead = WordLimitedTextArea(
        "Your designated safeguarding lead", 40, description="Name, telephone and email."
    )
    provider_safeguarding_lead = WordLimitedTextArea(
        "The provider’s designated safeguarding lead", 40, description="Name, telephone and email."
    )
    vetting_confirmed_on = UKDateField(
        "When did the provider confirm its safeguarding checks in writing?",
        noun="The day",
        description="Written confirmation that everybody who works with the child has been checked.",
    )
    attendance_reported_by = WordLimitedTextArea(
        "Who reports an absence, to whom and by when?",
        80,
        description="You must know where the child is in every half day.",
    )
    data_sharing = WordLimitedTextArea("What information is shared, and how?", 150)
    notice_days = WholeNumberField(
        "Days of notice to end early",
        [Required("Enter how many days of notice, 0 to 90.")],
        least=0,
        most=90,
        noun="The days of notice",
        description="A child who is not safe leaves at once, whatever stands here.",
    )


STEP_FORMS: dict[str, type[StepForm]] = {
    form.step: form for form in (TimesForm, PriceForm, AimsForm, CareForm)
}


class SignForm(Form):
    """A signature: over which version, as what, and that it was read."""

    number = HiddenField()
    sha256 = HiddenField()
    signed_as = StringField(
        "Your role",
        [Required("Enter your role, such as Headteacher."), Length(max=100)],
        description="For example, Headteacher or Director.",
    )
    read = BooleanField(
        "I have read this agreement and sign it for my organisation",
        [Required("Tick the box to sign.")],
    )

    def signed_number(self) -> int:
        """The version that the page showed; 0 when that was tampered with."""
        return number_in(self.number.data, 0, digits=4)


class ReasonForm(Form):
    """Why something is changed, sent back, cancelled or varied."""

    number = HiddenField()
    reason = WordLimitedTextArea("Why?", 100, [Required("Say why.")])

    def about_number(self) -> int:
        """The version that the page showed; 0 when that was tampered with."""
        return number_in(self.number.data, 0, digits=4)


class EndForm(Form):
    """The last day, and why."""

    last_day = UKDateField(
        "What is the last day?",
        [Required("Enter the last day.")],
        noun="The last day",
        description="For example, 27 3 2026.",
    )
    reason = WordLimitedTextArea(
        "Why does the placement end early?",
        150,
        [Required("Say why the placement ends early.")],
        description="School, provider and the council’s quality officers read this.",
    )


class PlacementFilter(QueryForm):
    """Which placements the council looks at."""

    q = SearchField("School, provider or reference", [Length(max=100)])
    lot = SelectField("Lot", default="", validate_choice=False)
    state = SelectField(
        "State", default="", choices={"": "Now or to come", "over": "Over", "all": "All of them"}
    )

    def offer(self, lots: list[tuple[int, str]]) -> None:
        """Fill in the lots that there are."""
        self.lot.choices = [("", "Every lot"), *((str(key), name) for key, name in lots)]

    @property
    def lot_id(self) -> int | None:
        """The chosen lot; None for all, and for what is no lot of the list."""
        chosen = self.lot.data or ""
        return int(chosen) if chosen in [value for value, _ in self.lot.choices or ()] and chosen else None
