"""A walk of every role through all pages of a council that has something in every state (`furnishing.py`)."""

import mailbox
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from werkzeug.routing import Rule

from portal.accounts.queries import actor_by_email
from portal.database import db
from tests.architecture.forms_on_pages import FormOnPage, forms_of
from tests.architecture.places import FURTHER, PLACES
from tests.live_server import Site
from tests.web_client import first_step, sign_in

ANYONE = "anyone"
HALF_IN = "staff before the second step"
ROLES = (
    ANYONE,
    "provider with a draft",
    "provider admitted",
    "another provider",
    "provider ready to submit",
    "provider's editor",
    "new provider",
    "procurement lead",
    "evaluator",
    "evaluator with a conflict",
    "new evaluator",
    "moderator",
    "approver",
    "auditor",
    "council administrator",
    "school",
    "new school",
    HALF_IN,
    "quality officer",
    "waiting provider",
    "refused provider",
    "deactivated school",
    "trust",
    "nobody's member",
    "safeguarding lead",
)
ADMITTED = "copper-kettle-kitchen@example.org"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ELEMENT = re.compile(r"<\w[^>]*>")
TAG = re.compile(r'^<\w+|(?:class|role|type)="[^"]*"')
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
# What differs between two drawings of the same page.
CHANGING = re.compile(r'(name="(csrf_token|token)"[^>]*value="[^"]*")|(\d\d:\d\d)')


@dataclass(frozen=True)
class Visit:
    """One page as one role saw it. `label` is the state of what it shows, `statements` what it cost."""

    role: str
    endpoint: str
    label: str
    address: str
    status: int
    html: str
    statements: int
    location: str = ""

    @property
    def is_page(self) -> bool:
        """Whether a page was shown, rather than a redirect, a refusal or an answer for a machine."""
        return self.status == 200 and "<main" in self.html

    @cached_property
    def content(self) -> str:
        """The main part without what changes from one drawing to the next."""
        found = MAIN.search(self.html)
        return CHANGING.sub("", found.group() if found else self.html)

    @cached_property
    def shape(self) -> frozenset[tuple[str, ...]]:
        """The kinds of elements in the main part: pages of one shape differ in words and numbers alone."""
        elements = (TAG.findall(element) for element in ELEMENT.findall(self.content))
        return frozenset(tuple(kind) for kind in elements)

    @cached_property
    def forms(self) -> list[FormOnPage]:
        """The forms that it shows."""
        return forms_of(self.html, self.address)

    def __str__(self) -> str:
        return f"{self.status} {self.address} as {self.role}"


@dataclass
class World:
    """A running portal and an e-mail address for every role that walks through it."""

    site: Site
    people: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        """The application."""
        return self.site.app

    def client(self, role: str) -> FlaskClient:
        """A browser without scripts in which this role is signed in, through the page."""
        client = self.app.test_client()
        if role != ANYONE:
            enter = first_step if role == HALF_IN else sign_in
            enter(client, self.people[role])
        return client

    @cached_property
    def visits(self) -> list[Visit]:
        """Every page that can be got, as every role."""
        assert set(self.people) == {*ROLES} - {ANYONE}
        return [visit for role in ROLES for visit in self.walk(role)]

    @property
    def pages(self) -> list[Visit]:
        """Every page that was shown to somebody."""
        return [visit for visit in self.visits if visit.is_page]

    def walk(self, role: str) -> Iterator[Visit]:
        """Every page that can be got, as one role."""
        client = self.client(role)
        places = self.places(role)
        for rule in readable(self.app):
            for address, label in self._addresses(rule, places):
                with counted(self.app) as statements:
                    answer = client.get(address)
                    body = answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
                    answer.close()  # a stream that nobody ends keeps its request's memory for the next one
                html = body if answer.mimetype == "text/html" else ""
                visit = Visit(
                    role, rule.endpoint, label, address, answer.status_code, html, len(statements),
                    answer.location or "",
                )  # fmt: skip
                yield visit
                if visit.status == 403 or visit.location.startswith("/sign-in"):
                    break  # The gate refuses whatever the parameters are.

    def places(self, role: str) -> dict[frozenset[str], list[dict[str, Any]]]:
        """Values for each set of parameters, with their labels, as this role is to be shown them."""
        with self.app.app_context():
            viewer = actor_by_email(self.people[role]) if role != ANYONE else None
            binds = {
                "person": viewer.person_id if viewer else None,
                "organisation": viewer.organisation_id if viewer else None,
            }
            found = {
                names: [dict(row) for row in db.session.execute(text(statement), binds).mappings()]
                for names, statement in PLACES.items()
            }
        folder = self.app.config["PORTAL"].mailbox_folder
        letters = [{"key": key, "label": "letter"} for key in mailbox.Maildir(folder).keys()[:1]]
        return {**found, frozenset(): [{"label": ""}], frozenset(["key"]): letters}

    def _addresses(self, rule: Rule, places: Mapping[frozenset[str], Any]) -> Iterator[tuple[str, str]]:
        """Each place as it is, and what more its view can be asked, dealt out among the places."""
        routes = self.app.url_map.bind("localhost")
        built = [
            (routes.build(rule.endpoint, {k: v for k, v in values.items() if k != "label"}), values["label"])
            for values in places.get(frozenset(rule.arguments), [])
        ]
        yield from built
        further = FURTHER.get(rule.endpoint, ())
        for at in range(max(len(built), len(further)) if built and further else 0):
            (address, label), more = built[at % len(built)], further[at % len(further)]
            yield f"{address}?{more}", f"{label}?{more}"


def readable(app: Flask) -> list[Rule]:
    """Every rule that can be got."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]


def methods_of(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with each method that means something, without the demonstration's own mailbox."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(("mailbox.", "static")):
            yield from ((rule, method) for method in sorted((rule.methods or set()) & {"GET", "POST"}))


def token_in(html: str) -> str:
    """The token against forgery that a page's forms carry."""
    found = TOKEN.search(html)
    assert found, "no form with a token"
    return found.group(1)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that `app` sends to its database inside the block."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """Requests inside the block work as ever, commits included; after it nothing of them is left."""
    engines = db._app_engines[app]
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    engine = engines[None]
    connection = engine.connect()
    outer = connection.begin()
    engines[None] = connection
    try:
        yield
    finally:
        engines[None] = engine
        outer.rollback()
        connection.close()
