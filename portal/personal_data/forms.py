"""Forms of the pages on personal data."""

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.personal_data.kinds import KINDS
from portal.personal_data.models import SUBJECTS
from portal.personal_data.services import LONGEST
from portal.web.fields import Required, UKDateField, WholeNumberField
from portal.web.forms import Form


class PeriodForm(Form):
    """A new period for one kind of record."""

    kind = SelectField(
        "What is kept", choices=[SelectChoice(kind.code, kind.title) for kind in KINDS.values()]
    )
    months = WholeNumberField(
        "Months", [Required("Give the number of months.")], least=1, most=LONGEST, noun="The number of months"
    )
    applies_from = UKDateField(
        "From which day", [Required("Give the day from which this applies.")], noun="The day"
    )
    source = StringField(
        "Where the period comes from",
        [Required("Say where the period comes from.")],
        description="For instance a law with its section, or the council's retention schedule.",
    )


class HoldForm(Form):
    """A legal hold on one subject."""

    subject_type = RadioField(
        "What must be kept",
        [Required("Choose what must be kept.")],
        choices=[SelectChoice(code, words) for code, words in SUBJECTS.items()],
        validate_choice=True,
    )
    named = StringField(
        "Which one",
        [Required("Say which one.")],
        description="An organisation by its whole name, a round as its page is called (Round 4 of …), a "
        "referral by its reference, a person by email address.",
    )
    reason = TextAreaField("Why", [Required("Say why it must be kept.")])


class LiftForm(Form):
    """The end of a hold."""

    reason = StringField("Why it is no longer needed", [Required("Say why the hold is no longer needed.")])


class AccessForm(Form):
    """Whose data to put together."""

    about = StringField(
        "Email address, reference or name",
        [Required("Enter an email address, the reference of a referral, or a full name.")],
        description="The address with which somebody signs in, a reference such as R-7K2QP that the "
        "child's school knows, or the full name of somebody whom a provider names as connected with it. For "
        "a child: its full name, or its UPN.",
    )
    school = StringField(
        "The child’s school, if it is about a child",
        [Optional()],
        description="By its whole name. Leave it empty for everybody else.",
    )
