"""What anyone may read about published rounds."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.errors import NotFound
from tender.frameworks import home_queries, queries
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_procurement_lead,
    a_published_round,
    an_opened_round,
)
from tests.web_client import sign_in


def text_of(client: FlaskClient, address: str) -> str:
    """The words of a page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_anyone_reads_lots_dates_questions_criteria_and_scale(client: FlaskClient) -> None:
    published = a_published_round()
    page = text_of(client, f"/opportunities/{published.id}")
    for words in (
        "UK time",
        "days",
        "Registered schools only",
        "£120",
        "Safeguarding and safer recruitment",
        "25% of the total, minimum mark 3",
        "A written answer of up to 750 words",
        "A document to upload: PDF or Word (.docx), up to 10 MB each",
        "Answers every part of the question with enough detail",
        "adds 20.",
        "Public Contracts Regulations 2015 still apply",
        "£1,000,000",
        "before the round closes",
    ):
        assert words in page, words


def test_a_draft_is_not_found_by_anyone_on_the_public_pages(client: FlaskClient) -> None:
    draft = a_draft_round()
    assert client.get(f"/opportunities/{draft.id}").status_code == 404
    assert "No round has been published yet" in text_of(client, "/opportunities")
    with pytest.raises(NotFound):
        queries.published_round(draft.id)


def test_somebody_who_is_not_signed_in_is_sent_to_register_and_back(client: FlaskClient) -> None:
    address = f"/opportunities/{a_published_round().id}"
    page = client.get(address).get_data(as_text=True)
    assert f"/register?next={address}" in page.replace("%2F", "/")


def test_a_provider_starts_with_one_press_while_the_round_is_open(client: FlaskClient) -> None:
    published, closed = a_published_round(), a_closed_round()
    sign_in(client, a_provider_person().email)
    open_page = client.get(f"/opportunities/{published.id}").get_data(as_text=True)
    assert f'action="/opportunities/{published.id}/apply"' in open_page
    closed_page = client.get(f"/opportunities/{closed.id}").get_data(as_text=True)
    assert "/apply" not in closed_page and "has closed" in closed_page


def test_people_who_cannot_apply_see_no_button(client: FlaskClient) -> None:
    published = a_published_round()
    sign_in(client, a_school_person().email)
    assert "govuk-button--start" not in client.get(f"/opportunities/{published.id}").get_data(as_text=True)


def test_a_round_to_come_can_be_read_but_not_applied_for(client: FlaskClient) -> None:
    upcoming = a_published_round(opened=timedelta(days=-3))
    page = client.get(f"/opportunities/{upcoming.id}").get_data(as_text=True)
    assert "You can apply from" in page and "govuk-button--start" not in page


def test_open_rounds_come_first_then_those_to_come_then_closed_ones(session: Session) -> None:
    closed = a_closed_round()
    upcoming = a_published_round(opened=timedelta(days=-3))
    later = a_published_round(open_for=timedelta(days=60))
    sooner = a_published_round(open_for=timedelta(days=10))
    rounds, total = queries.public_rounds()
    assert [facts.id for facts in rounds] == [sooner.id, later.id, upcoming.id, closed.id]
    assert total == 4
    assert [facts.id for facts in queries.open_rounds()] == [sooner.id, later.id]


def test_the_list_costs_the_same_for_one_round_and_for_many(
    client: FlaskClient, statements: list[str]
) -> None:
    a_published_round()
    statements.clear()
    client.get("/opportunities")
    for_one = len(statements)
    for _ in range(3):
        a_closed_round()
    statements.clear()
    client.get("/opportunities")
    assert len(statements) == for_one <= 4


def test_the_pack_costs_two_statements(session: Session, statements: list[str]) -> None:
    round_id = a_published_round().id
    statements.clear()
    queries.pack_of(round_id)
    assert len(statements) == 2


def test_the_lead_is_told_of_drafts_and_shut_boxes_of_their_own_council(session: Session) -> None:
    council = a_council()
    lead = a_procurement_lead(council)
    a_draft_round(), a_closed_round()
    draft, closed, running = a_draft_round(lead=lead), a_closed_round(lead=lead), a_published_round(lead=lead)
    opened = an_opened_round(lead=lead)
    waiting = home_queries.waiting_for(lead)
    assert [task.values["round_id"] for task in waiting.now] == [closed.id, draft.id]
    stages = {line.values["round_id"]: line.state for line in waiting.going_on}
    assert stages == {running.id: "open", opened.id: "conditions being checked"}


def test_a_provider_is_told_of_open_rounds_and_others_of_nothing(
    session: Session, statements: list[str]
) -> None:
    published = a_published_round()
    evaluator = a_person(a_council(), "evaluator")
    going_on = home_queries.waiting_for(a_provider_person()).going_on
    assert [line.values["round_id"] for line in going_on] == [published.id]
    statements.clear()
    assert home_queries.waiting_for(evaluator).now == home_queries.waiting_for(a_school_person()).now == ()


def test_the_phase_follows_the_clock(session: Session) -> None:
    published = a_published_round()
    for moment, phase in ((published.opens_at, "open"), (published.closes_at, "closed")):
        with clock.staged_at(moment):
            assert queries.published_round(published.id).phase == phase
