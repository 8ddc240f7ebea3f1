"""What comes after a choice: a list that higher rooms add to, put together in `portal/app.py`.

A higher room (`portal.children`, `portal.agreements`) gives a function that answers with its steps for one
viewer and one choice, in at most two statements and in none where the viewer has no step of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.accounts.access import Actor

STATES: Mapping[str, tuple[str, str]] = {
    "to_do": ("To do", "yellow"),
    "waiting": ("Waiting for the other side", "blue"),
    "not_yet": ("Not yet", "grey"),
    "done": ("Done", "green"),
}
"""`Step.state`: its words and the colour of its tag."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its title, its state (`STATES`), the verb of its link and where that leads (empty: none)."""

    title: str
    state: str
    verb: str = ""
    endpoint: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The state as people read it."""
        return STATES[self.state][0]

    @property
    def colour(self) -> str:
        """The colour of its tag."""
        return STATES[self.state][1]


StepsOf = Callable[[Actor, int], Sequence[Step]]
_rooms: list[StepsOf] = []


def subscribe(*rooms: StepsOf) -> None:
    """Let each `room(viewer, call_off_id)` add its steps, in the order in which they are taken.

    Called when the application is put together; a second time for the same room changes nothing.
    """
    _rooms.extend(room for room in rooms if room not in _rooms)


def steps_after(viewer: Actor, call_off_id: int) -> list[Step]:
    """All steps that the viewer has or follows after a choice."""
    return [step for room in _rooms for step in room(viewer, call_off_id)]
