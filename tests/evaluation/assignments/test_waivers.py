"""Conflicts of three kinds, their mitigation, and the waiver that is somebody else's decision."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.services import declare_conflict
from evaluation.assignments.waiver_services import (
    NothingToWaive,
    WaiverRefused,
    decide_waiver,
    propose_mitigation,
)
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver, mark_tender
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in

MITIGATION = "A third evaluator marks the same answers."


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation())


def declared(marking: Evaluation, kind: str = "perceived") -> int:
    own = marking.assignment().id
    declare_conflict(assignment_id=own, kind=kind, conflict="I taught there.", by=marking.evaluators[0])
    return own


def waived(marking: Evaluation, granted: bool = True) -> tuple[int, Actor]:
    own, approver = declared(marking), marking.person("approver")
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    decide_waiver(assignment_id=own, granted=granted, reason="It is ten years ago.", by=approver)
    return own, approver


@pytest.mark.parametrize("kind", ["actual", "potential", "perceived"])
def test_every_kind_of_conflict_closes_the_tender(session: Session, marking: Evaluation, kind: str) -> None:
    declared(marking, kind)
    assert marking.assignment().state == "conflicted"
    assert conflicts_in(marking.round_id)[0]["conflict_kind"] == kind


def test_no_other_kind_is_known(session: Session, marking: Evaluation) -> None:
    with pytest.raises(Refusal, match="actual, potential or perceived"):
        declared(marking, "small")


def test_a_waiver_opens_the_tender_and_its_marks_count(session: Session, marking: Evaluation) -> None:
    waived(marking)
    assert marking.assignment().state == "accepted"
    mark_tender(marking)
    assert conflicts_in(marking.round_id)[0]["state"] == "locked"


def test_a_refused_waiver_leaves_it_closed_and_can_be_proposed_anew(
    session: Session, marking: Evaluation
) -> None:
    own, _ = waived(marking, granted=False)
    assert marking.assignment().state == "conflicted"
    propose_mitigation(assignment_id=own, mitigation="Two more mark it.", by=marking.lead)


def test_without_a_waiver_the_database_takes_no_mark(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    session.execute(text("UPDATE assignment SET state = 'accepted' WHERE id = :id"), {"id": own})
    with pytest.raises(IntegrityError, match="not waived"):
        mark_tender(marking)


def test_an_earlier_waiver_does_not_cover_a_later_conflict(session: Session, marking: Evaluation) -> None:
    own, _ = waived(marking)
    declare_conflict(assignment_id=own, kind="actual", conflict="I work there now.", by=marking.evaluators[0])
    session.execute(text("UPDATE assignment SET state = 'accepted' WHERE id = :id"), {"id": own})
    with pytest.raises(IntegrityError, match="not waived"):
        mark_tender(marking)


def test_nobody_decides_on_what_they_proposed(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    for person in (marking.lead, marking.evaluators[0]):
        with pytest.raises(WaiverRefused):
            decide_waiver(assignment_id=own, granted=True, reason="Fine.", by=person)
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(
            text(
                "UPDATE conflict_waiver SET granted = true, reason = 'x', decided_at = now(),"
                " decided_by_id = proposed_by_id"
            )
        )


def test_a_decision_needs_a_proposal_and_is_made_once(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    approver = marking.person("approver")
    with pytest.raises(NothingToWaive):
        decide_waiver(assignment_id=own, granted=True, reason="Fine.", by=approver)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    with pytest.raises(NothingToWaive):
        propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    decide_waiver(assignment_id=own, granted=False, reason="No.", by=approver)
    with pytest.raises(NothingToWaive):
        decide_waiver(assignment_id=own, granted=True, reason="Yes.", by=approver)


def test_another_council_finds_nothing_to_propose(session: Session, marking: Evaluation) -> None:
    own = declared(marking)
    with pytest.raises(NotFound):
        propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=a_procurement_lead())


def test_a_decided_waiver_is_a_record(session: Session, marking: Evaluation) -> None:
    waived(marking)
    for change in ("UPDATE conflict_waiver SET reason = 'other'", "DELETE FROM conflict_waiver"):
        with pytest.raises(IntegrityError, match="record"), session.begin_nested():
            session.execute(text(change))


def test_the_approver_decides_from_the_home_page_on(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    own = declared(marking)
    propose_mitigation(assignment_id=own, mitigation=MITIGATION, by=marking.lead)
    approver = an_approver(marking)
    (task,) = queries.waiting_for(approver).now
    sign_in(client, approver.email)
    assert task.sentence in client.get("/").get_data(as_text=True)
    assert MITIGATION in client.get(f"/waivers/{own}").get_data(as_text=True)
    wrong = client.post(f"/waivers/{own}/waiver", data={"decision": "yes", "reason": ""})
    assert wrong.status_code == 422
    client.post(f"/waivers/{own}/waiver", data={"decision": "yes", "reason": "It is ten years ago."})
    assert marking.assignment().state == "accepted"


def test_whoever_declared_does_not_find_the_page(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    own = declared(marking)
    sign_in(client, marking.evaluators[0].email)
    assert client.get(f"/waivers/{own}").status_code == 403
