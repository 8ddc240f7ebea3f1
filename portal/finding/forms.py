"""The form under which a search is saved, and that of a period."""

from datetime import date, timedelta

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from portal.finding.services import LONGEST_NAME
from portal.web.fields import Required, UKDateField
from portal.web.forms import Form, QueryForm


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


class PeriodForm(QueryForm):
    """From which day to which; the last year where nothing else is said."""

    since = UKDateField("From", noun="The first day")
    until = UKDateField("To", noun="The last day")

    def period(self, today: date) -> tuple[date, date]:
        """The first and the last day. A day that is none is left out, with a sentence at its field."""
        self.validate()
        until = today if self.until.errors else self.until.data or today
        year_before = until - timedelta(days=365)
        since = year_before if self.since.errors else self.since.data or year_before
        if since > until:
            self.refuse("The last day must not be before the first.", "until")
            return until - timedelta(days=365), until
        return since, until
