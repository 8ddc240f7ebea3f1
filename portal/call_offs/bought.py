"""A place that was bought before counts on the terms of its purchase, not on those of the offer.

`portal.blocks` knows them: it answers, once the application is put together (`portal/app.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.accounts.access import Actor
from portal.commissioning.offers import HalfDaysAtAPrice


@dataclass(frozen=True, slots=True)
class Bought(HalfDaysAtAPrice):
    """The purchase from which a choice takes its place: its number, who pays, and the terms of one place
    (pounds without VAT for one `price_unit`; `ends_on` is the last day)."""

    block_id: int
    paid_by: str
    sessions: list[str]
    starts_on: date
    ends_on: date
    price: Decimal
    price_unit: str


Finder = Callable[[Actor, int], Bought | None]
_finders: list[Finder] = []


def find_bought_with(finder: Finder) -> None:
    """Let `finder(viewer, call_off_id)` say what was bought. Called once, when the application is put
    together."""
    _finders[:] = [finder]


def bought_for(viewer: Actor, call_off_id: int) -> Bought | None:
    """The purchase behind a choice of the route `block` that the viewer may read. One statement."""
    return next((finder(viewer, call_off_id) for finder in _finders), None)
