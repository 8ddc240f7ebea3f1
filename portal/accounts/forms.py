"""The form of a provider's registration."""

from wtforms import EmailField, PasswordField, SelectChoice, SelectField, StringField, TelField
from wtforms.validators import Email, Length

from portal.accounts.models import IDENTIFIER_SCHEMES
from portal.web.fields import PostcodeField, Required
from portal.web.forms import Form

SCHEMES = [SelectChoice(scheme, label) for scheme, label in IDENTIFIER_SCHEMES.items() if scheme != "GB-UID"]
EMAIL_SHAPE = "Enter an email address in the correct format, like name@example.org."


class RegisterProviderForm(Form):
    """The organisation and its first user, who administers it."""

    organisation_name = StringField(
        "Name of your organisation",
        description="As it stands in its register, or your own name if you work on your own.",
        validators=[Required("Enter the name of your organisation."), Length(max=200)],
    )
    scheme = SelectField(
        "Registration number",
        description="If your organisation has several, choose the one that you use most.",
        choices=[SelectChoice("", "We do not have a number"), *SCHEMES],
    )
    number = StringField("The number", validators=[Length(max=40)])
    address = StringField("Address", validators=[Length(max=300)])
    postcode = PostcodeField("Postcode", validators=[Required("Enter the postcode of your organisation.")])
    telephone = TelField("Telephone number", validators=[Length(max=30)])
    name = StringField(
        "Your name",
        validators=[Required("Enter your name."), Length(max=100)],
    )
    email = EmailField(
        "Your email address",
        description="You sign in with it, and receipts and decisions are sent to it.",
        validators=[Required("Enter your email address."), Email(EMAIL_SHAPE), Length(max=200)],
    )
    password = PasswordField(
        "Password",
        description="At least 12 characters. Three random words work well.",
        validators=[Required("Enter a password.")],
    )

    def validate_number(self, field: StringField) -> None:
        """A number needs its register, and the other way round."""
        if field.data and not self.scheme.data:
            self.scheme.errors = [*self.scheme.errors, "Choose which register the number is from."]
        if self.scheme.data and not field.data:
            field.errors = [*field.errors, "Enter the number, or choose that you do not have one."]
