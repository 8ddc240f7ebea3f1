"""The form that asks for a record file."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from evaluation.records.services import MOST_CHARACTERS
from portal.web.fields import Required
from portal.web.forms import Form


class AskForm(Form):
    """Which file, and what a disclosure pack is for."""

    kind = RadioField(
        "Which file do you need?", [Required("Choose the file that you need.")], validate_choice=False
    )
    purpose = TextAreaField(
        "What is the disclosure pack for?",
        [Length(max=MOST_CHARACTERS)],
        description="Only for a disclosure pack: for instance an audit, a claim, or a request under the "
        "Freedom of Information Act. It is kept in the record.",
    )
