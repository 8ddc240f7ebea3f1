"""What needs a person now: the lines of the home pages.

Each noun answers `queries.waiting_for(viewer)` with its own tasks, in at most two statements and in none at
all when the viewer's permissions rule it out; the home page puts them in order of urgency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Task:
    """One thing that waits: a sentence, the verb on its link, where that leads, and by when.

    `closes_of` is the application whose close `due_at` is: the page follows it when it gets more time.
    """

    sentence: str
    verb: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    due_at: datetime | None = None
    detail: str = ""
    closes_of: int | None = None


@dataclass(frozen=True)
class GoingOn:
    """One thing that goes on, with nothing to do: a sentence, its state, and where it is shown."""

    sentence: str
    state: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class Waiting:
    """What a noun has to say on a person's home page."""

    now: tuple[Task, ...] = ()
    going_on: tuple[GoingOn, ...] = ()
