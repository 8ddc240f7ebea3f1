"""Turning reminders off and on."""

from wtforms import RadioField

from portal.web.fields import Required
from portal.web.forms import Form


class RemindersForm(Form):
    """Whether to be reminded."""

    wanted = RadioField(
        "Do you want to be reminded by email?",
        choices={"yes": "Yes, remind me", "no": "No, do not remind me"},
        validators=[Required("Choose whether you want to be reminded.")],
    )
