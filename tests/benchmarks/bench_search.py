"""The directory search beside what else could answer it, over the same register in the same run.

Beside it: the best bare SQL (`search_floor`: both answers are compared before anything is timed), SQLite's
FTS5 (`full_text`) and, where it is installed, tantivy (`inverted_index`), both inside this process; and
`SELECT 1` through the same session: no answer from a database can be quicker.

Each search is timed as a page sends it: on a connection that another request has given back before. The page
is timed too, as a whole request in process.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from portal.database import db
from portal.directory.counting import FACETS
from portal.directory.queries import SearchResult, search
from portal.directory.search import SearchCriteria, search_statement
from tests.benchmarks.bench_pages import SEARCH
from tests.benchmarks.data import fill_register, some_lots
from tests.benchmarks.full_text import FullText
from tests.benchmarks.inverted_index import InvertedIndex, why_not
from tests.benchmarks.measuring import Timing, backend_of, show_table, side_by_side
from tests.benchmarks.search_floor import FLOORS, Floor, bare_connection, criteria
from tests.conftest import Visitor
from tests.factories.accounts import a_school_person
from tests.web_client import sign_in

SIZES = (1_000, 10_000, 100_000)
PLANS = Path(__file__).with_name("plans")  # written anew where PORTAL_WRITE_PLANS is set
FURTHER = 1_000_000  # also, where PORTAL_BENCHMARK_MILLION is set: it takes half an hour and 10 GB


def answer_of(result: SearchResult) -> dict[str, Any]:
    """The search's answer in a form that can be compared."""
    cards = [hit.service for hit in result.hits]
    return {
        "page": [(hit.service.id, hit.metres, hit.site and hit.site.postcode) for hit in result.hits],
        "cards": [{name: getattr(card, name) for name in card.__slots__} for card in cards],
        "total": result.total,
        "free": result.free,
        "lots": {(lot.id, lot.number, lot.title, lot.framework_title, lot.count) for lot in result.lots},
        "counts": [count for name in FACETS for count in result.choices[name].values()],
    }


def run(app: Flask, quick: bool = False) -> None:
    """Print what each search takes at each size, beside the others."""
    if problem := why_not():
        print(problem)
    lots, school = some_lots(), a_school_person()
    sizes = SIZES[:2] if quick else SIZES
    for size in (*sizes, FURTHER) if os.environ.get("PORTAL_BENCHMARK_MILLION") else sizes:
        print(f"\nFilling the register with {size:,} services", flush=True)
        fill_register(size, lots)
        repeats = 12 if size > 10_000 else 40
        measured = _at(size, repeats)
        show_table(
            f"A search of {size:,} services: a page of 20 with its cards, the total and all counts",
            ("search", "found", "p50 ms", "p95 ms", "CPU ms", "of it database", "floor p50", "floor CPU",
             "ratio", "SELECT 1"),
            [_row(name, found["search"], took) for name, found, took in measured],
        )  # fmt: skip
        show_table(
            "The same questions to engines inside this process",
            ("search", "engine", "found", "p50 ms", "p95 ms", "CPU ms", "of ours"),
            [row for name, found, took in measured for row in _others(name, found, took)],
        )
        page = _page(app, school.email, repeats)
        print(
            f"\nThe whole page of such a search: p50 {page.median:.1f} ms, p95 {page.p95:.1f},"
            f" CPU {page.computing:.1f}, of it database {page.in_database:.1f}",
            flush=True,
        )


def _page(app: Flask, email: str, repeats: int) -> Timing:
    app.test_client_class = Visitor
    db.session.remove()
    client = sign_in(app.test_client(), email)
    assert "services found" in client.get(SEARCH).text
    db.engine.dispose()  # one connection, so that the process behind it is known
    backend = backend_of(db.session())
    actions = {"page": lambda: client.get(SEARCH)}
    before = {"page": db.session.remove}
    return side_by_side(actions, repeats=repeats, backends={"page": backend}, before=before)["page"]


def _at(size: int, repeats: int) -> list[tuple[str, dict[str, int], dict[str, Timing]]]:
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    measured, plans = [], []
    with ExitStack() as open_now:
        floor = Floor(bare_connection(address))
        open_now.enter_context(floor.connection)
        folder = Path(open_now.enter_context(TemporaryDirectory()))
        engines: dict[str, Any] = {"FTS5": FullText(folder)}
        if not why_not():
            engines["tantivy"] = InvertedIndex(folder / "index")
        session = backend_of(db.session())
        backends = {"search": session, "SELECT 1": session, "floor": floor.connection.info.backend_pid}
        for name, asked in criteria().items():
            if os.environ.get("PORTAL_WRITE_PLANS"):
                plans.append(_plan(name, size, asked))
            ours, theirs = answer_of(search(asked)), floor.answer(FLOORS[name])
            assert ours == theirs, f"{name} at {size}: {_difference(ours, theirs)}"
            actions: dict[str, Callable[[], Any]] = {
                "search": lambda c=asked: search(c),
                "SELECT 1": _select_1,
                "floor": lambda n=name: floor.answer(FLOORS[n]),
                **{each: lambda e=engine, c=asked: e.answer(c) for each, engine in engines.items()},
            }
            took = side_by_side(
                actions, repeats=repeats, backends=backends, before={"search": _as_a_new_request}
            )
            found = {each: engine.answer(asked)[0] for each, engine in engines.items()}
            measured.append((name, {"search": ours["total"], **found}, took))
        engines["FTS5"].connection.close()
    if plans:
        (PLANS / f"search-{size}.txt").write_text("\n".join(plans), encoding="utf-8")
    db.session.remove()
    return measured


def _as_a_new_request() -> None:
    """Give the connection back as a request does in the end, and take it up as the next one does first."""
    db.session.remove()
    _select_1()


def _select_1() -> None:
    db.session.connection().exec_driver_sql("SELECT 1").all()


def _plan(name: str, size: int, asked: SearchCriteria) -> str:
    """How PostgreSQL answers a search, without costs and times, which differ from run to run."""
    sql, values = search_statement(asked)
    explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)"
    lines = db.session.connection().exec_driver_sql(f"{explain} {sql}", values).scalars()
    return "\n".join([f"{name}, {size:,} services", *lines, ""])


def _difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    part = next(part for part in ours if ours[part] != theirs[part])
    mine, other = ours[part], theirs[part]
    if part == "cards":
        mine, other = next((a, b) for a, b in zip_longest(mine, other) if a != b)
        if mine and other:
            keys = sorted(key for key in {*mine, *other} if mine.get(key) != other.get(key))
            mine, other = ({key: card.get(key) for key in ("id", *keys)} for card in (mine, other))
    return f"{part}: {mine!r:.600} is not {other!r:.600}"


def _row(name: str, found: int, took: Mapping[str, Timing]) -> tuple[object, ...]:
    ours, floor = took["search"], took["floor"]
    return (
        name, found, ours.median, ours.p95, ours.computing, ours.in_database, floor.median,
        floor.computing, ours.computing / floor.computing, took["SELECT 1"].computing,
    )  # fmt: skip


def _others(name: str, found: Mapping[str, int], took: Mapping[str, Timing]) -> list[tuple[object, ...]]:
    ours = took["search"].computing
    return [
        (name, each, number, took[each].median, took[each].p95, took[each].computing,
         took[each].computing / ours)
        for each, number in found.items()
        if each != "search"
    ]  # fmt: skip
