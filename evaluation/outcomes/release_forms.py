"""The forms with which letters are released, and the award notice is noted."""

from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import Length, Optional

from portal.web.fields import Required, UKDateField, WholeNumberField
from portal.web.forms import Form
from tender.regimes.reference import Standstill

WINDOW = 30  # minutes, unless somebody says otherwise


class ReleaseForm(Form):
    """For how long a release can be cancelled, and whether admissions wait."""

    minutes = WholeNumberField(
        "Minutes in which you can still cancel",
        noun="The minutes",
        least=0,
        most=1440,
        default=WINDOW,
        validators=[Required("Enter the minutes. With 0 the letters go at once.")],
        description="The letters stay here until then. With 0 they go at once.",
    )
    wait = RadioField(
        "When do admissions take effect?",
        choices={"no": "With the letters", "yes": "After a standstill"},
        default="no",
        validators=[Required("Choose when admissions take effect.")],
        validate_choice=False,
    )
    before_notice = BooleanField("I know that admissions take effect before the contract award notice")
    standstill_days = WholeNumberField(
        "Working days",
        noun="The working days",
        least=1,
        most=60,
        validators=[Optional()],
    )

    def under(self, rule: Standstill, compulsory: bool) -> None:
        """Say what the law of the framework asks for, and offer nothing else."""
        self.wait.description = rule.says
        self.before_notice.description = rule.notice
        if self.standstill_days.data is None and not self.is_submitted():
            self.standstill_days.data = rule.working_days
        if compulsory:
            self.wait.choices = [("yes", "After a standstill, which the law asks for here")]
            if not self.is_submitted():
                self.wait.data = "yes"

    @property
    def standstill(self) -> int | None:
        """The working days of the standstill; None without one."""
        return (self.standstill_days.data or 0) if self.wait.data == "yes" else None


class AwardNoticeForm(Form):
    """When the contract award notice was published. `seen` is the version on the page, 0 for none."""

    seen = HiddenField()
    published_on = UKDateField(
        "Day on which the notice was published",
        [Required("Enter the day on which the notice was published.")],
        noun="The day",
    )
    reference = StringField(
        "Its reference",
        [
            Required("Give the notice's reference, as Find a Tender shows it."),
            Length(max=100, message="Use at most 100 characters."),
        ],
        description="For example 2026/S 000-074296.",
    )
