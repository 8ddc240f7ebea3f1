"""The form for a price that waits for a person."""

from wtforms import RadioField, TextAreaField

from evaluation.outcomes.forms import VersionForm
from portal.web.fields import Required


class PriceForm(VersionForm):
    """Whether a price counts, and why. `version` is that of the decision on the page, 0 for none."""

    counts = RadioField(
        "Does this price count?",
        [Required("Choose whether this price counts.")],
        choices={"yes": "Yes, it is scored", "no": "No, the tender is not ranked for this lot"},
        validate_choice=False,
    )
    reason = TextAreaField(
        "Reason",
        [Required("Give a reason. The provider reads it if its price does not count.")],
        description="What you asked the provider, and what it said. The approver reads this, and the "
        "provider if its price does not count.",
    )
