"""Forms for members, invitations and requests to join."""

from wtforms import EmailField, PasswordField, SearchField, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import Email, Length

from portal.accounts.permissions import ROLE_MEANINGS, ROLE_NAMES
from portal.web.fields import Required, WordLimitedTextArea
from portal.web.forms import Form, QueryForm

EMAIL_SHAPE = "Enter an email address in the correct format, like name@example.org."


class RolesForm(Form):
    """Roles in one organisation. `offer` fills the choices for its kind."""

    roles = SelectMultipleField("Roles", validators=[Required("Choose at least one role.")])

    def offer(self, kind: str) -> "RolesForm":
        """Let the roles of this kind of organisation be chosen."""
        self.roles.choices = [SelectChoice(role, ROLE_NAMES[role]) for role in ROLE_MEANINGS[kind]]
        return self


class InviteForm(RolesForm):
    """Whom, as what."""

    email = EmailField(
        "Email address",
        validators=[Required("Enter an email address."), Email(EMAIL_SHAPE), Length(max=200)],
    )


class DeclineForm(Form):
    """Why not."""

    reason = WordLimitedTextArea("Reason (optional)", 100, description="The person reads it.")


class FindForm(QueryForm):
    """Looking for an organisation."""

    q = SearchField(
        "Name or registration number",
        description="At least three letters of the name, or a company, charity, UKPRN, URN or PPON number.",
        validators=[Length(max=100)],
    )


class JoinForm(Form):
    """A person with an account asks."""

    message = WordLimitedTextArea(
        "Message (optional)", 60, description="Say who you are, so that the administrator knows you."
    )


class NewcomerForm(Form):
    """Somebody who was invited and has no account."""

    name = StringField("Your name", validators=[Required("Enter your name."), Length(max=100)])
    password = PasswordField(
        "Password",
        description="At least 12 characters. Three random words work well.",
        validators=[Required("Enter a password.")],
    )


class JoinNewcomerForm(JoinForm, NewcomerForm):
    """A person without an account asks."""

    email = EmailField(
        "Your email address",
        validators=[Required("Enter your email address."), Email(EMAIL_SHAPE), Length(max=200)],
    )


def meanings(kind: str) -> dict[str, str]:
    """What each role is for, as hints beneath the choices."""
    return dict(ROLE_MEANINGS[kind])
