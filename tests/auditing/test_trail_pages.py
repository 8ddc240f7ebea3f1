"""The auditor's pages: everything that may be known, in pages and as a file; nothing that is sealed."""

import csv
import io
from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.queries import trail_of
from portal.audit.services import record
from portal.auditing.queries import LINES_A_PAGE, Wanted, every_line, lines
from portal.database import transaction
from tender.frameworks.opening_services import open_box
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import a_submitted_application
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.web_client import sign_in


def happened(count: int = 1, by: Actor = THE_PORTAL, action: str = "thing.happen", **details) -> None:
    with transaction():
        for number in range(count):
            record(action, "thing", number, by=by, **details)


@pytest.fixture
def auditor(session) -> Actor:
    return a_person(a_council(), "auditor", name="Ada Auditor")


@pytest.fixture
def browser(client, auditor):
    return sign_in(client, auditor.email)


def page_of(browser, address: str = "/audit", **choices) -> str:
    return browser.get(address, query_string=choices).get_data(as_text=True)


def file_of(browser, **choices) -> list[dict[str, str]]:
    answer = browser.get("/audit.csv", query_string=choices)
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline="")))


def test_the_trail_is_for_those_who_read_trails(client):
    sign_in(client, a_provider_person().email)
    assert client.get("/audit").status_code == client.get("/audit.csv").status_code == 403


def test_lines_are_filtered_by_what_they_are_about(browser):
    happened(3, note="first")
    page = page_of(browser, subject="thing 2")
    assert page.count("<strong>Thing: happen</strong>") == 1
    assert page_of(browser, subject="THING").count("<strong>Thing: happen</strong>") == 3


def test_lines_are_filtered_by_person_by_name_or_address(browser, auditor):
    happened(2, by=auditor)
    happened(5)
    for person in ("ada aud", auditor.email.upper()):
        assert page_of(browser, person=person, action="thing.happen").count("<strong>Thing") == 2
    assert page_of(browser, person="%").count("<strong>") == 0


def test_lines_are_filtered_by_day(session):
    happened(3)
    today = clock.today()
    kind = {"subject_type": "thing"}
    assert len(lines(Wanted(**kind, since=today, until=today))) == 3
    assert not lines(Wanted(**kind, until=today - timedelta(days=1)))
    assert not lines(Wanted(**kind, since=today + timedelta(days=1)))
    assert len(lines(Wanted(**kind, since=today - timedelta(days=1), until=today + timedelta(days=9)))) == 3


def test_a_day_that_is_none_is_said_to_be_none(browser):
    answer = browser.get("/audit?since-day=31&since-month=2&since-year=2026")
    assert answer.status_code == 422 and "must be a real day" in answer.get_data(as_text=True)


def test_pages_follow_each_other_without_a_gap(session):
    happened(2 * LINES_A_PAGE + 3)
    wanted, seen, before = Wanted(subject_type="thing"), [], None
    while batch := lines(wanted, before=before):
        seen += [line.id for line in batch]
        before = seen[-1]
    assert len(seen) == 2 * LINES_A_PAGE + 3 and seen == sorted(seen, reverse=True)


def test_a_page_leads_to_older_lines_and_keeps_the_filters(browser):
    happened(LINES_A_PAGE + 1)
    page = page_of(browser, subject="thing")
    assert page.count("<strong>Thing") == LINES_A_PAGE
    assert "subject=thing" in page.partition("Older lines")[0].rpartition("<a ")[2]


def test_a_page_costs_few_statements_however_long_the_trail(browser):
    page_of(browser, subject="thing", person="ada", action="thing.happen")
    happened(200)
    with counted() as made:
        page_of(browser, subject="thing", person="ada", action="thing.happen")
    assert len(made) <= 6


def test_the_file_holds_what_the_page_shows_and_that_it_was_taken(browser, auditor):
    happened(3, by=auditor)
    rows = file_of(browser, subject="thing")
    assert [row["subject_number"] for row in rows] == ["2", "1", "0"]
    assert {row["person"] for row in rows} == {"Ada Auditor"} and len(rows[0]["sha256"]) == 64
    assert file_of(browser, subject="audit")[0]["action"] == "audit.read"


def test_what_no_database_can_hold_may_be_asked_for(browser):
    assert file_of(browser, person="nul\x00byte") == []


def test_no_cell_of_the_file_is_a_formula(browser, session):
    happened(by=Actor(None, '=HYPERLINK("https://evil.example.org")'))
    assert file_of(browser, subject="thing")[0]["person"].startswith("'=")


def test_a_long_file_is_read_in_stretches(session, monkeypatch):
    monkeypatch.setattr("portal.auditing.queries.LINES_A_STATEMENT", 4)
    happened(11)
    assert len(list(every_line(Wanted(subject_type="thing")))) == 11


def test_sealed_applications_are_in_no_page_and_no_file_before_the_opening(client):
    round = a_closed_round()
    provider = a_provider_person("Sealed Provider")
    application_id = a_submitted_application(round, lot_ids(round)[:1], provider)
    lead = a_procurement_lead(round)
    sign_in(client, lead.email)
    subject = {"subject": f"application {application_id}"}
    assert provider.name not in page_of(client, **subject) and file_of(client, **subject) == []
    assert file_of(client, subject="application", person=provider.email) == []
    open_box(by=lead, round_id=round.id)
    assert file_of(client, **subject)[-1]["action"] == "application.start"


def test_reading_is_told_apart_from_what_was_done(session):
    happened(action="thing.happen")
    happened(200, action="thing.read")
    assert [line["action"] for line in trail_of("thing", 0)] == ["thing.happen"]
