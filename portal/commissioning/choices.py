"""Whether a school has chosen somebody for a request: this room asks, a higher one knows.

`portal.call_offs` answers from the table of choices, once the application is put together (`portal/app.py`).
"""

from collections.abc import Callable
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


_finders: list[Callable[[UUID], Choice | None]] = []


def find_choices_with(finder: Callable[[UUID], Choice | None]) -> None:
    """Let `finder(request_id)` say what was chosen. Called once, when the application is put together."""
    _finders[:] = [finder]


def choice_of(request_id: UUID) -> Choice | None:
    """The choice that stands for a request. Certain until the commit for whoever has locked its referrals."""
    return next((finder(request_id) for finder in _finders), None)
