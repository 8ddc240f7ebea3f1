"""The forms of a profile."""

from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import Email, Length, Optional

from portal.profiles.exclusion_services import Ground
from portal.profiles.models import ConnectedPerson, ExclusionGround
from portal.profiles.queries import FIELDS, ProfileFacts
from portal.profiles.services import LONGEST, Connection
from portal.profiles.words import (
    APPLIES_TO,
    CONNECTED_KINDS,
    GROUND_NAMES,
    LAW_OF,
    LEGAL_FORMS,
    OPERATION_TYPES,
)
from portal.web.fields import Required, UKDateField, WordLimitedTextArea
from portal.web.forms import Form
from portal.web.text import number_in

_SHORT = [Optional(), Length(max=LONGEST, message=f"Use at most {LONGEST} characters.")]
_EMAIL = [*_SHORT, Email("Enter an email address in the correct format, like name@example.org.")]
_CHOOSE = {"": "Choose one"}


class ProfileForm(Form):
    """What a provider says of itself. `version` is that of the profile as the page showed it."""

    version = HiddenField(default="0")
    legal_form = SelectField("Legal form", choices={**_CHOOSE, **LEGAL_FORMS}, validators=[Optional()])
    trading_name = StringField("Trading name", description="Where it differs.", validators=_SHORT)
    operation_types = SelectMultipleField(
        "Size and kind",
        choices=OPERATION_TYPES,
        description="Choose all that apply.",
        validators=[Optional()],
    )
    registered_address = TextAreaField("Registered address", validators=_SHORT)
    postal_address = TextAreaField("Postal address", description="Where it differs.", validators=_SHORT)
    website = URLField("Website", validators=_SHORT)
    description = WordLimitedTextArea(
        "Your organisation in short", 150, [Optional()], description="What you do, for whom, and where."
    )
    contact_name = StringField("Contact for tenders: name", validators=_SHORT)
    contact_email = EmailField("Contact for tenders: email address", validators=_EMAIL)
    contact_telephone = TelField("Contact for tenders: telephone", validators=_SHORT)
    dsl_name = StringField("Designated safeguarding lead: name", validators=_SHORT)
    dsl_email = EmailField("Designated safeguarding lead: email address", validators=_EMAIL)
    dsl_telephone = TelField("Designated safeguarding lead: telephone", validators=_SHORT)

    @classmethod
    def showing(cls, profile: ProfileFacts) -> "ProfileForm":
        """The form with what is kept."""
        return cls(data={**profile.values, "version": str(profile.version)})

    @property
    def seen_version(self) -> int:
        """The version that the page showed; -1 for what is not one."""
        return number_in(self.version.data, -1)

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field."""
        typed = {name: self[name].data or "" for name in FIELDS}
        return {**typed, "operation_types": self.operation_types.data or []}

    def see(self, profile: ProfileFacts) -> None:
        """Let the form be sent again upon what is kept now."""
        self.version.data, self.version.raw_data = str(profile.version), None


class ConnectedForm(Form):
    """A connected person."""

    kind = RadioField(
        "What connects them", choices=CONNECTED_KINDS, validators=[Required("Choose what connects them.")]
    )
    name = StringField(
        "Name of the person or organisation",
        validators=[Required("Enter the name."), Length(max=LONGEST, message="Use a shorter name.")],
    )
    nature = StringField(
        "Role, or nature of control",
        description="For example: trustee; holds more than 25% of the shares.",
        validators=_SHORT,
    )
    since = UKDateField("Since", [Optional()], noun="“Since”")
    until = UKDateField("Until", [Optional()], noun="“Until”", description="Leave it empty while it lasts.")

    @classmethod
    def showing(cls, person: ConnectedPerson) -> "ConnectedForm":
        """The form with what is kept."""
        return cls(data={name: getattr(person, name) for name in Connection.__slots__})

    @property
    def said(self) -> Connection:
        """What was typed."""
        return Connection(
            kind=self.kind.data or "",
            name=self.name.data or "",
            nature=self.nature.data or "",
            since=self.since.data,
            until=self.until.data,
        )


class GroundForm(Form):
    """An exclusion ground, with the fields of the central digital platform."""

    ground = SelectField(
        "Which ground",
        choices={
            **_CHOOSE,
            **{
                code: label if LAW_OF[code] == "PA2023" else f"{label} (2015 Regulations)"
                for code, label in GROUND_NAMES.items()
            },
        },
        validators=[Required("Choose the ground.")],
    )
    applies_to = RadioField(
        "To whom it applies", choices=APPLIES_TO, validators=[Required("Choose to whom it applies.")]
    )
    applies_to_name = StringField("Who it is", description="Unless it is you.", validators=_SHORT)
    in_uk = RadioField(
        "Did it happen in the United Kingdom?",
        choices={"yes": "Yes", "no": "No"},
        validators=[Required("Say whether it happened in the United Kingdom.")],
    )
    jurisdiction = StringField(
        "Country or jurisdiction", description="If it was not in the United Kingdom.", validators=_SHORT
    )
    happened_on = UKDateField("When it happened", [Optional()], noun="The day")
    decided_on = UKDateField("When it was decided", [Optional()], noun="The day of the decision")
    detail = WordLimitedTextArea("What happened", 500, [Required("Say what happened.")])
    managed = WordLimitedTextArea(
        "How it is managed",
        500,
        [Required("Say how it is managed.")],
        description="How you took it seriously, what prevents it from happening again, and how you watch it.",
    )
    document = SelectField("Document that shows it", description="From your evidence vault.")
    contact_email = EmailField("Email address of whoever can say more", validators=_EMAIL)
    ended_on = UKDateField(
        "When the circumstances ended",
        [Optional()],
        noun="The day they ended",
        description="Leave it empty while they last.",
    )
    published_at = URLField(
        "Web page of a public authority that records it", description="If there is one.", validators=_SHORT
    )

    def offer(self, documents: list[tuple[UUID, str]]) -> "GroundForm":
        """Let these documents of the vault (id and title) be chosen."""
        self.document.choices = {"": "None", **{str(each): title for each, title in documents}}
        return self

    @classmethod
    def showing(cls, ground: ExclusionGround | None) -> "GroundForm":
        """The form with what is kept."""
        if ground is None:
            return cls()
        kept = {name: getattr(ground, name) for name in Ground.__slots__}
        kept |= {"in_uk": "yes" if ground.in_uk else "no", "document": str(ground.document_id or "")}
        return cls(data=kept)

    @property
    def said(self) -> Ground:
        """What was typed."""
        words = ("ground", "applies_to", "applies_to_name", "jurisdiction", "detail", "managed")
        return Ground(
            **{name: self[name].data or "" for name in (*words, "contact_email", "published_at")},
            in_uk=self.in_uk.data == "yes",
            happened_on=self.happened_on.data,
            decided_on=self.decided_on.data,
            ended_on=self.ended_on.data,
            document_id=UUID(self.document.data) if self.document.data else None,
        )


class DeclareForm(Form):
    """The declaration of a named person. `seen` is the fingerprint of the grounds that the page showed."""

    law = HiddenField()
    seen = HiddenField()
    confirmed = BooleanField("I declare this")


class ShareCodeForm(Form):
    """A share code."""

    code = StringField(
        "Share code",
        description="8 letters and digits, as the central digital platform shows them.",
        validators=[Required("Enter the share code.")],
    )
