"""Requests that nobody would make: every route, every role, senseless parameters and fields. None is a fault.

1,500 in a run; PORTAL_GENERATED_REQUESTS=100000 makes as many as the goal asks for (Q5), PORTAL_SEED others.
Each failure prints the request.
"""

import os
import random
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from wtforms.fields.core import UnboundField

from portal.web.forms import Form
from tests.architecture.test_pages import SIGNS_OUT, token_of
from tests.architecture.world import ROLES, World, methods_of, undone

REQUESTS = int(os.environ.get("PORTAL_GENERATED_REQUESTS", "1500"))
SEED = int(os.environ.get("PORTAL_SEED", "20261129"))
SENSELESS = (
    *("", " ", "0", "-1", "1", "99999999999999999999", "1e400", "NaN", "0x10", "١٢٣", "1.005", "2026-02-30"),
    *("24:61", "nul\x00byte", "\u202eRTL", "👩‍👩‍👧 Llŷn", "a" * 20_000, "'; DROP TABLE mark; --", "{{7*7}}"),
    *("<script>alert(1)</script>", "=HYPERLINK(1)", "../../etc/passwd", "\r\nSet-Cookie: a=b", "[]"),
    *('{"a": [' * 50, "on", "yes", "M5 4WT", "%00", "\ud83d"),
)
HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {"Accept": "application/json"},
    {"X-Requested-With": "fetch"},
    {"Referer": "::://"},
    {"Range": "bytes=5-1"},
)


def parameters(rule: Rule, pick: random.Random, known: Mapping[frozenset[str], list[dict[str, Any]]]) -> Any:
    """Values for the rule's parameters: often those of a row, else numbers or names of nothing."""
    rows = known.get(frozenset(rule.arguments), [])
    if rows and pick.random() < 0.7:
        row = pick.choice(rows)
        return {name: row[name] for name in rule.arguments}
    junk: dict[str, Any] = {
        "IntegerConverter": pick.choice([0, 1, 2**31, 2**63, 10**30]),
        "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    }
    text = pick.choice(["x", "0", "ä", "%", "a b", "x" * 300])
    return {name: junk.get(type(converter).__name__, text) for name, converter in rule._converters.items()}


def fields(pick: random.Random, names: list[str], token: str) -> dict[str, Any]:
    """Fields as forms have them, with senseless values; mostly with the token, so that they are read."""
    chosen = pick.sample(names, min(len(names), pick.randint(0, 8)))
    data: dict[str, Any] = {name: text_of(pick) for name in chosen}
    return {**data, "csrf_token": token} if pick.random() < 0.95 else data


def names_of_fields(form: type = Form) -> list[str]:
    """The names of the fields of every form."""
    own = {name for name, value in vars(form).items() if isinstance(value, UnboundField)}
    return sorted(own.union(*(names_of_fields(each) for each in form.__subclasses__())))


def text_of(pick: random.Random) -> str:
    """A senseless value that a client can send."""
    return pick.choice(SENSELESS).encode("utf-8", "replace").decode()


@pytest.fixture(scope="module")
def clients(world: World) -> list[tuple[str, FlaskClient, str]]:
    """Every role in a browser of its own, with its token."""
    return [(role, client := world.client(role), token_of(client)) for role in ROLES]


def test_no_generated_request_is_answered_with_a_fault(world: World, clients) -> None:
    pick = random.Random(SEED)
    left_out = {*SIGNS_OUT, "static"}
    rules = [(rule, method) for rule, method in methods_of(world.app) if rule.endpoint not in left_out]
    known = {role: world.places(role) for role in ROLES}
    names = names_of_fields()
    routes = world.app.url_map.bind("localhost")
    for number in range(REQUESTS):
        role, client, token = pick.choice(clients)
        rule, method = pick.choice(rules)
        address = routes.build(rule.endpoint, parameters(rule, pick, known[role]), method=method)
        sent = fields(pick, names, token)
        how = {"query_string": sent} if method == "GET" else {"data": sent}
        kept = client.get_cookie("portal")
        with undone(world.app):
            answer = client.open(address, method=method, headers=pick.choice(HEADERS), **how)
            answer.close()
        if kept:
            client.set_cookie("portal", kept.value)
        assert answer.status_code < 500, f"request {number}: {method} {address} as {role} with {sent}"
