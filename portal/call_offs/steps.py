"""What comes after a choice: each higher room says its own steps for the page of the choice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.accounts.access import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, where it stands, and the verb that leads to it."""

    title: str
    state: str
    verb: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)


Source = Callable[[Actor, int], Sequence[Step]]
_sources: list[Source] = []


def subscribe(source: Source) -> None:
    """Let `source(viewer, call_off_id)` say its steps on the page of every choice."""
    if source not in _sources:
        _sources.append(source)


def steps_of(viewer: Actor, call_off_id: int) -> list[Step]:
    """What every room says for this viewer, in the order in which the rooms subscribed."""
    return [step for source in _sources for step in source(viewer, call_off_id)]
