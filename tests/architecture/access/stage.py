"""The world as a stage: one person for every viewer, put where a cell wants them, and every answer undone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, text
from werkzeug.routing import Rule

from portal.accounts.models import Organisation
from portal.database import db, transaction
from tests.architecture.access.cast import HALF_IN, PERSON, STRANGER, VIEWERS, Viewer
from tests.architecture.access.props import set_up
from tests.architecture.access.things import Thing
from tests.architecture.world import World, token_in, undone
from tests.factories.accounts import a_person, an_organisation
from tests.factories.organisations import somebody_without_organisation
from tests.web_client import first_step, sign_in

COOKIE = "portal"
# What a script announces of a file before it sends the parts.
TAKE_JSON = {"uploads.begin", "promises.begin", "evidence_uploads.begin", "paper_uploads.begin"}
ANNOUNCED = {"filename": "policy.pdf", "size": 1000, "sha256": "0" * 64}
# The kinds of organisations, but for trusts with schools: their people act for one of these first.
KINDS = """
  SELECT id, kind FROM organisation
  WHERE NOT EXISTS (SELECT FROM organisation AS school WHERE school.group_id = organisation.id)
"""
# The organisation of each kind that most of what is listed belongs to.
BUSIEST = """
  SELECT DISTINCT ON (kind) kind, organisation_id FROM (
    SELECT 'provider' AS kind, provider_id AS organisation_id FROM application
    UNION ALL SELECT 'council', council_id FROM framework
    UNION ALL SELECT 'school', school_id FROM referral
  ) AS listed GROUP BY kind, organisation_id ORDER BY kind, count(*) DESC, organisation_id
"""
# Leads, moderators and approvers are led to the list of tenderers until they have declared
# (tests/architecture/test_undeclared.py): these have, in every round.
DECLARED = """
  INSERT INTO conflict_declaration (application_id, person_id, declared_at)
  SELECT application.id, person.id, now()
  FROM application JOIN round ON round.id = round_id JOIN person ON person.id = ANY(:ids)
  WHERE application.state = 'submitted' AND round.state NOT IN ('draft', 'published', 'withdrawn')
