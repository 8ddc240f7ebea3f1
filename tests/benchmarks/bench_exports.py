"""The records of a round as files: how long they take, what they hold in memory meanwhile, how they grow.

Aims: all 500 tenders with their marks as tables under 500 ms; the workbook of 75,000 marks under 10 s; memory
that does not grow with the round.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import psutil

from evaluation.outcomes.services import compute_results
from evaluation.records.ledger import Whole, chained, verify
from evaluation.records.ledger_queries import contents_of
from evaluation.records.tables import AGREED, EVALUATORS, MARKS, TOTALS, WORKBOOK, Table
from evaluation.records.trail_queries import compared_with_trail
from portal.accounts.access import Actor
from portal.database import db
from portal.web.spreadsheets import csv_blocks
from portal.web.workbooks import write_workbook
from tests.benchmarks.data import a_marked_round
from tests.benchmarks.measuring import show_table, side_by_side, statements
from tests.factories.frameworks import a_procurement_lead

QUESTIONS, EVALUATORS_EACH = 25, 3


def run(quick: bool = False) -> None:
    """Print what each export takes."""
    lead = a_procurement_lead()
    _tables(_round(lead, 500), repeats=5 if quick else 15)
    rows = []
    for tenders in (1_000,) if quick else (1_000, 4_000):
        round_id = _round(lead, tenders)
        marks = tenders * QUESTIONS * EVALUATORS_EACH
        for name, export in _exports(lead, round_id).items():
            with _memory() as risen:
                began, computed = time.perf_counter(), time.process_time()
                size = export()
                took, computing = time.perf_counter() - began, time.process_time() - computed
            rows.append((f"{name}, {marks:,} marks", took, computing, size / 1e6, risen[0] / 1e6))
            db.session.remove()
    show_table("Whole exports", ("what", "s", "CPU s", "MB written", "MB of memory risen"), rows)


def _round(lead: Actor, tenders: int) -> int:
    print(f"Filling a round with {tenders:,} tenders", flush=True)
    round_id = a_marked_round(lead, tenders, QUESTIONS, EVALUATORS_EACH)
    compute_results(round_id=round_id, by=lead)
    db.session.remove()
    return round_id


def _tables(round_id: int, repeats: int) -> None:
    together = {
        "totals, and each evaluator's": (TOTALS, EVALUATORS),
        "individual marks with reasons": (MARKS,),
        "agreed marks beside them": (AGREED,),
        "totals and all marks": (TOTALS, EVALUATORS, MARKS),
    }
    actions = {name: _reading(round_id, tables) for name, tables in together.items()}
    timings = side_by_side(actions, repeats=repeats, warm_up=2)
    rows = []
    for name, took in timings.items():
        with statements() as sent:
            size = actions[name]()
        rows.append((name, took.median, took.p95, took.computing, size / 1e6, len(sent)))
    show_table(
        "500 tenders x 25 questions x 3 evaluators as CSV",
        ("table", "p50 ms", "p95 ms", "CPU ms", "MB", "statements"),
        rows,
    )


def _reading(round_id: int, tables: Iterable[Table]) -> Callable[[], int]:
    return lambda: sum(
        len(block.encode()) for table in tables for block in csv_blocks(table.head, table.read(round_id))
    )


def _exports(lead: Actor, round_id: int) -> dict[str, Callable[[], int]]:
    def workbook() -> int:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "evaluation.xlsx"
            list(write_workbook(path, ((each.title, each.head, each.read(round_id)) for each in WORKBOOK)))
            return path.stat().st_size

    def ledger() -> int:
        return sum(len(line) for line in chained(contents_of(lead, round_id, compared_with_trail(round_id))))

    def verified() -> int:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.jsonl"
            with path.open("wb") as written:
                written.writelines(chained(contents_of(lead, round_id, compared_with_trail(round_id))))
            with path.open("rb") as lines:
                assert isinstance(verify(lines), Whole)
            return path.stat().st_size

    marks = _reading(round_id, (MARKS,))
    return {
        "marks as CSV": marks,
        "workbook": workbook,
        "score ledger": ledger,
        "score ledger, written and verified": verified,
    }


@contextmanager
def _memory() -> Iterator[list[int]]:
    """How many bytes this process held more, at most, inside the block than before it."""
    process, stopped, risen = psutil.Process(), Event(), [0]
    before = process.memory_info().rss

    def watch() -> None:
        while not stopped.wait(0.02):
            risen[0] = max(risen[0], process.memory_info().rss - before)

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield risen
    finally:
        stopped.set()
        watching.join()
