"""The form in which a file is promised."""

import re

from wtforms import StringField
from wtforms.validators import Length, Regexp

from portal.web.fields import Required, WholeNumberField
from portal.web.forms import Form

LARGEST = 2**40  # bytes; what the question takes is said by a better sentence


class PromiseForm(Form):
    """What is known of a file that stays where it is."""

    filename = StringField(
        "Name of the file",
        description="With its ending, such as plan.pdf.",
        validators=[Required("Enter the name of the file."), Length(max=255)],
    )
    size = WholeNumberField(
        "Size in bytes",
        noun="The size",
        description="The properties of the file show it.",
        least=1,
        most=LARGEST,
        validators=[Required("Enter the size of the file in bytes.")],
    )
    sha256 = StringField(
        "Fingerprint (SHA-256)",
        description="64 digits and letters. On Windows: certutil -hashfile plan.pdf SHA256. On a Mac: "
        "shasum -a 256 plan.pdf. On Linux: sha256sum plan.pdf.",
        filters=[lambda typed: re.sub(r"\s", "", typed or "").lower()],
        validators=[
            Required("Enter the SHA-256 of the file."),
            Regexp("[0-9a-f]{64}$", message="A SHA-256 has 64 characters: digits, and letters from a to f."),
        ],
    )
