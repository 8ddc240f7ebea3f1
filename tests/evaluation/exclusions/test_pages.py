"""The pages of exclusion checks."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evaluation.exclusions import queries
from evaluation.exclusions.services import record_finding
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.evaluation.test_volume import with_copies
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import Evaluation, an_opened_evaluation
from tests.factories.exclusions import a_finding, a_ground, clear
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.web_client import sign_in

DAY = {"checked_on-day": "2", "checked_on-month": "11", "checked_on-year": "2026"}
SAID = {"looked_at": "Companies House.", "reasons": "No entry.", **DAY}


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Three tenders in an opened box."""
    return build(lambda: an_opened_evaluation(3))


def address_of(opened: Evaluation, application: int = 0) -> str:
    return f"/rounds/{opened.round_id}/exclusions/{opened.applications[application]}"


def test_several_parts_are_recorded_in_one_step(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    page = sign_in(client, opened.lead.email).get(address_of(opened)).get_data(as_text=True)
    assert faults(page, app) == []
    assert page.count(" checked") >= 3  # every part that nobody has looked at is ticked
    data = {**SAID, "parts": ["mandatory", "discretionary", "persons"], "result": "nothing_found"}
    assert client.post(address_of(opened), data=data).status_code == 303
    page = client.get(address_of(opened)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "3 of 3 done" in page
    assert "Check again" in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"parts": []}, "Choose what you checked"),
        ({"result": ""}, "Choose what you found"),
        ({"looked_at": ""}, "Say what you looked at"),
        ({"checked_on-year": "2999"}, "must be today or earlier"),
        ({"result": "ground_applies"}, "Choose a ground"),
        (
            {"result": "ground_applies", "ground": "pcr_taxes", "self_cleaning": "None.", "excludes": "yes"},
            "Nobody is excluded unheard",
        ),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation, data: dict[str, str], told: str
) -> None:
    sent = {**SAID, "parts": ["mandatory"], "result": "nothing_found", **data}
    answer = sign_in(client, opened.lead.email).post(address_of(opened), data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert "No entry." in page
    assert faults(page, app) == []


def test_a_colleagues_finding_is_shown_beside_what_was_typed(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    ground = a_ground(ground="pcr_taxes")
    told = {"application_id": opened.applications[0], "parts": ["mandatory"], "seen": {}}
    record_finding(**told, found=ground, by=opened.lead)
    data = {**SAID, "parts": ["mandatory"], "result": "nothing_found", "seen": ""}
    sign_in(client, opened.lead.email)
    page = client.post(address_of(opened), data=data).get_data(as_text=True)
    assert "A colleague recorded a check" in page
    assert "are audited twice a year" in page
    assert 'value="mandatory:1"' in page
    assert client.post(address_of(opened), data={**data, "seen": "mandatory:1"}).status_code == 303


def test_the_list_puts_first_whom_somebody_has_to_look_at(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    for place in (0, 1):
        told = {"application_id": opened.applications[place], "found": a_finding(), "seen": {}}
        record_finding(**told, parts=["mandatory", "discretionary", "persons"], by=opened.lead)
    tenderers, total = queries.tenderers_of(opened.round_id)
    assert (tenderers[0].application_id, total) == (opened.applications[2], 3)
    page = sign_in(client, opened.lead.email).get(f"/rounds/{opened.round_id}/exclusions")
    assert faults(page.get_data(as_text=True), app) == []
    assert "To check" in page.get_data(as_text=True)


def test_before_the_box_is_opened_nobody_is_named(client: FlaskClient, session: Session) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    application_id = a_submitted_application(shut, lot_ids(shut))
    sign_in(client, lead.email)
    page = client.get(f"/rounds/{shut.id}/exclusions").get_data(as_text=True)
    assert "Nobody at the council knows them before" in page
    assert "Provider" not in page.split("<main")[1]
    assert client.get(f"/rounds/{shut.id}/exclusions/{application_id}").status_code == 404


def test_the_rounds_page_says_what_is_still_to_check(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    sign_in(client, opened.lead.email)
    address = f"/rounds/{opened.round_id}"
    assert "3 tenderers to check for exclusion" in client.get(address).get_data(as_text=True)
    clear(opened)
    assert "to check for exclusion" not in client.get(address).get_data(as_text=True)


def test_an_auditor_reads_and_an_evaluator_does_not(
    client: FlaskClient, session: Session, opened: Evaluation
) -> None:
    sign_in(client, opened.person("auditor").email)
    page = client.get(address_of(opened))
    assert page.status_code == 200
    assert "Record the check" not in page.get_data(as_text=True)
    assert client.post(address_of(opened), data=SAID).status_code == 403
    client.post("/sign-out")
    assert sign_in(client, opened.person("evaluator").email).get(address_of(opened)).status_code == 403


def test_the_list_costs_the_same_for_3_and_for_30(
    client: FlaskClient, session: Session, connection: Connection, opened: Evaluation
) -> None:
    visitor = sign_in(client, opened.lead.email)
    pages = [f"/rounds/{opened.round_id}/exclusions", f"/rounds/{opened.round_id}", "/"]
    few = [statements_of(connection, lambda page=page: visitor.get(page)) for page in pages]
    with_copies(session, opened, 27)
    assert [statements_of(connection, lambda page=page: visitor.get(page)) for page in pages] == few
    assert max(few) <= 12, few
