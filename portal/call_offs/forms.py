"""The form of a choice, and that of its end."""

from collections.abc import Sequence

from wtforms import RadioField
from wtforms.validators import Optional

from portal.call_offs.routes import ROUTES
from portal.call_offs.services import LONGEST_PREFERENCE, LONGEST_REASON
from portal.web.fields import Required, WordLimitedTextArea
from portal.web.forms import Form


class ChooseForm(Form):
    """By which route, why, and what the child and the parents want."""

    route = RadioField("How is this provider chosen?", [Required("Choose how this provider is chosen.")])
    reason = WordLimitedTextArea(
        "Why this provider?",
        LONGEST_REASON,
        [Required("Say why you choose this provider.")],
        description="What it offers that the others do not, for this child. You keep this as your "
        "evidence; no provider reads it. Name no child.",
    )
    pupil_preference = WordLimitedTextArea(
        "What does the child want?", LONGEST_PREFERENCE, [Optional()], description="In the child’s words."
    )
    parent_preference = WordLimitedTextArea("What do the parents want?", LONGEST_PREFERENCE, [Optional()])

    def offer_routes(self, routes: Sequence[str]) -> None:
        """Offer these routes; the only one is chosen already."""
        self.route.choices = [(route, ROUTES[route]) for route in routes]
        if len(routes) == 1 and not self.route.data:
            self.route.data = routes[0]


class CancelForm(Form):
    """Why nobody is chosen after all."""

    cancel_reason = WordLimitedTextArea(
        "Why do you cancel this choice?",
        LONGEST_REASON,
        [Required("Say why you cancel the choice.")],
        description="You keep this; the provider does not read it. Name no child.",
    )
