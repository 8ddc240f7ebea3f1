"""What an evaluator does before they read and mark the tenders of a round."""

from collections.abc import Callable, Collection

from portal.errors import Refusal

Waits = Callable[[int, Collection[int]], Collection[int]]
_waits: list[Waits] = []


class NotPractised(Refusal):
    """The round has practice that the evaluator has not locked."""

    sentence = "Mark and lock the practice answers of this round first."

    def __init__(self, round_id: int) -> None:
        super().__init__()
        self.round_id = round_id


def practise_first(waits: Waits) -> None:
    """Let practice, which is above this noun, tell in which of these rounds (ids) an evaluator (id) has some
    to lock before they mark. Called once, when the application is put together."""
    _waits[:] = [waits]


def waiting_practice(evaluator_id: int, round_ids: Collection[int]) -> frozenset[int]:
    """Those of these rounds in which this evaluator practises first."""
    return frozenset(round_id for waits in _waits for round_id in waits(evaluator_id, round_ids))


def refuse_unpractised(evaluator_id: int, round_id: int) -> None:
    """Raise `NotPractised` where this evaluator practises first."""
    if waiting_practice(evaluator_id, [round_id]):
        raise NotPractised(round_id)
