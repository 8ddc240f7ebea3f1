"""Forms for sections that are marked apart."""

from wtforms import HiddenField, SelectMultipleField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form


class ApartForm(Form):
    """Which sections are marked apart. The view gives the choices: titles by code."""

    sections = SelectMultipleField(
        "Sections that are marked apart",
        validate_choice=False,
        description="Such as price, or safeguarding. Afterwards choose who marks them, on the panel's page.",
    )


class ReleaseForm(Form):
    """Why a section is released to the other evaluators."""

    section = HiddenField()
    reason = TextAreaField(
        "Why is it released?",
        [Required("Say why the section is released. The reason is kept.")],
        description="Kept in the panel's history. A section that is released stays so.",
    )
