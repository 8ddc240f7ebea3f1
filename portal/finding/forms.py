"""The form under which a search is saved."""

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from portal.finding.services import LONGEST_NAME
from portal.web.fields import Required
from portal.web.forms import Form


class SaveForm(Form):
    """A name, and whether letters are wanted. `address` is the query of the search."""

    address = HiddenField()
    name = StringField(
        "Name of this search",
        [
            Required("Give the search a name."),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} characters or fewer."),
        ],
        description="So that you know it again. Do not name a child.",
    )
    alerts = BooleanField("Write to me when a new service fits", default=True)
