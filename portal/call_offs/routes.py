"""The routes by which one provider is chosen for one child, and which of them a person takes by hand."""

from collections.abc import Iterable

from portal.errors import Refusal
from tender.frameworks.models import CALL_OFF_ROUTES as ROUTES

__all__ = ["BY_HAND", "ELSEWHERE", "ROUTES", "ROUTE_HINTS", "CannotWait", "in_time", "require_time"]

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

SLOW = ("mini_competition",)
"""Routes that take days: a child who has nowhere to go today is not placed by them."""


class CannotWait(Refusal):
    """A route takes longer than a child in an emergency can wait."""


def in_time(routes: Iterable[str], *, urgent: bool) -> list[str]:
    """Those of these routes by which a child can be placed; in an emergency only those that take no days."""
    return [route for route in routes if not (urgent and route in SLOW)]


def require_time(route: str, opened: Iterable[str], *, urgent: bool) -> None:
    """Raise `CannotWait` for a slow route in an emergency, with the routes that are open instead."""
    if why := why_not_in_time(route, opened, urgent=urgent):
        raise CannotWait(why)


def why_not_in_time(route: str, opened: Iterable[str], *, urgent: bool) -> str:
    """Why a route is too slow for a child in an emergency, with the `opened` ones that are not; empty where
    it is not too slow."""
    if route in in_time([route], urgent=urgent):
        return ""
    others = [ROUTES[each] for each in in_time(opened, urgent=urgent)]
    return "This child has nowhere to go, and a mini-competition takes at least 48 hours. " + (
        f"Open without waiting: {'; '.join(others)}. Choose one of the providers that answer."
        if others
        else "The framework opens no other route: speak to the council today."
    )
