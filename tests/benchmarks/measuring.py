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
    """Milliseconds of each run: on the clock, and of computing."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

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


def side_by_side(
    actions: Mapping[str, Action],
    *,
    repeats: int,
    warm_up: int = 12,
    backends: Mapping[str, int] | None = None,
) -> dict[str, Timing]:
    """Run all actions by turns. `backends` names the database process behind each, so that it is counted.

    The warm-up is long enough for psycopg and PostgreSQL to have settled on their prepared plans.
    """
    for _ in range(warm_up):
        for action in actions.values():
            action()
    timings = {name: Timing() for name in actions}
    gc.collect()
    for _ in range(repeats):
        for name, action in actions.items():
            backend = (backends or {}).get(name)
            computed = _computed(backend)
            began = time.perf_counter()
            action()
            ended = time.perf_counter()
            timings[name].wall.append((ended - began) * 1000)
            timings[name].cpu.append(_computed(backend) - computed)
    return timings


def _computed(backend: int | None) -> float:
    """Milliseconds that this process and a database process have computed so far."""
    used = time.process_time_ns()
    if backend is not None:
        schedule = Path(f"/proc/{backend}/schedstat")
        used += int(schedule.read_text().split()[0]) if schedule.exists() else 0
    return used / 1e6


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
