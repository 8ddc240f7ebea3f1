"""State moves through one declared table a noun.

A noun declares its states and moves once. From that table come the guard, the stamps, the audit line, the
buttons (`moves_open_to`) and a test over every state and move. What follows from time alone (is the round
open?) is computed by the noun, never stored.

News travels upwards by subscription: a higher noun subscribes to a lower noun's move when the application
is put together, and its function runs inside the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from portal import clock
from portal.audit.services import Doer, record
from portal.errors import Conflict


class MoveRefused(Conflict):
    """The subject is not in a state from which this move leads on."""


@dataclass(frozen=True)
class Move:
    """From any of `sources` to `target`. `stamp` fills `<stamp>_at` and `<stamp>_by_id`."""

    name: str
    sources: frozenset[str]
    target: str
    stamp: str | None = None
    refusal: str | None = None


def move_of(
    name: str,
    sources: Iterable[str] | str,
    target: str,
    *,
    stamp: str | None = None,
    refusal: str | None = None,
) -> Move:
    """A move for a lifecycle's table. `refusal` is the sentence shown when the state does not allow it."""
    return Move(name, frozenset([sources] if isinstance(sources, str) else sources), target, stamp, refusal)


@dataclass
class Lifecycle:
    """The states of one noun and the moves between them."""

    noun: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]
    subscribers: dict[str, list[Callable[..., None]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        named = {state for move in self.moves for state in (*move.sources, move.target)}
        if unknown := named - set(self.states):
            raise ValueError(f"{self.noun} has moves between undeclared states: {sorted(unknown)}")
        if len({move.name for move in self.moves}) != len(self.moves):
            raise ValueError(f"{self.noun} declares a move twice")

    def __getitem__(self, name: str) -> Move:
        for move in self.moves:
            if move.name == name:
                return move
        raise KeyError(f"{self.noun} has no move '{name}'")

    def allows(self, name: str, state: str) -> bool:
        """Whether the move `name` leads on from `state`."""
        return state in self[name].sources

    def open_from(self, state: str) -> frozenset[str]:
        """The names of the moves that lead on from `state`."""
        return frozenset(move.name for move in self.moves if state in move.sources)

    def subscribe(self, name: str, listener: Callable[..., None]) -> None:
        """Call `listener(subject, by=...)` inside the transaction of every later move `name`."""
        self[name]
        if listener not in self.subscribers[name]:
            self.subscribers[name].append(listener)

    def check_constraint(self) -> str:
        """SQL for the CHECK constraint that holds the same states in the database."""
        return "state IN (" + ", ".join(f"'{state}'" for state in self.states) + ")"


def move(lifecycle: Lifecycle, subject: Any, name: str, *, by: Doer, **details: Any) -> None:
    """Move `subject` (a locked row with `id` and `state`) and leave a line in the trail.

    Raises `MoveRefused` when the state does not allow the move. `details` go into the audit line.
    """
    step = lifecycle[name]
    if subject.state not in step.sources:
        raise MoveRefused(step.refusal)
    before, subject.state = subject.state, step.target
    if step.stamp:
        setattr(subject, f"{step.stamp}_at", clock.now())
        setattr(subject, f"{step.stamp}_by_id", by.person_id)
    record(
        f"{lifecycle.noun}.{name}",
        lifecycle.noun,
        subject.id,
        by=by,
        before=before,
        after=step.target,
        **details,
    )
    for listener in lifecycle.subscribers[name]:
        listener(subject, by=by)
