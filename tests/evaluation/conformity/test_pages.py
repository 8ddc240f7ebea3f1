"""The pages of conformity."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import decide_check
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import Evaluation, an_opened_evaluation, pass_referred
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Two tenders in an opened box, one without insurance."""
    return build(lambda: an_opened_evaluation(2, answers=[{}, {"insurance": "no"}]))


def referred(session: Session) -> ConformityCheck:
    return session.scalars(
        select(ConformityCheck).where(ConformityCheck.result == "refer").order_by(ConformityCheck.id).limit(1)
    ).one()


def test_the_page_shows_what_is_to_decide_and_every_tender(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    shown = sign_in(client, opened.lead.email).get(f"/rounds/{opened.round_id}/conformity")
    page = shown.get_data(as_text=True)
    assert faults(page, app) == []
    assert "conditions to decide" in page
    assert page.count("govuk-tag--red") == 1


def test_before_the_box_is_opened_the_page_tells_nothing(client: FlaskClient, session: Session) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    a_submitted_application(shut, lot_ids(shut))
    page = sign_in(client, lead.email).get(f"/rounds/{shut.id}/conformity").get_data(as_text=True)
    assert "Nobody at the council can read them before" in page
    assert "Provider" not in page.split("<main")[1]


def test_deciding_goes_on_to_the_next_of_the_same_question(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    check = referred(session)
    address = f"/rounds/{opened.round_id}/conformity/{check.id}"
    sign_in(client, opened.lead.email)
    answer = client.post(address, data={"version": "1", "result": "pass", "reason": "No ground applies."})
    following = session.get_one(ConformityCheck, int(answer.location.rsplit("/", 1)[1]))
    assert answer.status_code == 303
    assert (following.question_id, following.result) == (check.question_id, "refer")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"result": "pass", "reason": ""}, "Give a reason"),
        ({"result": "", "reason": "Written at length."}, "Choose pass or fail"),
        ({"result": "refer", "reason": "Written at length."}, "Choose pass or fail"),
    ],
)
def test_a_bad_decision_is_told_and_what_was_typed_stays(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation, data: dict[str, str], told: str
) -> None:
    check = referred(session)
    address = f"/rounds/{opened.round_id}/conformity/{check.id}"
    answer = sign_in(client, opened.lead.email).post(address, data={"version": "1", **data})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert data["reason"] in page
    assert faults(page, app) == []
    session.expire_all()
    assert check.result == "refer"


def test_a_colleagues_decision_is_shown_beside_what_was_typed(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    check = referred(session)
    decide_check(check_id=check.id, result="fail", reason="Their own words.", version=1, by=opened.lead)
    address = f"/rounds/{opened.round_id}/conformity/{check.id}"
    data = {"version": "1", "result": "pass", "reason": "My own words."}
    page = sign_in(client, opened.lead.email).post(address, data=data).get_data(as_text=True)
    assert "A colleague decided this" in page
    assert "Their own words." in page
    assert "My own words." in page
    assert 'name="version" type="hidden" value="2"' in page


def test_marking_does_not_start_early_and_starts_once(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    address = f"/rounds/{opened.round_id}/start-marking"
    refused = sign_in(client, opened.lead.email).post(address)
    assert refused.status_code == 422
    assert "Decide every referred condition first" in refused.get_data(as_text=True)
    pass_referred(opened)
    assert [client.post(address).status_code for _ in range(2)] == [303, 303]


def test_an_auditor_reads_and_decides_nothing(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    address = f"/rounds/{opened.round_id}/conformity/{referred(session).id}"
    sign_in(client, opened.person("auditor").email)
    page = client.get(address).get_data(as_text=True)
    assert "Save and go on" not in page
    assert client.post(address, data={"result": "pass", "reason": "Mine."}).status_code == 403
    assert client.post(f"/rounds/{opened.round_id}/conformity/run").status_code == 403
    assert client.post(f"/rounds/{opened.round_id}/start-marking").status_code == 403


def test_the_page_shows_the_rules_word_the_earlier_decisions_and_the_lots_that_go_on(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    check = session.scalars(select(ConformityCheck).where(ConformityCheck.rule_result == "fail")).one()
    for version, result, reason in ((1, "pass", "They showed us."), (2, "fail", "It was another policy.")):
        decide_check(check_id=check.id, result=result, reason=reason, version=version, by=opened.lead)
    shown = sign_in(client, opened.lead.email).get(f"/rounds/{opened.round_id}/conformity/{check.id}")
    page = shown.get_data(as_text=True)
    assert faults(page, app) == []
    assert "The rule says: fail. This was not answered yes." in page
    assert "Earlier decisions (1)" in page
    assert "They showed us." in page
    assert "<strong>ended</strong> by" in page
