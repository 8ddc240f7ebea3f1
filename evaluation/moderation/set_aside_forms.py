"""The form with which marks are set aside."""

from wtforms import TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form


class SetAsideForm(Form):
    """Why."""

    why = TextAreaField(
        "Why are the marks set aside?",
        [Required("Say why the marks are set aside. It is kept with them.")],
        description="Kept with the marks, and shown in the records of the round.",
    )
