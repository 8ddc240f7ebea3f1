"""The routes by which one provider is chosen for one child, and which of them a person takes by hand."""

from tender.frameworks.models import CALL_OFF_ROUTES as ROUTES

__all__ = ["BY_HAND", "ROUTES", "ROUTE_HINTS"]

BY_HAND = ("direct_award", "user_choice")
"""What a school chooses on the page of the choice. Mini-competitions have pages of their own, and so have
places that were bought before: they end in the same service."""

ROUTE_HINTS = {
    "direct_award": "You choose this provider yourselves. Say why it meets this child’s needs best.",
    "user_choice": "The child or the parents chose this provider. Say below what they said.",
}
