"""What an evaluator does before they mark the tenders of a round."""

from collections.abc import Callable

Waits = Callable[[int, int], bool]
_waits: list[Waits] = []


def practise_first(waits: Waits) -> None:
    """Let practice, which is above this noun, tell whether an evaluator (id) has some of a round (id) to lock
    before they mark. Called once, when the application is put together."""
    _waits[:] = [waits]


def practice_waits(evaluator_id: int, round_id: int) -> bool:
    """Whether this evaluator practises first."""
    return any(waits(evaluator_id, round_id) for waits in _waits)
