"""The form with which letters are released."""

from wtforms import RadioField
from wtforms.validators import Optional

from portal.web.fields import Required, WholeNumberField
from portal.web.forms import Form

WINDOW = 30  # minutes, unless somebody says otherwise
STANDSTILL = 8  # working days, the shortest: see `release_services.SHORTEST_STANDSTILL`
LAW_ON_STANDSTILL = {
    "PA2023": "The law asks for none before a light touch contract (Procurement Act 2023, section 51). A "
    "voluntary one lasts 8 working days or longer.",
    "PCR2015": "Before a framework agreement is concluded, regulations 86 and 87 of the Public Contracts "
    "Regulations 2015 ask for a standstill of 10 days, with few exceptions. 8 working days cover it.",
}


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
    standstill_days = WholeNumberField(
        "Working days",
        noun="The working days",
        least=1,
        most=60,
        default=STANDSTILL,
        validators=[Optional()],
    )

    def under(self, legal_regime: str) -> None:
        """Say what the law of the framework asks for."""
        self.wait.description = LAW_ON_STANDSTILL[legal_regime]

    @property
    def standstill(self) -> int | None:
        """The working days of the standstill; None without one."""
        return (self.standstill_days.data or 0) if self.wait.data == "yes" else None
