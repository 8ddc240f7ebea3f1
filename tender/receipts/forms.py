"""Checking a receipt: by its number and SHA-256, or by its PDF."""

from wtforms import FileField, StringField
from wtforms.validators import Length, Optional

from portal.web.forms import Form

_SHORT = Length(max=200, message="That is too long. Copy it again.")


class CheckForm(Form):
    """The code of a receipt, or its PDF; and a SHA-256 to look for on it."""

    number = StringField(
        "Number of the receipt",
        description="For example AP-2026-7K3F-9QX2.",
        validators=[_SHORT],
    )
    sha256 = StringField(
        "SHA-256 of the receipt",
        description="64 digits and letters from a to f, at the end of the page and of the letter.",
        validators=[_SHORT],
    )
    pdf = FileField(
        "Or choose the PDF of the receipt",
        description="We read its number and its SHA-256 and keep nothing.",
    )
    further = StringField(
        "Is this file on it?",
        description="The SHA-256 of a file that you have, if you want to know whether it was submitted.",
        validators=[Optional(), _SHORT],
    )

    @property
    def looked_for(self) -> str:
        """The further SHA-256 as receipts spell it."""
        return "".join((self.further.data or "").lower().split())
