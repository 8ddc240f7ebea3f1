"""What an evaluator does before they read and mark the tenders of a round."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from portal.errors import Refusal

Waits = Callable[[Any, Any], ColumnElement[bool]]
_waits: list[Waits] = []


class NotPractised(Refusal):
    """The round has practice that the evaluator has not locked."""

    sentence = "Mark and lock the practice answers of this round first."

    def __init__(self, round_id: int) -> None:
        super().__init__()
        self.round_id = round_id


def practise_first(waits: Waits) -> None:
    """Let practice, which is above this noun, tell in a statement whether an evaluator (id) has some of a
    round (id) to lock before they mark. Called once, when the application is put together."""
    _waits[:] = [waits]


def practice_waits(evaluator_id: Any, round_id: Any) -> ColumnElement[bool]:
    """In a select over these columns: whether this evaluator practises first."""
    return or_(false(), *(waits(evaluator_id, round_id) for waits in _waits))
