"""Whether a school has chosen somebody for a request: this room asks, a higher one knows.

`portal.call_offs` answers from the table of choices, once the application is put together (`portal/app.py`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice that stands for a request: which referral was chosen, by whom and when."""

    call_off_id: int
    referral_id: int
    chosen_at: datetime
    chosen_by: str


Finder = Callable[[Collection[UUID]], Mapping[UUID, Choice]]
_finders: list[Finder] = []
Agreed = Callable[[Collection[int]], Collection[int]]
_agreed: list[Agreed] = []


def find_choices_with(finder: Finder) -> None:
    """Let `finder(request_ids)` say what was chosen. Called once, when the application is put together."""
    _finders[:] = [finder]


def choices_of(request_ids: Collection[UUID]) -> Mapping[UUID, Choice]:
    """The choices that stand for these requests, by request. One statement."""
    return next((finder(request_ids) for finder in _finders), {})


def find_agreed_with(agreed: Agreed) -> None:
    """Let `agreed(call_off_ids)` say for which choices both have signed. Called once, as above."""
    _agreed[:] = [agreed]


def agreed_among(choices: Collection[Choice]) -> set[int]:
    """The referrals that were chosen and for which both have signed an agreement. One statement."""
    by_id = {choice.call_off_id: choice.referral_id for choice in choices}
    signed = next((agreed(by_id) for agreed in _agreed), ())
    return {by_id[call_off_id] for call_off_id in signed}


def choice_of(request_id: UUID) -> Choice | None:
    """The choice that stands for a request. Certain until the commit for whoever has locked its referrals."""
    return choices_of([request_id]).get(request_id)
