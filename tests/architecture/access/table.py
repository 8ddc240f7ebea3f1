"""The cells of the table, from the declarations and the rules, and the table as it is checked in."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule as Route

from portal.accounts.gate import PUBLIC, SIGNED_IN, access_of
from tests.architecture.access.cast import PERSON, VIEWERS, Viewer
from tests.architecture.access.declarations import (
    DRAWN_WHILE,
    OF_ROUTES,
    OF_THINGS,
    ONLY_WHILE,
    SHARED,
    thing_of,
)
from tests.architecture.access.rules import ANOTHERS, FORBIDDEN, NOBODYS, NOT_NOW, OWN, SIGN_IN, YES, Case
from tests.architecture.access.things import Thing

TABLE = Path(__file__).with_name("table.txt")
METHODS = ("GET", "POST", "DELETE")
# Somebody of whom nothing is known but that a thing is theirs passes these gates.
OF_ANYBODY = frozenset({"tender:mark"})
HEAD = """\
Who is answered what: every route, every role, whose the thing is that the address names, and its state.
Made from the declarations by tests/architecture/access; PORTAL_WRITE_ACCESS_TABLE=1 writes it anew.

A line reads: what is answered | whose the thing is, in which states (none: in every one) | to whom.
Whomever no line of a route names the gate refuses: "forbidden" or, when they are not signed in, "sign in".
"not now" changes nothing. "own" is one's own organisation's; of "that very person" it is theirs alone."""


@dataclass(frozen=True)
class Cell:
    """One question of the table and its answer."""

    route: Route
    method: str
    thing: Thing
    viewer: Viewer
    whose: str
    state: str
    answer: str
    at_the_gate: bool = False

    def __str__(self) -> str:
        whose = f"{self.whose} {self.thing.name} {self.state}".strip()
        return f"{self.method} {self.route.rule} as {self.viewer.name}, {whose}: {self.answer}"


def routes(app: Flask) -> list[tuple[Route, str]]:
    """Every route with each method that means something, in order, but for the demonstration's mailbox."""
    found = [
        (route, method)
        for route in app.url_map.iter_rules()
        for method in METHODS
        if method in (route.methods or ()) and not route.endpoint.startswith(("mailbox.", "static"))
    ]
    return sorted(found, key=lambda each: (each[0].endpoint, each[0].rule, METHODS.index(each[1])))


def cells(app: Flask, room: str = "") -> Iterator[Cell]:
    """Every cell, or those of a room (a blueprint's name).

    Raises `LookupError` naming a route of whose address nobody has said what it names.
    """
    for route, method in routes(app):
        if room and route.endpoint.partition(".")[0] != room:
            continue
        thing = thing_of(route.endpoint, frozenset(route.arguments))
        if thing is None:
            raise LookupError(f"{route.rule}: say in nouns/ what {sorted(route.arguments)} names")
        access = access_of(app, route.endpoint)
        for viewer in VIEWERS:
            if refused := refused_at_the_gate(viewer, access):
                yield Cell(route, method, thing, viewer, NOBODYS, thing.states[0], refused, at_the_gate=True)
                continue
            for whose, state in _standings(viewer, thing):
                answer = answer_of(route, thing, Case(viewer, whose, state, method != "GET"))
                yield Cell(route, method, thing, viewer, whose, state, answer)
        if "person" in thing.owners and (access in (PUBLIC, SIGNED_IN) or access == OF_ANYBODY):
            for state in thing.states:
                answer = answer_of(route, thing, Case(PERSON, OWN, state, method != "GET"))
                yield Cell(route, method, thing, PERSON, OWN, state, answer)


def refused_at_the_gate(viewer: Viewer, access: str | frozenset[str] | None) -> str:
    """What the gate answers whoever it does not let through to a route of this access; else nothing."""
    if access == PUBLIC:
        return ""
    if not viewer.signed_in:
        return SIGN_IN
    return "" if access == SIGNED_IN or viewer.permissions & frozenset(access or ()) else FORBIDDEN


