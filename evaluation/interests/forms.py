"""The form for an interest."""

from wtforms import RadioField, StringField

from evaluation.interests.models import KINDS
from portal.web.fields import Required
from portal.web.forms import Form


class InterestForm(Form):
    """What somebody has to do with which organisation."""

    kind = RadioField(
        "What have you to do with it?",
        [Required("Choose what you have to do with it.")],
        choices=KINDS,
        validate_choice=False,
    )
    organisation_name = StringField(
        "Name of the school, charity, company or other organisation",
        [Required("Enter the organisation's name.")],
        description="As it is written on its letters. Do not name people.",
    )
