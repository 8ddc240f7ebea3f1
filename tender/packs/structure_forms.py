"""The forms of a section and of a scale."""

from wtforms import HiddenField, StringField, TextAreaField

from portal.web.fields import Required
from portal.web.forms import Form
from tender.frameworks.forms import at_most
from tender.frameworks.pack import AskedSection, MarkingScale
from tender.packs import lines
from tender.packs.blank import NEW_BANDS
from tender.packs.fields import LinesField


class SectionForm(Form):
    """A part of the pack."""

    seen = HiddenField()
    title = StringField("Title", [Required("Enter the title."), at_most(200)])
    introduction = TextAreaField(
        "Introduction (optional)",
        [at_most(5_000)],
        description="What applicants should know before they answer the questions of this section.",
    )


class ScaleForm(Form):
    """A scale."""

    seen = HiddenField()
    name = StringField(
        "Name", [Required("Enter the name."), at_most(100)], description="Such as “Quality, 0 to 5”."
    )
    bands = LinesField(
        "Bands",
        [Required("Enter at least two bands.")],
        reads=lines.bands_in,
        writes=lines.bands_as_lines,
        description="One a line: points, label, a colon, and what an answer worth them is like. For example "
        "“3 Good: Answers every part of the question with some evidence”.",
    )


def section_form(section: AskedSection | None, *, sent: bool = True) -> SectionForm:
    """The form of a section, or of a new one. Without `sent`, what the request brings is left alone."""
    data = (
        {"seen": section.fingerprint, "title": section.title, "introduction": section.introduction}
        if section
        else {}
    )
    return SectionForm(data=data) if sent else SectionForm(formdata=None, data=data)


def scale_form(scale: MarkingScale | None, *, sent: bool = True) -> ScaleForm:
    """The form of a scale, or of a new one. Without `sent`, what the request brings is left alone."""
    data = (
        {"seen": scale.fingerprint, "name": scale.name, "bands": scale.bands}
        if scale
        else {"bands": NEW_BANDS}
    )
    return ScaleForm(data=data) if sent else ScaleForm(formdata=None, data=data)
