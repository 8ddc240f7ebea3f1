"""Forms of signing in. Registration's is in `portal.accounts.forms`."""

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import Email, Length

from portal.accounts.credentials import LONGEST_PASSWORD
from portal.accounts.forms import EMAIL_SHAPE
from portal.web.fields import Required
from portal.web.forms import Form

NEW_PASSWORD = "At least 12 characters. Three random words work well."
# Longer than a password may be, so that one which was too long is told so by its own sentence.
_NOT_ENDLESS = Length(max=4 * LONGEST_PASSWORD, message="Use at most 256 characters for your password.")


class SignInForm(Form):
    """Address and password."""

    email = EmailField("Email address", validators=[Required("Enter your email address."), Length(max=200)])
    password = PasswordField("Password", validators=[Required("Enter your password."), _NOT_ENDLESS])


class SecondStepForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField("Code", validators=[Required("Enter the code."), Length(max=40)])


class LetterCodeForm(Form):
    """The code of a letter, and the address to which it went."""

    email = EmailField(
        "Email address",
        validators=[Required("Enter your email address."), Email(EMAIL_SHAPE), Length(max=200)],
    )
    code = StringField(
        "Code",
        description="6 digits, from the letter that we sent to this address.",
        validators=[Required("Enter the code of the letter."), Length(max=20)],
    )


class AddressForm(Form):
    """An e-mail address."""

    email = EmailField(
        "Email address",
        validators=[Required("Enter your email address."), Email(EMAIL_SHAPE), Length(max=200)],
    )


class PressForm(Form):
    """Nothing but a button."""


class LinkForm(Form):
    """The token of a letter's link."""

    token = HiddenField()


class NewPasswordForm(Form):
    """A new password."""

    password = PasswordField(
        "New password", description=NEW_PASSWORD, validators=[Required("Enter a new password."), _NOT_ENDLESS]
    )


class ResetPasswordForm(NewPasswordForm):
    """A new password, by the link of a letter."""

    token = HiddenField()


class ProveForm(Form):
    """The password once more."""

    password = PasswordField("Password", validators=[Required("Enter your password."), _NOT_ENDLESS])


class AppForm(Form):
    """The first code of a new authenticator app."""

    sealed = HiddenField()
    code = StringField(
        "Code from the app",
        description="6 digits.",
        validators=[Required("Enter the code that the app shows."), Length(max=20)],
    )
