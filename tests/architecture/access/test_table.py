"""The table of access is whole, and what is checked in is what the declarations say."""

import os

from flask import Flask

from tests.architecture.access.declarations import DRAWN_WHILE, OF_ROUTES, OF_THINGS, ONLY_WHILE, SHARED
from tests.architecture.access.rules import ANOTHERS, YES
from tests.architecture.access.table import TABLE, cells, drawn, routes


def test_the_table_that_is_checked_in_is_the_one_that_the_declarations_make(app: Flask) -> None:
    made = drawn(app)
    if os.environ.get("PORTAL_WRITE_ACCESS_TABLE"):
        TABLE.write_text(made)
    assert TABLE.read_text() == made, "Read what changed, then write it: PORTAL_WRITE_ACCESS_TABLE=1"


def test_every_rule_is_of_a_route_or_a_thing_that_is_there(app: Flask) -> None:
    endpoints = {route.endpoint for route, _ in routes(app)}
    named = {*SHARED, *OF_ROUTES, *ONLY_WHILE, *DRAWN_WHILE}
    assert named <= endpoints and not set(SHARED) & set(OF_ROUTES)
    assert set(OF_THINGS) == {
        cell.thing.name for cell in cells(app) if cell.route.endpoint not in {*SHARED, *OF_ROUTES}
    }


def test_nothing_of_another_organisation_is_reached_but_what_is_shared_on_purpose(app: Flask) -> None:
    reached = {cell.route.endpoint for cell in cells(app) if cell.whose == ANOTHERS and cell.answer == YES}
    assert reached and reached <= set(SHARED)
    assert all(why.endswith(".") for _, why in SHARED.values())