def _standings(viewer: Viewer, thing: Thing) -> Iterator[tuple[str, str]]:
    """Whose the thing may be and in which state, as far as it matters to this viewer."""
    if not viewer.ordinary:
        yield ANOTHERS if thing.owners else NOBODYS, thing.states[0]
        return
    for state in thing.states:
        if viewer.kind in thing.owners:
            yield OWN, state
        yield ANOTHERS if thing.owners else NOBODYS, state


def answer_of(route: Route, thing: Thing, case: Case) -> str:
    """What is answered behind the gate, by the rule of the route or else of the thing."""
    rule = SHARED.get(route.endpoint, (None,))[0] or OF_ROUTES.get(route.endpoint)
    answer = (rule or OF_THINGS[thing.name])(case)
    while_ = ONLY_WHILE.get(route.endpoint) if case.changes else DRAWN_WHILE.get(route.endpoint)
    return NOT_NOW if answer == YES and while_ is not None and case.state not in while_ else answer


def drawn(app: Flask) -> str:
    """The table as it is checked in."""
    blocks = [HEAD]
    for (route, method), found in groupby(cells(app), key=lambda cell: (cell.route, cell.method)):
        access = access_of(app, route.endpoint)
        needs = access if isinstance(access, str) else " or ".join(sorted(access or ()))
        blocks.append(
            "\n".join([f"{method} {route.rule}", f"  {route.endpoint}: {needs}", *_lines(list(found))])
        )
    return "\n\n".join(blocks) + "\n"


def _lines(found: list[Cell]) -> Iterator[str]:
    """A line for each answer, whose the thing is and its states, with all the viewers who share it."""
    shared: dict[tuple[str, str, str], list[Viewer]] = {}
    for viewer in dict.fromkeys(cell.viewer for cell in found):
        for line in _of_one([cell for cell in found if cell.viewer == viewer]):
            shared.setdefault(line, []).append(viewer)
    for (answer, whose, states), viewers in sorted(shared.items(), key=lambda line: line[0], reverse=True):
        what = f"{whose} {states}".strip() or "any"
        yield f"    {answer} | {what} | {_named(viewers)}"


def _of_one(found: list[Cell]) -> Iterator[tuple[str, str, str]]:
    """The lines of one viewer: none where the gate is shut, one where whose and which state do not matter."""
    if found[0].at_the_gate:
        return
    if len({cell.answer for cell in found}) == 1 and not (len(found) == 1 and found[0].whose == ANOTHERS):
        whose = {cell.whose for cell in found}
        yield found[0].answer, whose.pop() if len(whose) == 1 else "", ""
        return
    every = {(whose, len(list(of))) for whose, of in groupby(sorted(c.whose for c in found))}
    for (answer, whose), of in groupby(sorted(found, key=_by_answer), key=_by_answer):
        states = [cell.state for cell in of]
        named = "" if (whose, len(states)) in every else f"[{', '.join(states)}]"
        yield answer, whose, named


def _by_answer(cell: Cell) -> tuple[str, str]:
    return cell.answer, cell.whose


def _named(viewers: list[Viewer]) -> str:
    """'provider administrator, editor; signed out': viewers in words, those of one kind in one place."""
    if len(viewers) == len(VIEWERS):
        return "everybody"
    kinds = [list(of) for _, of in groupby(viewers, key=lambda viewer: (viewer.kind, viewer.ordinary))]
    return "; ".join(_of_kind(of) for of in kinds)


def _of_kind(viewers: list[Viewer]) -> str:
    if len(viewers) > 1 and viewers[0].ordinary:
        roles = [viewer for viewer in VIEWERS if viewer.ordinary and viewer.kind == viewers[0].kind]
        kind = viewers[0].name.partition(" ")[0]
        everyone = len(viewers) == len(roles)
        names = ["in every role"] if everyone else [each.name.removeprefix(f"{kind} ") for each in viewers]
        return f"{kind} {', '.join(names)}"
    return ", ".join(viewer.name for viewer in viewers)
