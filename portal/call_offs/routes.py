"""The routes by which one provider is chosen for one child, and which of them a person takes by hand."""

from tender.frameworks.models import CALL_OFF_ROUTES as ROUTES

__all__ = ["BY_HAND", "ELSEWHERE", "ROUTES", "ROUTE_HINTS"]

BY_HAND = ("direct_award", "user_choice")
"""What a school chooses on the page of the choice."""

ELSEWHERE = {"mini_competition": "competitions.new", "block": "blocks.choose"}
"""Routes with pages of their own, which end in the same service: the endpoint, for a `referral_id`."""

ROUTE_HINTS = {
    "direct_award": "You choose this provider yourselves. Say why it meets this child’s needs best.",
    "user_choice": "The child or the parents chose this provider. Say below what they said.",
    "mini_competition": "Providers that have not answered yet, and others, answer by the same time. You mark "
    "the answers, and the first-ranked offer is chosen.",
    "block": "The child takes a place of this service that your school, your trust or the council has bought "
    "in advance, on the terms of that purchase.",
}
