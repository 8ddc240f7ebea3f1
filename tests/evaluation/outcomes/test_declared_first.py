"""Whoever recommends or approves declares on every tenderer first; a conflict closes the tender to them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.assignments import queries as assignments
from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.conformity.queries import tenders_of
from evaluation.exclusions.services import Finding, record_finding
from evaluation.outcomes.decision_services import (
    Conflicted,
    Proposal,
    approve_lot,
    recommend,
    recommend_as_suggested,
)
from evaluation.summaries.queries import summaries_of
from evaluation.summaries.services import approve_summaries
from portal import clock
from portal.accounts.access import Actor
from portal.errors import NotFound
from tender.applications.closed_queries import NotDeclaredYet
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import a_computed_evaluation, decisions_of, offer_summaries
from tests.web_client import sign_in

ADMIT = Proposal("admit", "It met everything.")


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Two tenders for one lot, with results."""
    return build(lambda: a_computed_evaluation([{}, {}]))


def lot(computed: Evaluation) -> int:
    return lot_ids(computed.round)[0]


def conflicted(computed: Evaluation, *roles: str, with_place: int = 0) -> Actor:
    """Somebody of the council with a conflict with one of the tenderers and none with the other."""
    person = computed.person(*roles)
    listed = tenderers_for(person, computed.round_id)
    place = [each.application_id for each in listed.tenderers].index(computed.applications[with_place])
    declare_conflict_on_list(
        round_id=computed.round_id, place=place, kind="actual", conflict="I was its trustee.",
        seen=listed.seen, by=person,
    )  # fmt: skip
    declare_none(computed, person)
    return person


def test_a_lead_recommends_nothing_before_declaring(session: Session, computed: Evaluation) -> None:
    fresh = computed.person("procurement_lead")
    said = {"application_id": computed.applications[0], "lot_id": lot(computed), "version": 0}
    with pytest.raises(NotDeclaredYet):
        recommend(**said, proposal=ADMIT, by=fresh)
    with pytest.raises(NotDeclaredYet):
        recommend_as_suggested(round_id=computed.round_id, lot_id=lot(computed), by=fresh)
    declare_none(computed, fresh)
    recommend(**said, proposal=ADMIT, by=fresh)


def test_a_leads_pages_lead_to_the_list_and_back(app: Flask, session: Session, computed: Evaluation) -> None:
    fresh = computed.person("procurement_lead")
    lead = sign_in(app.test_client(), fresh.email)
    pages = f"/rounds/{computed.round_id}/decisions", f"/rounds/{computed.round_id}/declarations"
    one = f"{pages[0]}/{computed.applications[0]}/{lot(computed)}"
    for page in (pages[0], one):
        assert lead.get(page).location == pages[1]
    answer = lead.post(one, data={"outcome": "admit", "reason": "Good.", "version": "0"})
    assert answer.status_code == 409 and "Say first whether you have a conflict" in answer.text
    assert faults(answer.text, app) == []
    assert lead.post(pages[1], data={"seen": tenderers_for(fresh, computed.round_id).seen}).status_code == 303
    assert "Recommend all 2 as suggested" in lead.get(pages[0]).text


def test_a_leads_home_asks_from_the_opening_until_they_declared(
    session: Session, computed: Evaluation
) -> None:
    fresh = computed.person("procurement_lead")
    assert assignments.waiting_for(fresh).now[0].endpoint == "declarations.show"
    declare_none(computed, fresh)
    assert [task.endpoint for task in assignments.waiting_for(fresh).now] == []


def test_a_conflict_closes_the_tender_to_the_lead(app: Flask, session: Session, computed: Evaluation) -> None:
    person = conflicted(computed, "procurement_lead")
    lead, closed = sign_in(app.test_client(), person.email), computed.applications[0]
    of_round = f"/rounds/{computed.round_id}"
    check = next(
        each
        for tender in tenders_of(computed.round_id)[0] if tender.application_id == closed
        for checks in tender.checks.values() for each in checks
    )  # fmt: skip
    for page in (
        f"{of_round}/decisions/{closed}/{lot(computed)}",
        f"{of_round}/results/{closed}",
        f"{of_round}/summaries/{closed}",
        f"{of_round}/exclusions/{closed}",
        f"{of_round}/conformity/{check['id']}",
        f"{of_round}/tenders/{closed}/questions",
        f"/applications/{closed}",
    ):
        assert lead.get(page).status_code == 404, page
    for page in ("decisions", "results", "conformity", "exclusions", "summaries"):
        shown = lead.get(f"{of_round}/{page}").text
        assert faults(shown, app) == [] and "You declared a conflict with this provider" in shown, page
        own = check["id"] if page == "conformity" else closed
        assert not re.search(rf'/{page}/{own}["/]|/applications/{closed}["/]', shown), page


def test_a_lead_with_a_conflict_decides_nothing_of_that_tender(
    session: Session, computed: Evaluation
) -> None:
    person, closed = conflicted(computed, "procurement_lead"), computed.applications[0]
    with pytest.raises(Conflicted):
        recommend(application_id=closed, lot_id=lot(computed), proposal=ADMIT, version=0, by=person)
    with pytest.raises(NotFound):
        record_finding(
            application_id=closed,
            parts=["debarment"],
            found=Finding("nothing_found", clock.today(), "The list.", "No entry."),
            seen={},
            by=person,
        )
    assert recommend_as_suggested(round_id=computed.round_id, lot_id=lot(computed), by=person) == 1
    assert [each.application_id for each in decisions_of(computed)] == computed.applications[1:]


def test_a_conflict_closes_the_decision_to_the_approver(
    app: Flask, session: Session, computed: Evaluation
) -> None:
    recommend_as_suggested(round_id=computed.round_id, lot_id=lot(computed), by=computed.lead)
    person = conflicted(computed, "approver")
    approver = sign_in(app.test_client(), person.email)
    closed, opened = (each.id for each in decisions_of(computed))
    shown = approver.get("/approvals").text
    assert faults(shown, app) == [] and "a colleague decides on it" in shown and "Approve this" in shown
    assert approver.get(f"/approvals/{closed}").status_code == 404
    assert approver.get(f"/approvals/{opened}").status_code == 200
    with pytest.raises(Conflicted):
        approve_lot(round_id=computed.round_id, lot_id=lot(computed), by=person)


def test_nobody_approves_a_summary_before_declaring(session: Session, computed: Evaluation) -> None:
    offer_summaries(computed)
    fresh = computed.person("approver")
    seen = {row["application_id"]: row["version"] for row in summaries_of(computed.round_id)[0]}
    with pytest.raises(NotDeclaredYet):
        approve_summaries(round_id=computed.round_id, seen=seen, by=fresh)
    declare_none(computed, fresh)
    assert approve_summaries(round_id=computed.round_id, seen=seen, by=fresh) == 2


def test_the_leads_pages_cost_no_more_than_they_may(
    connection, client: FlaskClient, session: Session, computed: Evaluation
) -> None:
    sign_in(client, conflicted(computed, "procurement_lead").email)
    open_one = f"decisions/{computed.applications[1]}/{lot(computed)}"
    for page in ("decisions", open_one, "results", "conformity", "exclusions", "summaries", "declarations"):
        address = f"/rounds/{computed.round_id}/{page}"
        assert statements_of(connection, lambda: client.get(address)) <= 12, page  # noqa: B023
    assert statements_of(connection, lambda: client.get("/")) <= 12
