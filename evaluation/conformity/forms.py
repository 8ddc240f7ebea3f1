"""The form for deciding a condition."""

from wtforms import HiddenField, RadioField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form

RESULTS = {"pass": "Pass", "fail": "Fail"}


class VersionField(HiddenField):
    """The version of what the page shows, carried through the form."""

    @property
    def number(self) -> int:
        """The version; -1, which nothing has, for anything that is not a number."""
        typed = str(self.data)
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1


class DecideForm(Form):
    """Pass or fail, and why. `version` is that of the check on the page."""

    version = VersionField()
    result = RadioField(
        "Your decision", [Required("Choose pass or fail.")], choices=RESULTS, validate_choice=False
    )
    reason = TextAreaField(
        "Your reason",
        [Required("Give a reason. The provider may be told it.")],
        description="The approver and the auditors read this, and a provider that fails is told it.",
    )