"""
# What a browser may draw: pages, their colours and logo, and what scripts are told.
PAGES = {"text/html", "text/css", "image/png", "application/json"}
CHANGES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Reply:
    """What came back, the statements by which something was changed, and the page that a GET was given.

    `drawn` is the type of a file that the browser was not told to save.
    """

    status: int
    location: str
    changes: tuple[str, ...]
    page: str = ""
    drawn: str = ""


class Stage:
    """Where requests are made. Of no request anything is left when the next one is made."""

    def __init__(self, app: Flask, connection: Connection) -> None:
        self.app, self._connection = app, connection
        self._client = app.test_client()
        self.routes = app.url_map.bind("localhost")
        with app.app_context():
            set_up()
            self.people, self.homes = _engage()
            db.session.remove()
        self._cookies = self._open_doors()
        self.kinds = dict(connection.execute(text(KINDS)).all())
        self.busiest: dict[str, int] = dict(connection.execute(text(BUSIEST)).all())
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._by_values: dict[str, dict[tuple[str, ...], list[dict[str, Any]]]] = {}
        self._changes: list[str] = []
        event.listen(connection, "after_cursor_execute", self._note)

    def rows_of(self, thing: Thing) -> list[dict[str, Any]]:
        """Every row that the thing's addresses can name, with its state and its owners."""
        if thing.name not in self._rows:
            found = self._connection.execute(text(thing.statement)).mappings()
            self._rows[thing.name] = [dict(row) for row in found]
        return self._rows[thing.name]

    def rows_at(self, thing: Thing, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that an address with these parameters names: none where it is of a thing elsewhere."""
        names = sorted(thing.parameters)
        if thing.name not in self._by_values:
            found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for row in self.rows_of(thing):
                found.setdefault(tuple(str(row[name]) for name in names), []).append(row)
            self._by_values[thing.name] = found
        return self._by_values[thing.name].get(tuple(str(values[name]) for name in names), [])

    def ask(
        self,
        viewer: Viewer,
        rule: Rule,
        method: str,
        values: Mapping[str, Any],
        *,
        within: int | None = None,
        person: int | None = None,
    ) -> Reply:
        """The viewer's request: as a member of the organisation `within`, or as this very `person`."""
        address = self.routes.build(rule.endpoint, values, method=method)
        door, token = self._cookies[viewer]
        if person is not None:
            door = self._of(person, door)
        self._client.delete_cookie(COOKIE)
        self._client.set_cookie(COOKIE, door)
        self._connection.exec_driver_sql("SAVEPOINT cell")
        try:
            if within is not None:
                moved = {"within": within, "person": self.people[viewer]}
                statement = "UPDATE membership SET organisation_id = :within WHERE person_id = :person"
                self._connection.execute(text(statement), moved)
            self._changes.clear()
            answer = self._client.open(address, method=method, **_sent(rule.endpoint, method, token))
            shown = method == "GET" and answer.status_code == 200 and answer.mimetype == "text/html"
            page = answer.get_data(as_text=True) if shown else ""
            saved = answer.headers.get("Content-Disposition", "").startswith("attachment;")
            drawn = "" if saved or answer.status_code != 200 or answer.mimetype in PAGES else answer.mimetype
            answer.close()
            return Reply(answer.status_code, answer.location or "", tuple(self._changes), page, drawn)
        finally:
            # Released as well: thousands of savepoints in one transaction would each keep a lock.
            self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT cell")
            self._connection.exec_driver_sql("RELEASE SAVEPOINT cell")

    def _open_doors(self) -> dict[Viewer, tuple[str, str]]:
        """Each viewer's cookie with the token that goes with it.

        One of them signs in through the pages, second step included; the sessions of the others are the same
        but for the person.
        """
        with self.app.app_context():
            emails = dict(db.session.execute(text("SELECT id, email FROM person")).all())
        doors = {STRANGER: _door(self.app.test_client(), None)}
        half, whole = self.app.test_client(), self.app.test_client()
        first_step(half, emails[self.people[HALF_IN]])
        doors[HALF_IN] = _door(half, "/sign-in/code")
        sign_in(whole, emails[self.people[HALF_IN]])
        cookie, token = _door(whole, "/your-sign-in/password")
        others = (viewer for viewer in VIEWERS if viewer not in doors)
        doors |= {viewer: (self._of(self.people[viewer], cookie), token) for viewer in others}
        return {**doors, PERSON: (cookie, token)}

    def _of(self, person_id: int, cookie: str) -> str:
        """The cookie of a session like this one, of another person."""
        uniquifier = self._connection.scalar(
            text("SELECT fs_uniquifier FROM person WHERE id = :person"), {"person": person_id}
        )
        signed = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(signed.dumps({**signed.loads(cookie), "_user_id": uniquifier}))

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().startswith(CHANGES) and cursor.rowcount:
            self._changes.append(statement)


@contextmanager
def staged(world: World) -> Iterator[Stage]:
    """A stage in the world; when it is taken down the world is as it was."""
    with undone(world.app):
        yield Stage(world.app, db._app_engines[world.app][None])  # type: ignore[arg-type]


def _sent(endpoint: str, method: str, token: str) -> dict[str, Any]:
    """What goes with a request: an empty form with its token, or what a script sends in its place."""
    if method == "POST" and endpoint not in TAKE_JSON:
        return {"data": {"csrf_token": token}}
    return {"json": ANNOUNCED if method == "POST" else None, "headers": {"X-CSRFToken": token}}


def _door(client: FlaskClient, page: str | None) -> tuple[str, str]:
    """A client's cookie, and the token against forgery that a page gives it."""
    token = token_in(client.get(page or "/sign-in").get_data(as_text=True))
    cookie = client.get_cookie(COOKIE)
    assert cookie
    return cookie.value, token


def _engage() -> tuple[dict[Viewer, int], dict[Viewer, int]]:
    """One person for each viewer who has an account, and the organisation of each who belongs to one.

    They know nobody in the world: what is theirs is so only because a cell puts them into its owner's place.
    """
    people: dict[Viewer, int] = {}
    homes: dict[Viewer, int] = {}
    organisations: dict[tuple[str, str], Organisation] = {}
    for viewer in VIEWERS:
        if viewer is STRANGER:
            continue
        if not viewer.kind:
            who = somebody_without_organisation(f"{viewer.name.replace(' ', '.')}@example.org")
        else:
            place = viewer.kind, viewer.standing
            home = organisations.get(place) or an_organisation(viewer.kind)
            organisations[place] = home
            who = a_person(home, viewer.role)
            homes[viewer] = home.id
        people[viewer] = who.person_id or 0
    with transaction() as session:
        for (_, standing), organisation in organisations.items():
            changed = {"state": standing, "state_reason": "As it is.", "id": organisation.id}
            session.execute(
                text("UPDATE organisation SET state = :state, state_reason = :state_reason WHERE id = :id"),
                changed,
            )
        session.execute(
            text(DECLARED), {"ids": [people[viewer] for viewer in VIEWERS if viewer.kind == "council"]}
        )
        unconfirmed = [people[viewer] for viewer in VIEWERS if not viewer.confirmed]
        session.execute(
            text("UPDATE person SET confirmed_at = NULL WHERE id = ANY(:ids)"), {"ids": unconfirmed}
        )
    return people, homes
