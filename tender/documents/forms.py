"""Adding a document to a round and replacing one."""

from wtforms import FileField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from portal.storage.inspection import kinds_in_words
from portal.storage.refusals import in_megabytes
from portal.web.fields import Required
from portal.web.given_files import GivenFileForm
from tender.documents.models import KINDS
from tender.documents.services import ACCEPTED, LARGEST, LONGEST_TITLE

_HINT = f"{kinds_in_words(ACCEPTED)}, up to {in_megabytes(LARGEST)}."


class AddForm(GivenFileForm):
    """A new paper."""

    title = StringField(
        "Title",
        description="What people will look for, for example “Specification for all lots”.",
        validators=[
            Required("Enter the title."),
            Length(max=LONGEST_TITLE, message=f"Use at most {LONGEST_TITLE} characters."),
        ],
    )
    kind = RadioField("Kind", choices=KINDS, validators=[Required("Choose what kind of document it is.")])
    file = FileField("File", description=_HINT)


class ReplaceForm(GivenFileForm):
    """A new version of a paper."""

    reason = TextAreaField(
        "What is different, and why",
        description="Everyone who is told of the round reads this.",
        validators=[Length(max=2_000, message="Use at most 2,000 characters.")],
    )
    file = FileField("File", description=_HINT)
