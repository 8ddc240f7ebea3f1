"""Where a page leads: each of its links is asked of the table, as if its reader had followed it."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from portal.accounts.gate import access_of
from tests.architecture.access.cast import PERSON, Viewer
from tests.architecture.access.declarations import thing_of
from tests.architecture.access.rules import ANOTHERS, FORBIDDEN, NOBODYS, NOT_FOUND, OWN, Case
from tests.architecture.access.stage import Stage
from tests.architecture.access.table import answer_of, refused_at_the_gate
from tests.architecture.access.things import Thing

LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')


def refused_links(
    stage: Stage, viewer: Viewer, page: str, *, place: int | None, person: int | None
) -> Iterator[str]:
    """What a page shows to somebody in an organisation (`place`) and must not: links to what they would be
    refused. A row of a list that belongs to others is found so, though the list itself is for everybody."""
    for address in sorted(set(LINK.findall(page))):
        route, values = _named(stage, unescape(address))
        thing = thing_of(route.endpoint, frozenset(values)) if route else None
        if route is None or thing is None:
            continue
        if refused := _refused(stage, viewer, route, thing, values, place, person):
            yield f"leads to {address}: {refused}"


def _named(stage: Stage, address: str) -> tuple[Rule | None, dict[str, Any]]:
    """The route and the parameters of an address."""
    try:
        route, values = stage.routes.match(urlsplit(address).path, method="GET", return_rule=True)
    except (HTTPException, RequestRedirect):
        return None, {}
    return route, dict(values)


def _refused(
    stage: Stage,
    viewer: Viewer,
    route: Rule,
    thing: Thing,
    values: dict[str, Any],
    place: int | None,
    person: int | None,
) -> str:
    """Why the link leads its reader to nothing; empty where it leads them somewhere, or nobody can tell."""
    rows = stage.rows_at(thing, values)
    if viewer is PERSON:
        theirs = any(row.get("owner_person", person) == person for row in rows)
        return "" if theirs or not rows else NOT_FOUND
    shut = refused_at_the_gate(viewer, access_of(stage.app, route.endpoint))
    if shut or not rows:
        return shut if shut == FORBIDDEN else ""
    answers = {
        answer_of(route, thing, _case(viewer, thing, row, (place, stage.homes.get(viewer)))) for row in rows
    }
    return "" if answers - {NOT_FOUND, FORBIDDEN} else answers.pop()


def _case(viewer: Viewer, thing: Thing, row: dict[str, Any], places: tuple[int | None, ...]) -> Case:
    # Also what was theirs before they were put into this place: rows are read once.
    owner = row.get(f"owner_{viewer.kind}")
    owned = owner is not None and owner in places
    whose = OWN if owned else ANOTHERS if thing.owners else NOBODYS
    return Case(viewer, whose, row["state"], changes=False)
