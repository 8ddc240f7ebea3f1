"""The pages of the panel and of the declaration."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender handed out to two evaluators who have not declared."""
    return build(lambda: a_marking_evaluation(accepted=False))


def panel(marking: Evaluation) -> str:
    return f"/rounds/{marking.round_id}/panel"


def declaration(marking: Evaluation) -> str:
    return f"/marking/{marking.assignment().id}/declaration"


def test_the_panel_page_shows_who_serves_and_how_far_they_are(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    page = sign_in(client, marking.lead.email).get(panel(marking)).get_data(as_text=True)
    assert faults(page, app) == []
    assert page.count(" checked") == 3
    assert "Tenders by evaluator" in page


def test_a_panel_is_saved_and_tenders_handed_out(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    added = marking.person("evaluator")
    data = {
        "evaluators": [str(person.person_id) for person in (*marking.evaluators, added)],
        "moderators": [str(marking.moderator.person_id)],
        "reason": "One more to mark.",
    }
    sign_in(client, marking.lead.email)
    assert client.post(panel(marking), data=data).status_code == 303
    answer = client.post(f"{panel(marking)}/assign", follow_redirects=True).get_data(as_text=True)
    assert "1 new assignment made" in answer


@pytest.mark.parametrize("evaluators", [[], ["{first}"], ["{first}", "abc"], ["{first}", "999999"]])
def test_a_panel_that_does_not_do_is_refused_and_shown_as_chosen(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation, evaluators: list[str]
) -> None:
    chosen = [one.format(first=marking.evaluators[0].person_id) for one in evaluators]
    data = {"evaluators": chosen, "moderators": [str(marking.moderator.person_id)]}
    answer = sign_in(client, marking.lead.email).post(panel(marking), data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert faults(page, app) == []
    assert len(queries.panel_of(marking.round_id)) == 3


def test_accepting_opens_the_tender(client: FlaskClient, session: Session, marking: Evaluation) -> None:
    sign_in(client, marking.evaluators[0].email)
    answer = client.post(declaration(marking), data={"declaration": "none"})
    assert answer.location == f"/marking/{marking.assignment().id}"
    assert "0 of 6 answers marked" in client.get(answer.location).get_data(as_text=True)


def test_with_many_tenders_one_declaration_leads_to_the_next(client: FlaskClient, session: Session) -> None:
    many = a_marking_evaluation(2, accepted=False)
    sign_in(client, many.evaluators[0].email)
    data = {"declaration": "none", "then": "next"}
    following = client.post(declaration(many), data=data).location
    assert following == f"/marking/{many.assignment(0, 1).id}/declaration"
    assert client.post(following, data=data).location == f"/marking/{many.assignment(0, 1).id}"


@pytest.mark.parametrize("data", [{}, {"declaration": "perceived", "conflict": ""}])
def test_a_declaration_that_says_nothing_is_refused(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation, data: dict[str, str]
) -> None:
    answer = sign_in(client, marking.evaluators[0].email).post(declaration(marking), data=data)
    assert answer.status_code == 422
    assert faults(answer.get_data(as_text=True), app) == []
    assert marking.assignment().state == "assigned"


def test_a_conflict_is_shown_to_the_lead_and_ends_the_reading(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.evaluators[0].email)
    client.post(declaration(marking), data={"declaration": "actual", "conflict": "My aunt runs it."})
    shown = client.get(f"/marking/{marking.assignment().id}", follow_redirects=True).get_data(as_text=True)
    assert "nothing of it is shown to you" in shown
    page = sign_in(app.test_client(), marking.lead.email).get(panel(marking)).get_data(as_text=True)
    assert "My aunt runs it." in page
    assert "1 tender has fewer than two evaluators" in page


def test_an_approver_reads_the_panel_without_the_conflicts(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    sign_in(client, marking.evaluators[0].email)
    client.post(declaration(marking), data={"declaration": "actual", "conflict": "My aunt runs it."})
    client.post("/sign-out")
    page = sign_in(client, an_approver(marking).email).get(panel(marking)).get_data(as_text=True)
    assert marking.evaluators[0].name in page
    assert "My aunt runs it." not in page
    assert client.post(panel(marking)).status_code == 403


def test_a_tender_is_handed_back_and_the_lead_sees_why(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.evaluators[0].email)
    address = f"/marking/{marking.assignment().id}/decline"
    refused = client.post(address, data={"reason": " "})
    assert refused.status_code == 422
    assert faults(refused.get_data(as_text=True), app) == []
    assert client.post(address, data={"reason": "I am on leave."}).status_code == 303
    page = sign_in(app.test_client(), marking.lead.email).get(panel(marking)).get_data(as_text=True)
    assert "I am on leave." in page


def test_a_part_is_changed_and_its_history_shown(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.lead.email)
    address = f"{panel(marking)}/{marking.evaluators[0].person_id}"
    assert faults(client.get(address).get_data(as_text=True), app) == []
    data = {"sections": ["quality"], "skills": "finance, safeguarding", "reason": "She knows money."}
    assert client.post(address, data={**data, "reason": ""}).status_code == 422
    assert client.post(address, data=data).status_code == 303
    page = client.get(panel(marking)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "finance, safeguarding" in page
    assert "Reason: She knows money." in page


def test_the_proposal_is_shown_and_handed_out(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    session.execute(text("DELETE FROM assignment"))
    sign_in(client, marking.lead.email)
    page = client.get(f"{panel(marking)}/proposal").get_data(as_text=True)
    assert faults(page, app) == []
    fingerprint = re.search(r'name="fingerprint"[^>]*value="(\w+)"', page)
    stale = client.post(f"{panel(marking)}/proposal", data={"each": "2", "fingerprint": "0"})
    assert stale.status_code == 422
    data = {"each": "2", "fingerprint": fingerprint[1] if fingerprint else ""}
    answer = client.post(f"{panel(marking)}/proposal", data=data, follow_redirects=True)
    assert "2 assignments made or widened" in answer.get_data(as_text=True)


def test_one_tender_is_handed_out_by_hand(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.lead.email)
    address = f"{panel(marking)}/tenders/{marking.applications[0]}"
    page = client.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert page.count(" checked") >= 2
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert client.post(address, data={"reason": "Both are ill."}).status_code == 303
    assert marking.assignment().state == "declined"
