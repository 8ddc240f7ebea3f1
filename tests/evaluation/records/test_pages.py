"""The pages of records, as each role meets them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.records.building import build_waiting
from portal.accounts.access import THE_PORTAL
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_marking_evaluation, somebody_declared
from tests.web_client import sign_in


def under(decided: Evaluation, page: str = "") -> str:
    return f"/rounds/{decided.round_id}/records{page}"


@pytest.fixture
def lead(client: FlaskClient, decided: Evaluation) -> FlaskClient:
    """The browser of the procurement lead."""
    return sign_in(client, decided.lead.email)


def ask(browser: FlaskClient, decided: Evaluation, kind: str = "ledger", purpose: str = "") -> str:
    answer = browser.post(under(decided), data={"kind": kind, "purpose": purpose})
    assert answer.status_code == 303
    return answer.location


def test_a_file_is_asked_for_watched_and_fetched(
    lead: FlaskClient, session: Session, app: Flask, decided: Evaluation
) -> None:
    page = lead.get(under(decided)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "Disclosure pack" in page
    address = ask(lead, decided, "disclosure", "An audit.")
    waiting = lead.get(address)
    assert faults(waiting.get_data(as_text=True), app) == []
    assert ("Refresh" in waiting.headers, "<progress" in waiting.get_data(as_text=True)) == (True, True)
    assert "Refresh" not in lead.get(f"{address}?still=yes").headers
    build_waiting(by=THE_PORTAL)
    ready = lead.get(address)
    assert "Refresh" not in ready.headers and "Nothing in this pack is redacted" in ready.get_data(
        as_text=True
    )
    fetched = lead.get(f"{address}/file")
    assert (fetched.status_code, "X-Amz-Signature" in fetched.location) == (303, True)


def test_what_was_typed_is_kept_when_no_file_was_chosen(lead: FlaskClient, decided: Evaluation) -> None:
    answer = lead.post(under(decided), data={"purpose": "A claim by a provider."})
    assert answer.status_code == 422
    assert "A claim by a provider." in answer.get_data(as_text=True)
    missing = lead.post(under(decided), data={"kind": "disclosure"})
    assert "Say what the disclosure pack is for" in missing.get_data(as_text=True)


def test_a_fault_is_shown_with_a_button_to_try_again(
    lead: FlaskClient, session: Session, app: Flask, decided: Evaluation
) -> None:
    address = ask(lead, decided)
    session.execute(text("UPDATE record_file SET state = 'failed', failure = 'The store was away.'"))
    session.commit()
    page = lead.get(address).get_data(as_text=True)
    assert faults(page, app) == [] and "The store was away." in page
    assert lead.post(f"{address}/again").status_code == 303
    assert "Waits for its turn" in lead.get(address).get_data(as_text=True)
    assert lead.post(f"{address}/again").status_code == 409


@pytest.mark.parametrize(
    ("role", "page", "table"),
    [("auditor", 200, 200), ("approver", 200, 200), ("moderator", 403, 403), ("evaluator", 403, 403)],
)
def test_records_are_for_those_who_answer_for_the_round(
    client: FlaskClient, decided: Evaluation, role: str, page: int, table: int
) -> None:
    browser = sign_in(client, somebody_declared(decided, role).email)
    assert browser.get(under(decided)).status_code == page
    assert browser.get(under(decided, "/marks.csv")).status_code == table


def test_the_auditor_is_offered_the_disclosure_pack_and_the_approver_is_not(
    app: Flask, session: Session, decided: Evaluation
) -> None:
    def offered(role: str) -> bool:
        browser = sign_in(app.test_client(), somebody_declared(decided, role).email)
        return "Disclosure pack" in browser.get(under(decided)).get_data(as_text=True)

    assert (offered("auditor"), offered("approver")) == (True, False)


def test_before_all_have_locked_the_page_says_why_there_is_nothing(
    client: FlaskClient, session: Session
) -> None:
    marking = a_marking_evaluation(1)
    browser = sign_in(client, marking.lead.email)
    page = browser.get(under(marking)).get_data(as_text=True)
    assert "once every evaluator has locked" in page and "<form" not in page.split("<main")[1]
    assert browser.get(under(marking, "/marks.csv")).status_code == 409
    assert browser.post(under(marking), data={"kind": "ledger"}).status_code == 422


def test_a_table_that_is_none_is_not_found(lead: FlaskClient, decided: Evaluation) -> None:
    assert lead.get(under(decided, "/nothing.csv")).status_code == 404
