"""A conflict found after the lock: its marks are kept, and stand or are set aside."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from evaluation.assignments.conflict_queries import conflicts_in, has_conflict
from evaluation.assignments.models import ConflictDeclaration
from evaluation.assignments.queries import short_of_evaluators, waiting_for
from evaluation.assignments.services import declare_conflict
from evaluation.assignments.waiver_services import decide_waiver, propose_mitigation
from evaluation.moderation.models import AgreedMark, UnlockedMark
from evaluation.moderation.set_aside_services import set_marks_aside
from evaluation.records.ledger_queries import contents_of
from evaluation.records.trail_queries import compared_with_trail
from evaluation.scoring.models import Mark, ReturnedMark
from evaluation.scoring.queries import panel_marks
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from tender.applications.closed_queries import NotDeclaredYet
from tender.frameworks.models import Round
from tender.frameworks.services import mark_decided
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_locked_evaluation, agree_all, an_approver
from tests.web_client import sign_in

WHY = "She is married to its manager, so another has to mark it."
CONFLICT = "I have found out that my brother works there."


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """Two tenders that three evaluators have locked; the marks of the first are agreed."""

    def made() -> Evaluation:
        locked = a_locked_evaluation(2, evaluators=3)
        agree_all(locked)
        return locked

    return build(made)


def found_late(session: Session, locked: Evaluation, evaluator: int = 0) -> int:
    """Let an evaluator declare a conflict with the first tender's provider; return the declaration's id."""
    person = locked.evaluators[evaluator]
    declare_conflict(
        assignment_id=locked.assignment(evaluator).id, conflict=CONFLICT, kind="actual", by=person
    )
    return session.scalars(
        select(ConflictDeclaration.id).where(ConflictDeclaration.person_id == person.person_id)
    ).one()


def of_evaluator(kind: type, person: Actor):
    return select(kind).where(kind.evaluator_id == person.person_id)


def test_what_was_marked_is_kept_and_counts_until_it_is_decided(session: Session, locked: Evaluation) -> None:
    before = [dict(row) for row in panel_marks(locked.answers()[0])]
    found_late(session, locked)
    found_late(session, locked)
    assert locked.assignment().state == "locked"
    assert [dict(row) for row in panel_marks(locked.answers()[0])] == before
    assert has_conflict(locked.evaluators[0], locked.applications[:1])
    assert [row["conflict"] for row in conflicts_in(locked.round_id)] == [CONFLICT]
    assert "found after marks were locked" in waiting_for(locked.lead).now[0].sentence


def test_the_lead_is_told_of_one_found_once_every_outcome_is_approved(
    session: Session, locked: Evaluation
) -> None:
    found_late(session, locked)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(update(Round).where(Round.id == locked.round_id).values(state="decided"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    (task,) = waiting_for(locked.lead).now
    assert "found after marks were locked" in task.sentence and "reopen a decision" in task.detail


def test_that_the_marks_stand_is_proposed_by_the_lead_and_decided_by_another(
    session: Session, locked: Evaluation
) -> None:
    declaration = found_late(session, locked)
    propose_mitigation(declaration_id=declaration, mitigation="Two others gave the same.", by=locked.lead)
    with pytest.raises(NotFound):
        set_marks_aside(declaration_id=declaration, why=WHY, by=locked.lead)
    assert waiting_for(locked.lead).now == ()
    approver = an_approver(locked)
    decide_waiver(declaration_id=declaration, granted=True, reason="It made no difference.", by=approver)
    assert not has_conflict(locked.evaluators[0], locked.applications[:1])
    assert len(panel_marks(locked.answers()[0])) == 3


def test_marks_set_aside_stay_as_they_stood_with_the_reason_and_count_no_more(
    session: Session, locked: Evaluation
) -> None:
    person, answers = locked.evaluators[0], locked.answers()
    declaration = found_late(session, locked)
    stood = {
        mark.answer_id: (mark.points, mark.reason)
        for mark in session.scalars(of_evaluator(Mark, person)) if mark.answer_id in answers
    }  # fmt: skip
    assert set_marks_aside(declaration_id=declaration, why=WHY, by=locked.lead) == len(answers)
    kept = session.scalars(of_evaluator(ReturnedMark, person)).all()
    assert {mark.answer_id: (mark.points, mark.reason) for mark in kept} == stood
    assert {mark.why for mark in kept} == {WHY}
    unlocked = session.scalars(select(UnlockedMark).where(UnlockedMark.answer_id.in_(answers))).all()
    assert {mark.answer_id for mark in unlocked} == set(answers) and {mark.why for mark in unlocked} == {WHY}
    assert not session.scalars(select(AgreedMark).where(AgreedMark.answer_id.in_(answers))).all()
    assert locked.assignment().state == "conflicted" and locked.assignment().conflict == CONFLICT
    assert [row["evaluator_id"] for row in panel_marks(answers[0])] == [
        other.person_id for other in locked.evaluators[1:]
    ]
    assert locked.assignment(0, 1).state == "locked"
    with pytest.raises(NotFound):
        set_marks_aside(declaration_id=declaration, why=WHY, by=locked.lead)


def test_a_tender_left_with_one_evaluator_is_another_to_hand_out(
    session: Session, locked: Evaluation
) -> None:
    for evaluator in (0, 1):
        set_marks_aside(declaration_id=found_late(session, locked, evaluator), why=WHY, by=locked.lead)
    assert [row["application_id"] for row in short_of_evaluators(locked.round_id)] == locked.applications[:1]
    assert panel_marks(locked.answers()[0]) == []


def test_the_ledger_keeps_the_marks_and_why_they_were_set_aside(session: Session, locked: Evaluation) -> None:
    set_marks_aside(declaration_id=found_late(session, locked), why=WHY, by=locked.lead)
    lines = list(contents_of(locked.lead, locked.round_id, compared_with_trail(locked.round_id)))
    told = [line for line in lines if line.get("kind") == "return"]
    assert len(told) == len(locked.answers()) and {line["why"] for line in told} == {WHY}
    assert len([line for line in lines if line.get("kind") == "returned_mark"]) == len(told)


def test_who_may_set_marks_aside(session: Session, locked: Evaluation) -> None:
    declaration = found_late(session, locked)
    for person in (locked.moderator, locked.evaluators[0], an_approver(locked)):
        with pytest.raises(NotFound):
            set_marks_aside(declaration_id=declaration, why=WHY, by=person)
    with pytest.raises(NotDeclaredYet):
        set_marks_aside(declaration_id=declaration, why=WHY, by=locked.person("procurement_lead"))
    with pytest.raises(Refusal, match="Say why"):
        set_marks_aside(declaration_id=declaration, why="  ", by=locked.lead)


def test_once_the_round_is_decided_only_the_record_is_left(
    client: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    mark_decided(round_id=locked.round_id, by=locked.lead)
    declaration = found_late(session, locked)
    with pytest.raises(NotFound):
        set_marks_aside(declaration_id=declaration, why=WHY, by=locked.lead)
    page = sign_in(client, locked.lead.email).get(f"/waivers/declarations/{declaration}").text
    assert faults(page, app) == []
    assert "reopen a decision on this tender" in page and "Propose it" in page


def test_an_evaluator_declares_it_and_the_lead_sets_the_marks_aside_by_the_pages(
    session: Session, app: Flask, locked: Evaluation
) -> None:
    evaluator = sign_in(app.test_client(), locked.evaluators[0].email)
    own = f"/marking/{locked.assignment().id}/declaration"
    shown = evaluator.get(own).text
    assert faults(shown, app) == [] and "No, I have no conflict" not in shown
    assert evaluator.post(own, data={"declaration": "actual", "conflict": ""}).status_code == 422
    assert evaluator.post(own, data={"declaration": "actual", "conflict": CONFLICT}).status_code == 303
    assert "kept as they are until it is decided" in evaluator.get(own).text
    lead = sign_in(app.test_client(), locked.lead.email)
    assert "Decide whether the marks stand" in lead.get("/").text
    declaration = session.scalars(
        select(ConflictDeclaration.id).order_by(ConflictDeclaration.id.desc())
    ).first()
    conflict = f"/waivers/declarations/{declaration}"
    read = lead.get(conflict).text
    assert faults(read, app) == [] and f"{conflict}/marks" in read
    page = lead.get(f"{conflict}/marks").text
    assert faults(page, app) == [] and "Set the marks aside" in page
    refused = lead.post(f"{conflict}/marks", data={"why": ""})
    assert refused.status_code == 422 and faults(refused.text, app) == []
    done = lead.post(f"{conflict}/marks", data={"why": WHY})
    assert done.location == f"/rounds/{locked.round_id}/panel/tenders/{locked.applications[0]}"
    assert "You declared an actual conflict" in evaluator.get(own).text
