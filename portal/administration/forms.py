"""Forms of the administrator's area."""

from collections.abc import Mapping

from flask_wtf.file import FileField, FileRequired
from wtforms import EmailField, HiddenField, SearchField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.organisations.queries import KIND_NAMES, STATE_WORDS
from portal.settings.periods import PERIODS
from portal.settings.services import LONGEST
from portal.web.fields import Required, WholeNumberField, WordLimitedTextArea
from portal.web.forms import Form, QueryForm


def _any_of(names: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice("", "All"), *(SelectChoice(value, words) for value, words in names.items())]


class OrganisationsFilter(QueryForm):
    """Which organisations to list."""

    q = SearchField("Name or number", validators=[Length(max=100)])
    kind = SelectField("Kind", default="", choices=_any_of(KIND_NAMES))
    state = SelectField("Standing", default="", choices=_any_of(STATE_WORDS))


class PeopleFilter(QueryForm):
    """Whom to list."""

    q = SearchField("Name or email address", validators=[Length(max=100)])


class ReasonForm(Form):
    """Why: the organisation reads it."""

    reason = WordLimitedTextArea(
        "Reason",
        150,
        description="The organisation reads it in a letter and on its page.",
        validators=[Required("Give the reason. The organisation reads it.")],
    )


COLOUR = "Write the colour as # and six digits or letters a to f, like #0b3f5c."


class SettingsForm(Form):
    """What the council sets itself. What is left empty stays as the installation has it."""

    council_name = StringField("Name of the council", validators=[Length(max=LONGEST)])
    service_name = StringField("Name of the service", validators=[Length(max=LONGEST)])
    brand_colour = StringField(
        "Colour of the bar at the top",
        description="# and six digits or letters a to f, such as #0b3f5c.",
        validators=[Length(max=7, message=COLOUR)],
    )
    accent_colour = StringField(
        "Colour of links",
        description="Dark enough to be read on white: a contrast of at least 4.5 to 1.",
        validators=[Length(max=7, message=COLOUR)],
    )
    mail_sender = EmailField(
        "Letters come from this address",
        description="People's answers go there, too.",
        validators=[Length(max=LONGEST)],
    )
    version = HiddenField()
    mail_sender_name = StringField("Letters come from this name", validators=[Length(max=LONGEST)])


class PeriodsForm(Form):
    """How long things take. What is left empty stays as is usual."""

    version = HiddenField()

    def values(self) -> dict[str, int | None]:
        """What was typed, by the name of the period."""
        return {name: self[name].data for name in PERIODS}


for _name, _about in PERIODS.items():
    setattr(
        PeriodsForm,
        _name,
        WholeNumberField(
            f"{_about.label} ({_about.unit})",
            [Optional()],
            noun=_about.label,
            least=_about.least,
            most=_about.most,
            description=f"From {_about.least} to {_about.most:,}. Usual: {_about.usual}.",
        ),
    )


class LogoForm(Form):
    """A picture."""

    logo = FileField(
        "Logo",
        description="A PNG or JPEG picture, at most 2 MB. It is shown in the bar at the top, 60 pixels high.",
        validators=[FileRequired("Choose a picture.")],
    )
