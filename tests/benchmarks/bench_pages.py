"""The server's time for whole requests, in process through WSGI: what a worker does, without the network.

Every request has its own application context, connection from the pool and transaction, signed in and with
the token against forgery, as on a server. A bare Flask that says hello and a bare page of 40 kB run by turns
with them and tell how fast this machine is just now. Beside the search page of 10,000 services stands
its floor: a bare Flask that sends the same search as one statement by psycopg alone, and draws the twenty
cards, the total and all counts with a bare template.
"""

import re
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from evaluation.moderation.agenda_queries import next_on_agenda
from evaluation.moderation.queries import item_for
from evaluation.outcomes.services import compute_results
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.contents import Item
from tender.applications.queries import own_application_for, tender_of
from tests.benchmarks.data import (
    a_marked_round,
    fill_register,
    some_lots,
    with_marking_under_way,
    with_moderation_under_way,
)
from tests.benchmarks.measuring import backend_of, show_table, side_by_side, statements
from tests.benchmarks.search_floor import FLOORS, Floor, bare_connection
from tests.conftest import Visitor
from tests.factories.accounts import a_person, a_provider_person, a_school_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_procurement_lead, a_published_round, lot_ids
from tests.web_client import sign_in

SERVICES, TENDERS, QUESTIONS, EVALUATORS = 10_000, 500, 25, 3
# The first search of `search_floor`, as a page sends it.
SEARCH = (
    "/search?words=boxing&key_stages=KS3&key_stages=KS4&needs=SEMH&needs=ASD&tiers=tier2&tiers=tier3"
    "&postcode=M14&within=10"
)
OURS, FLOOR_NAME = "search page, 10,000 services", "bare Flask: the same search"
FLOOR_TIMES, FLOOR_TIMES_P95 = 5, 8  # at most so many times the floor (P1)
AIMS = {
    OURS: (25, 6),
    "search page, no criteria": (25, 6),
    "save an answer (page's script)": (10, None),
    "save an answer (button)": (10, None),
    "results, 500 tenders x 3": (60, None),
    "agenda, 500 tenders x 3": (60, 12),
    "agenda, agreed ones too": (60, 12),
    "map of differences": (60, 12),
    "same marks": (60, 12),
    "one answer to agree": (60, 12),
    "spread by question": (60, 12),
    "spread by evaluator": (60, 12),
    "progress of marking": (60, 12),
    "panel board, 500 tenders x 3": (60, 12),
    "home of the lead": (60, 12),
    "home of an evaluator": (60, 12),
    "tenders to mark": (60, 12),
    "mark an answer": (50, 12),
    "mark along a question": (50, 12),
    "profile of a tender": (60, 12),
}
TEXT = "We ring home before half past nine and write down what we heard. " * 12
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
# One of the middle of what an evaluator marks, of a tender that meets the conditions.
_A_MARK = """
SELECT assignment.id, answer.id, person.email
FROM application
JOIN assignment ON assignment.application_id = application.id
JOIN person ON person.id = assignment.evaluator_id
JOIN answer ON answer.application_id = application.id
WHERE application.round_id = :round
  AND NOT EXISTS (SELECT FROM conformity_check WHERE application_id = application.id AND result = 'fail')
ORDER BY person.id, application.id, answer.id OFFSET 5000 LIMIT 1
"""
_BARE_PAGE = """<!DOCTYPE html><title>Bare</title><table>
{% for row in rows %}<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td><td>{{ row[2] }}</td></tr>
{% endfor %}</table>"""
_BARE_RESULTS = """<!DOCTYPE html><title>Found</title>
<h1>{{ total }} services, {{ free }} with a free place</h1>
<ul>{% for number in counts %}<li>{{ number }}</li>{% endfor %}</ul>
<ul>{% for lot in lots %}<li>{{ lot[1] }} {{ lot[2] }}: {{ lot[4] }}</li>{% endfor %}</ul>
{% for card in cards %}<article><h2>{{ card.provider_name }}, {{ card.title }}</h2><dl>
{% for name, said in card.items() %}<dt>{{ name }}</dt><dd>{{ said }}</dd>{% endfor %}</dl></article>
{% endfor %}"""


