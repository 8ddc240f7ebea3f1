"""Starting a round from an earlier round's pack.

How packs are copied is the business of their own noun, which is above this one: it is registered when the
application is put together.
"""

from collections.abc import Callable, Sequence
from typing import Any

from portal.accounts.access import Actor
from tender.frameworks.models import Round

Offer = Callable[[Actor], Sequence[Any]]
Starter = Callable[..., tuple[Round, str]]
_offers: list[Offer] = []
_starters: list[Starter] = []


def start_rounds_from(offer: Offer, starter: Starter) -> None:
    """Let `offer(viewer)` say which rounds' packs there are (id, number, title, reference), and
    `starter(source_id=..., ...)` make a draft with one of them. Called once."""
    _offers[:], _starters[:] = [offer], [starter]


def offered_to(viewer: Actor) -> dict[int, str]:
    """What a new round's questions can start from: the ids of rounds with their names, and 0 for none."""
    rounds = _offers[0](viewer) if _offers else ()
    named = {each.id: f"Round {each.number} of {each.title} ({each.reference})" for each in rounds}
    return {0: "The standard questions", **named}


def create_round_from(source_id: int, **details: Any) -> tuple[Round, str]:
    """Add a draft round as `services.create_round` does, with the pack of another round of the council; the
    sentence says what was copied and what this round has no lots for. Raises `NotFound` besides."""
    return _starters[0](source_id=source_id, **details)
