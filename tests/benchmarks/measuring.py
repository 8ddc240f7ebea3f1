"""Timing things beside each other, and printing what came out.

What is compared is run by turns, so that a busy machine slows both alike. Wall time is what a person waits;
CPU time (of this process and of the database's process that answers it, where the system tells) hardly
depends on what else the machine does.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from portal.database import db

Action = Callable[[], Any]


@dataclass
class Timing:
    """Milliseconds of each run: on the clock, of computing, and of that in the database's process."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Half of the runs took longer on the clock."""
        return statistics.median(self.wall)

    @property
    def p95(self) -> float:
        """One in twenty runs took longer on the clock."""
        return statistics.quantiles(self.wall, n=20, method="inclusive")[-1]

    @property
    def computing(self) -> float:
        """The median of computing."""
        return statistics.median(self.cpu)

    @property
    def in_database(self) -> float:
        """The median of computing in the database's process: planning, answering, and sending."""
        return statistics.median(self.database)


def side_by_side(
    actions: Mapping[str, Action],
    *,
    repeats: int,
    warm_up: int = 12,
    backends: Mapping[str, int] | None = None,
    before: Mapping[str, Action] | None = None,
) -> dict[str, Timing]:
    """Run all actions by turns. `backends` names the database process behind each, so that it is counted;
    what stands `before` one of them is run each time, and not timed.

    The warm-up is long enough for psycopg and PostgreSQL to have settled on their prepared plans.
    """
    made_ready: Mapping[str, Action] = before or {}
    for _ in range(warm_up):
        for name, action in actions.items():
            made_ready.get(name, _nothing)()
            action()
    timings = {name: Timing() for name in actions}
    gc.collect()
    for _ in range(repeats):
        for name, action in actions.items():
            made_ready.get(name, _nothing)()
            backend = (backends or {}).get(name)
            there, here = _computed(backend), time.process_time_ns()
            began = time.perf_counter()
            action()
            ended, computed = time.perf_counter(), time.process_time_ns() - here
            took = timings[name]
            took.wall.append((ended - began) * 1000)
            took.database.append((_computed(backend) - there) / 1e6)
            took.cpu.append(computed / 1e6 + took.database[-1])
    return timings


def _nothing() -> None:
    """What is done before most actions."""


def _computed(backend: int | None) -> int:
    """Nanoseconds that a database process has computed so far; 0 without one, or where nobody tells."""
    schedule = Path(f"/proc/{backend}/schedstat")
    return int(schedule.read_text().split()[0]) if backend is not None and schedule.exists() else 0


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the block sends to the database."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def show_table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with its figures to the right."""
    lines = [[*head], *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  " + "  ".join([first, *others]).rstrip(), flush=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def backend_of(session: Session) -> int:
    """The database's process that answers this session."""
    return session.scalars(text("SELECT pg_backend_pid()")).one()
