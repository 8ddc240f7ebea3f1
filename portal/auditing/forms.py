"""The filters of the trail."""

from wtforms import SelectField, StringField
from wtforms.validators import Length

from portal.auditing.queries import Wanted
from portal.web.fields import UKDateField
from portal.web.forms import QueryForm


class TrailForm(QueryForm):
    """Which lines of the trail. It reads the address, so a question can be kept and sent on."""

    subject = StringField(
        "What it is about",
        description="A kind, like referral, or a kind and its number, like application 12.",
        validators=[Length(max=100)],
    )
    person = StringField(
        "Who did it", description="A name or an email address.", validators=[Length(max=100)]
    )
    action = SelectField("What happened", validate_choice=False)
    since = UKDateField("From", noun="the first day")
    until = UKDateField("To", noun="the last day")

    def wanted(self) -> Wanted:
        """What is asked for. A day that is none is left out, with a sentence at its field."""
        self.validate()
        kind, _, number = (self.subject.data or "").strip().partition(" ")
        since, until = self.since.data, self.until.data
        if since and until and since > until:
            self.refuse("The last day must not be before the first.", "until")
        return Wanted(
            subject_type=kind[:100].lower(),
            subject_id=number.strip()[:100],
            person=(self.person.data or "").strip()[:100],
            action=self.action.data or "",
            since=None if self.since.errors else since,
            until=None if self.until.errors else until,
        )
