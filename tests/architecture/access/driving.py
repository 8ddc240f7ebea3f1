"""Driving cells over HTTP: what a cell needs is put in place, asked once, and compared."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from portal.app import BLUEPRINTS
from tests.architecture.access.cast import PERSON
from tests.architecture.access.links import refused_links
from tests.architecture.access.rules import FORBIDDEN, NOT_FOUND, NOT_NOW, OWN, SIGN_IN, YES
from tests.architecture.access.stage import Reply, Stage
from tests.architecture.access.table import Cell

ROOMS = sorted({import_module(name).bp.name for name in BLUEPRINTS})
ROOMS_OF_ROUNDS = sorted(
    {import_module(name).bp.name for name in BLUEPRINTS if name.startswith(("evaluation.", "tender."))}
    - {"applications", "answers", "answer_versions", "uploads", "promises", "receipts", "vault", "reapplying"}
)
"""The rooms whose addresses name rounds and what the council makes of tenders; about half of all cells."""
# A page, a way onward, a form with a sentence; 409 and 413 are for the form that an empty request is.
GIVEN = {200, 204, 302, 303, 304}
# A page that says why not may be one whose reading leaves its line. A refusal leaves none.
READING = "INSERT INTO audit_line"
# What is there no more, or never was, is taken back without a word; a form that says nothing is not read
# as far as the place that it is for. In neither case anything changes.
IDLE = {
    "evidence_uploads.cancel",
    "paper_uploads.cancel",
    "practice.autosave",
    "promises.cancel",
    "promises.take_back",
    "scoring.autosave",
    "uploads.cancel",
}
# A register is of one council. To another one, which has admitted nobody in it, its entries lead to less.
LEADS_TO_LESS = {"directory.show"}
TAKEN = {*GIVEN, 400, 409, 413, 422}


def differences(stage: Stage, cells: Iterable[Cell]) -> list[str]:
    """Every cell whose answer is not the table's, with what came instead."""
    return [f"{cell} – {wrong}" for cell in cells if (wrong := _wrong(stage, cell))]


def _wrong(stage: Stage, cell: Cell) -> str:
    row = next(_rows(stage, cell), None)
    if row is None:
        return "the world holds none"
    reply = _ask(stage, cell, row, {name: row[name] for name in cell.route.arguments})
    changes = [each for each in reply.changes if cell.answer != NOT_NOW or not each.startswith(READING)]
    fine = _agrees(cell, reply) and (cell.answer == YES or not changes)
    changed = f" and changed: {changes[0][:60]}" if changes else ""
    if not fine:
        return f"was answered {reply.status} {reply.location}{changed}"
    if reply.drawn:
        return f"gave a file that is drawn, not saved: {reply.drawn}"
    if cell.route.endpoint in LEADS_TO_LESS:
        return ""
    own = cell.whose == OWN and cell.viewer is not PERSON
    place = row["owner"] if own else stage.homes.get(cell.viewer)
    person = row["owner_person"] if cell.viewer is PERSON else stage.people.get(cell.viewer)
    return "; ".join(refused_links(stage, cell.viewer, reply.page, place=place, person=person))


def led_astray(stage: Stage, cells: Iterable[Cell]) -> list[str]:
    """Links that the pages without a thing of their own (lists, the first page) show to people who belong to
    an organisation with something of everything, and that lead to what is not theirs."""
    found = []
    for cell in cells:
        place = stage.busiest.get(cell.viewer.kind)
        if cell.thing.parameters or cell.method != "GET" or not cell.viewer.ordinary or place is None:
            continue
        reply = stage.ask(cell.viewer, cell.route, cell.method, {}, within=place)
        links = refused_links(stage, cell.viewer, reply.page, place=place, person=stage.people[cell.viewer])
        found += [f"{cell} – {link}" for link in links]
    return found


def _ask(stage: Stage, cell: Cell, row: Mapping[str, Any], values: Mapping[str, Any]) -> Reply:
    within = row["owner"] if cell.whose == OWN and cell.viewer is not PERSON else None
    person = row["owner_person"] if cell.viewer is PERSON else None
    return stage.ask(cell.viewer, cell.route, cell.method, values, within=within, person=person)


def _rows(stage: Stage, cell: Cell) -> Iterator[dict[str, Any]]:
    """Rows of the cell's thing in its state, with the organisation into whose place its viewer is put."""
    for row in stage.rows_of(cell.thing):
        owner = row.get(f"owner_{cell.viewer.kind}")
        owned = (
            row.get("owner_person") if cell.viewer is PERSON else stage.kinds.get(owner) == cell.viewer.kind
        )
        if row["state"] == cell.state and (owned or cell.whose != OWN):
            yield {**row, "owner": owner}


def _agrees(cell: Cell, reply: Reply) -> bool:
    leaves = reply.status == 302 and reply.location.startswith("/sign-in")
    if cell.answer == SIGN_IN:
        return leaves or reply.status == 401
    if cell.answer == FORBIDDEN:
        return reply.status == 403
    if cell.answer == NOT_FOUND:
        return reply.status == 404
    if cell.answer == NOT_NOW:
        return reply.status in TAKEN
    return reply.status in (GIVEN if cell.method == "GET" else TAKEN)


def mixed_up(stage: Stage, cells: Iterable[Cell]) -> list[str]:
    """What is wrong with addresses that begin as one's own and end as another's.

    Each identifier in turn is that of a thing of the same kind elsewhere. Nobody finds anything at such an
    address, and nothing changes.
    """
    found = []
    asked = set()
    for cell in cells:
        kind = cell.route.rule, cell.method, cell.viewer.kind
        parts = [name for name in cell.route.arguments if name.endswith("_id")]
        if cell.whose != OWN or cell.answer != YES or len(parts) < 2 or kind in asked:
            continue
        asked.add(kind)
        found += [f"{cell} – {wrong}" for wrong in _mixed(stage, cell, parts)]
    return found


def _mixed(stage: Stage, cell: Cell, parts: list[str]) -> Iterator[str]:
    own = next(_rows(stage, cell))
    whose = "owner_person" if cell.viewer is PERSON else f"owner_{cell.viewer.kind}"
    others = [row for row in stage.rows_of(cell.thing) if all(row[name] != own[name] for name in parts)]
    if not others:
        yield f"the world holds one {cell.thing.name} only"
        return
    other = next((row for row in others if row[whose] != own[whose]), others[0])
    for part in parts:
        values = {name: own[name] for name in cell.route.arguments} | {part: other[part]}
        reply = _ask(stage, cell, own, values)
        # Where the other thing is one's own as well, a sentence may say why it does not belong there.
        idle = reply.status in TAKEN and (cell.route.endpoint in IDLE or other[whose] == own[whose])
        if reply.changes or not (idle or reply.status == 404):
            yield f"with another's {part} it was answered {reply.status}"