def run(app: Flask, quick: bool = False) -> None:
    """Print wall time, CPU time and statements of each page, and of the bare ones."""
    print(f"Filling {SERVICES:,} services, a draft and {TENDERS} marked tenders", flush=True)
    fill_register(SERVICES, some_lots())
    actions = {
        **_bare(),
        **_bare_save(app),
        **_bare_search(app),
        **_searches(app),
        **_saves(app),
        **_results(app),
    }
    actions |= _moderation(app)
    actions |= _marking(app)
    db.session.remove()
    db.engine.dispose()  # one connection, so that the process behind it is known
    with app.app_context():
        backend = backend_of(db.session())
    timings = side_by_side(actions, repeats=20 if quick else 60, backends={name: backend for name in AIMS})
    rows = []
    for name, took in timings.items():
        aim, most = AIMS.get(name, (None, None))
        with statements() as sent:
            actions[name]()
        rows.append((name, took.median, took.p95, took.computing, aim or "", len(sent), most or ""))
    show_table(
        "Whole requests in process",
        ("request", "p50 ms", "p95 ms", "CPU ms", "aim ms", "statements", "at most"),
        rows,
    )
    ours, floor = timings[OURS], timings[FLOOR_NAME]
    print(
        f"\nThe search page takes {ours.median / floor.median:.1f} times its floor (aim: {FLOOR_TIMES}),"
        f" at the 95th percentile {ours.p95 / floor.p95:.1f} times (aim: {FLOOR_TIMES_P95})",
        flush=True,
    )


def _bare() -> dict[str, Callable[[], Any]]:
    bare = Flask("bare")
    row = ("Provider of alternative provision", "0161 496 0000", "Key stage 3, key stage 4 and more of it")
    bare.add_url_rule("/hello", view_func=lambda: "hello", endpoint="hello")
    bare.add_url_rule(
        "/page", view_func=lambda: render_template_string(_BARE_PAGE, rows=[row] * 320), endpoint="page"
    )
    client = bare.test_client()
    size = len(client.get("/page").data)
    assert 38_000 < size < 44_000, size
    return {
        "bare Flask: hello": lambda: client.get("/hello"),
        "bare Flask: a page of 40 kB": lambda: client.get("/page"),
    }


def _bare_search(app: Flask) -> dict[str, Callable[[], Any]]:
    """The floor of the search page: the best statement for its search, and a bare template."""
    bare = Flask("bare search")
    floor = Floor(bare_connection(_address_of(app)))
    floor.connection.autocommit = True
    statement = next(iter(FLOORS.values()))
    bare.add_url_rule(
        "/search", view_func=lambda: render_template_string(_BARE_RESULTS, **floor.answer(statement))
    )
    client = bare.test_client()
    assert "services, " in client.get("/search").text
    return {FLOOR_NAME: lambda: client.get("/search")}


def _address_of(app: Flask) -> str:
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _bare_save(app: Flask) -> dict[str, Callable[[], Any]]:
    """The floor of a save: bare Flask and psycopg, an upsert and a line of a trail in one transaction."""
    bare = Flask("bare save")
    connection = psycopg.connect(_address_of(app))
    connection.execute("CREATE TEMP TABLE bare_answer (id int PRIMARY KEY, value jsonb, version int)")
    connection.execute("CREATE TEMP TABLE bare_line (id serial PRIMARY KEY, at timestamptz, version int)")
    connection.commit()

    def save() -> dict[str, int]:
        with connection.transaction():
            found = connection.execute(
                "INSERT INTO bare_answer VALUES (1, to_jsonb(%s::text), 1) ON CONFLICT (id) DO UPDATE "
                "SET value = excluded.value, version = bare_answer.version + 1 RETURNING version",
                [request.form["value"]],
            ).fetchone()
            connection.execute("INSERT INTO bare_line (at, version) VALUES (now(), %s)", found)
        return {"version": found[0]}

    bare.add_url_rule("/save", view_func=save, methods=["POST"])
    client = bare.test_client()
    return {"bare Flask: save": lambda: client.post("/save", data={"value": TEXT})}


def _signed_in(app: Flask, person: Actor) -> FlaskClient:
    """A browser of this person's, in by the front door."""
    return _signed_in_as(app, person.email)


def _signed_in_as(app: Flask, email: str) -> FlaskClient:
    app.test_client_class = Visitor
    db.session.remove()
    client = app.test_client()
    return sign_in(client, email)


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    assert found, page[:300]
    return found[1]


def _getting(client: FlaskClient, address: str, shows: str) -> Callable[[], Any]:
    page = client.get(address)
    assert page.status_code == 200 and shows in page.get_data(as_text=True), page.status
    return lambda: client.get(address)


def _searches(app: Flask) -> dict[str, Callable[[], Any]]:
    client = _signed_in(app, a_school_person())
    return {
        OURS: _getting(client, SEARCH, "services found"),
        "search page, no criteria": _getting(client, "/search", "services found"),
    }


