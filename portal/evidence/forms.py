"""The forms of the vault."""

from wtforms import FileField, HiddenField, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.evidence.document_types import DOCUMENT_TYPES
from portal.evidence.facts import Facts
from portal.evidence.queries import VaultVersion
from portal.evidence.services import ACCEPTED, LARGEST, LONGEST
from portal.storage.inspection import kinds_in_words
from portal.storage.refusals import in_megabytes
from portal.web.fields import MoneyField, Required, UKDateField
from portal.web.forms import Form
from portal.web.given_files import GivenFileForm
from portal.web.text import id_in

_FILE = f"{kinds_in_words(ACCEPTED)}, up to {in_megabytes(LARGEST)}."
_SHORT = [Optional(), Length(max=LONGEST, message=f"Use at most {LONGEST} characters.")]


class FactsForm(Form):
    """What a document says of itself."""

    issuer = StringField("Who issued it", description="For example the insurer.", validators=_SHORT)
    number = StringField("Its number", description="For example the policy number.", validators=_SHORT)
    cover = MoneyField("Cover in pounds", [Optional()], noun="The cover", description="Of insurance only.")
    valid_from = UKDateField("Valid from", [Optional()], noun="“Valid from”")
    expires_on = UKDateField(
        "Valid until",
        [Optional()],
        noun="“Valid until”",
        description="The last day. We write to you 30 days and 7 days before, and on the day.",
    )

    @property
    def facts(self) -> Facts:
        """What was typed."""
        return Facts(
            issuer=self.issuer.data or "",
            number=self.number.data or "",
            cover=self.cover.data,
            valid_from=self.valid_from.data,
            expires_on=self.expires_on.data,
        )


class TitledForm(FactsForm):
    """Facts and a name."""

    title = StringField(
        "Name",
        description="By which you find it again, for example “Public liability insurance 2026 to 2027”.",
        validators=[
            Required("Give it a name."),
            Length(max=LONGEST, message=f"Use at most {LONGEST} characters."),
        ],
    )


class KeepForm(TitledForm):
    """A document that is uploaded already, with its facts."""

    type = SelectField(
        "Kind of document",
        choices={"": "Choose one", **{code: described.name for code, described in DOCUMENT_TYPES.items()}},
        validators=[Required("Choose what kind of document it is.")],
    )


class AddForm(GivenFileForm, KeepForm):
    """A new document."""

    file = FileField("File", description=_FILE)


class ReplaceForm(GivenFileForm, FactsForm):
    """A newer document of the same thing."""

    file = FileField("File", description=_FILE)


class CorrectForm(TitledForm):
    """Other facts of the same document. `drawn_with` are the version and revision that the page showed."""

    drawn_with = HiddenField()

    @classmethod
    def showing(cls, version: VaultVersion) -> "CorrectForm":
        """The form with what is recorded."""
        facts = {name: getattr(version.facts, name) for name in Facts.__dataclass_fields__}
        return cls(data={**facts, "title": version.title, "drawn_with": f"{version.id}-{version.revision}"})

    @property
    def seen(self) -> tuple[int, int]:
        """The version's id and revision that the page was drawn with; zeros for what are none."""
        one, _, other = (self.drawn_with.data or "").partition("-")
        version_id, revision = id_in(one, None), id_in(other, None)
        return (0, 0) if version_id is None or revision is None else (version_id, revision)

    def see(self, version: VaultVersion) -> None:
        """Let the form be sent again upon this version."""
        self.drawn_with.data = f"{version.id}-{version.revision}"
        self.drawn_with.raw_data = None
