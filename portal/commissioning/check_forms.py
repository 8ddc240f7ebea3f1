"""The form with which a person of a school signs a check."""

from wtforms import RadioField, StringField
from wtforms.validators import Length

from portal.commissioning.check_services import LONGEST_NAME, LONGEST_NOTE
from portal.commissioning.own_checks import OWN_CHECKS
from portal.web.fields import Required, UKDateField, WordLimitedTextArea
from portal.web.forms import Form


class SignForm(Form):
    """What was checked, when, by whom, and what was seen."""

    kind = RadioField(
        "What was checked?",
        [Required("Choose what was checked.")],
        choices={kind: about.title for kind, about in OWN_CHECKS.items()},
    )
    done_on = UKDateField(
        "When?",
        [Required("Enter the day of the check.")],
        noun="The day of the check",
        description="For example, 27 3 2026.",
    )
    done_by = StringField(
        "Who checked it?",
        [
            Required("Say who checked it, by name."),
            Length(max=LONGEST_NAME, message=f"Use at most {LONGEST_NAME} characters."),
        ],
        description="The name and role of your colleague.",
    )
    note = WordLimitedTextArea(
        "What was seen?",
        LONGEST_NOTE,
        [Required("Say what was seen.")],
        description="You and your colleagues alone read this. Name no child.",
    )