def _saves(app: Flask) -> dict[str, Callable[[], Any]]:
    provider, round_ = a_provider_person(), a_published_round(lots=2)
    application = a_draft(round_, provider, lot_ids(round_))
    items = tender_of(own_application_for(provider, application)).items
    texts = [item for item in items if item.asked.kind == "long_text" and item.lot_id is None][:2]
    client = _signed_in(app, provider)
    by_script, by_button = (_Saver(client, application, item) for item in texts)
    return {
        "save an answer (page's script)": by_script.by_script,
        "save an answer (button)": by_button.by_button,
    }


class _Saver:
    """Somebody who writes one answer and saves it again and again."""

    def __init__(self, client: FlaskClient, application_id: int, item: Item) -> None:
        self.client, self.saves = client, 0
        self.address = f"/applications/{application_id}/questions/{item.asked.code}"
        self.token = _token(client.get(self.address).get_data(as_text=True))

    def _form(self) -> dict[str, str]:
        self.saves += 1
        return {"csrf_token": self.token, "value": f"{TEXT}{self.saves}", "version": str(self.saves - 1)}

    def by_script(self) -> None:
        """As the page saves while somebody types."""
        said = self.client.post(self.address, data=self._form(), headers={"Accept": "application/json"})
        assert said.status_code == 200 and said.json["version"] == self.saves, said.get_data(as_text=True)

    def by_button(self) -> None:
        """As without JavaScript: save, and on to the next question."""
        said = self.client.post(self.address, data={**self._form(), "then": "next"})
        assert said.status_code == 303, said.get_data(as_text=True)


def _results(app: Flask) -> dict[str, Callable[[], Any]]:
    lead = a_procurement_lead()
    round_id = a_marked_round(lead, TENDERS, QUESTIONS, EVALUATORS)
    with app.app_context():
        compute_results(round_id=round_id, by=lead)
    client = _signed_in(app, lead)
    return {"results, 500 tenders x 3": _getting(client, f"/rounds/{round_id}/results", "Tenderer")}


def _marking(app: Flask) -> dict[str, Callable[[], Any]]:
    """The pages of a round that is being marked, as its lead and one of its evaluators open them."""
    lead = a_procurement_lead()
    round_id = a_marked_round(lead, TENDERS, QUESTIONS, EVALUATORS)
    with_marking_under_way(round_id)
    assignment_id, answer_id, email = db.session.execute(text(_A_MARK), {"round": round_id}).one()
    leading, panel = _signed_in(app, lead), f"/rounds/{round_id}/panel"
    own, page = _signed_in_as(app, email), f"/marking/{assignment_id}/answers/{answer_id}"
    return {
        "panel board, 500 tenders x 3": _getting(leading, panel, "Tenders by evaluator"),
        "home of the lead": _getting(leading, "/", "Invented in bulk"),
        "home of an evaluator": _getting(own, "/", "answers to mark"),
        "tenders to mark": _getting(own, "/marking", "Tenderer"),
        "mark an answer": _getting(own, page, "Save and go on"),
        "mark along a question": _getting(own, f"{page}?by=question", "Save and go on"),
    }


def _moderation(app: Flask) -> dict[str, Callable[[], Any]]:
    """The pages of a round in moderation, as its moderator opens them."""
    lead = a_procurement_lead()
    round_id = a_marked_round(lead, TENDERS, QUESTIONS, EVALUATORS)
    moderator = a_person(db.session().get_one(Organisation, lead.organisation_id), "moderator")
    with_moderation_under_way(round_id, moderator)
    with app.app_context():
        answer_id = next_on_agenda(moderator, round_id)
        application_id = item_for(moderator, answer_id or 0)["application_id"]
    client, pages = _signed_in(app, moderator), f"/rounds/{round_id}/moderation"
    return {
        "agenda, 500 tenders x 3": _getting(client, pages, "Tenderer"),
        "agenda, agreed ones too": _getting(client, f"{pages}?show=all", "Tenderer"),
        "map of differences": _getting(client, f"{pages}/map", "Tenderer"),
        "same marks": _getting(client, f"{pages}/same-marks", "Tenderer"),
        "one answer to agree": _getting(client, f"/moderation/{answer_id}", "Next to agree"),
        "spread by question": _getting(client, f"{pages}/spread", "portal-chart"),
        "spread by evaluator": _getting(client, f"{pages}/evaluators", "portal-chart"),
        "progress of marking": _getting(client, f"/rounds/{round_id}/progress", "portal-chart"),
        "profile of a tender": _getting(
            client, f"/rounds/{round_id}/results/{application_id}/profile", "portal-chart"
        ),
    }
