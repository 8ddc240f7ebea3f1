"""A round that the council ends after its box was opened: nothing is marked, decided or sent any more."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments.services import RoundEnded, declare_conflict
from evaluation.assignments.waiver_queries import waivers_waiting_for
from evaluation.assignments.waiver_services import propose_mitigation
from evaluation.inquiries.models import Inquiry
from evaluation.inquiries.services import AskedTooLate
from evaluation.outcomes.decision_services import Proposal, recommend
from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.release_models import Release
from evaluation.outcomes.release_services import stage_release
from evaluation.outcomes.services import NotBeingMarked
from evaluation.reports.paper import decision_report, said_by
from evaluation.reports.queries import report_for
from evaluation.scoring import queries as scoring
from evaluation.scoring.question_queries import my_questions
from portal import clock
from portal.audit.models import AuditLine
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tender.applications import home_queries as applications_at_home
from tender.frameworks.home_queries import waiting_for
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tender.frameworks.words import TERMINATION
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver, mark_tender
from tests.factories.frameworks import lot_ids
from tests.factories.inquiries import an_inquiry
from tests.factories.outcomes import a_decided_evaluation, a_released_evaluation, provider_of, release_all
from tests.web_client import sign_in

WHY = "The court has set the procedure aside."
PORTAL_URL = "https://portal.example.org"


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender that two evaluators are marking."""
    return build(a_marking_evaluation)


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """A round whose outcomes are approved and whose letters are held."""
    return build(a_decided_evaluation)


def end(evaluation: Evaluation) -> None:
    of = {"round_id": evaluation.round_id}
    proposal = propose_withdrawal(by=evaluation.lead, reason=WHY, **of)
    decide_withdrawal(
        by=an_approver(evaluation), withdrawal_id=proposal, approved=True, portal_url=PORTAL_URL, **of
    )


def test_nothing_is_marked_asked_or_decided_after_the_end(session: Session, marking: Evaluation) -> None:
    end(marking)
    with pytest.raises(RoundEnded, match="has ended this round"):
        mark_tender(marking)
    with pytest.raises(AskedTooLate):
        an_inquiry(marking)
    with pytest.raises(NotBeingMarked):
        recommend(
            application_id=marking.applications[0],
            lot_id=lot_ids(marking.round)[0],
            proposal=Proposal("not_admit", "It ended."),
            version=0,
            by=marking.lead,
        )


def test_an_evaluator_has_nothing_to_do_and_reads_why(
    app: Flask, session: Session, marking: Evaluation
) -> None:
    evaluator = marking.evaluators[0]
    assert scoring.waiting_for(evaluator).now and my_questions(evaluator)
    end(marking)
    assert not scoring.waiting_for(evaluator).now and not my_questions(evaluator)
    theirs = sign_in(app.test_client(), evaluator.email)
    assert "Round ended" in theirs.get("/marking").text
    shown = theirs.get(f"/marking/{marking.assignment().id}", follow_redirects=True).text
    assert "has ended this round without an outcome" in shown and "Mark the next answer" not in shown


def test_a_mitigation_that_waits_is_no_task_any_more(session: Session, marking: Evaluation) -> None:
    assignment, approver = marking.assignment().id, an_approver(marking)
    declare_conflict(assignment_id=assignment, conflict="My sister works there.", by=marking.evaluators[0])
    propose_mitigation(assignment_id=assignment, mitigation="She left it.", by=marking.lead)
    assert waivers_waiting_for(approver).now
    end(marking)
    assert not waivers_waiting_for(approver).now


def test_what_was_asked_of_a_tenderer_needs_no_answer(session: Session, marking: Evaluation) -> None:
    inquiry = session.get_one(Inquiry, an_inquiry(marking))
    end(marking)
    session.expire_all()
    assert inquiry.state == "withdrawn" and "ended" in inquiry.withdrawn_because


def test_letters_that_are_held_are_taken_back_and_a_release_is_cancelled(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, minutes=30)
    held = [row["id"] for row in letters_of(decided.round_id)]
    end(decided)
    session.expire_all()
    assert {session.get_one(Letter, each).state for each in held} == {"withdrawn"}
    assert session.scalars(select(Release.state).where(Release.round_id == decided.round_id)).all() == [
        "cancelled"
    ]
    with pytest.raises(Exception, match="not decided"):
        stage_release(round_id=decided.round_id, minutes=0, by=decided.lead)


def test_a_round_whose_letters_are_out_is_not_ended(session: Session) -> None:
    with pytest.raises(MoveRefused, match="its letters are out"):
        end(a_released_evaluation())


def test_tenderers_and_the_trail_are_told_why(session: Session, decided: Evaluation) -> None:
    provider = provider_of(decided)
    end(decided)
    told = session.scalars(
        select(Letter.body).where(Letter.to_address == provider.email, Letter.title.contains("has ended"))
    ).one()
    assert WHY in told and "no decision on it follows" in told
    (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "round.end"))
    assert line.details["reason"] == WHY and line.details["before"] == "decided"
    assert [each.state for each in applications_at_home.waiting_for(provider).going_on] == ["round ended"]
    (line,) = [each for each in waiting_for(decided.lead).going_on if each.state == "ended"]
    assert line.detail == TERMINATION["PCR2015"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE round SET state = 'decided' WHERE id = :id",
        "UPDATE mark SET points = 1 FROM answer JOIN application ON application.id = application_id"
        " WHERE answer.id = answer_id AND round_id = :id",
        "UPDATE decision SET reason = 'Other' FROM application"
        " WHERE application.id = application_id AND round_id = :id",
    ],
)
def test_the_database_keeps_what_was_judged_as_it_was(
    session: Session, decided: Evaluation, change: str
) -> None:
    end(decided)
    session.flush()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(change), {"id": decided.round_id})


def test_the_database_ends_a_round_only_as_two_people_agreed(session: Session, decided: Evaluation) -> None:
    propose_withdrawal(by=decided.lead, round_id=decided.round_id, reason=WHY)
    with pytest.raises(IntegrityError, match="to be terminated"), session.begin_nested():
        session.execute(
            text("UPDATE round SET state = 'terminated', withdrawn_at = now() WHERE id = :id"),
            {"id": decided.round_id},
        )


def test_the_decision_report_says_that_it_ended_why_and_by_whom(
    session: Session, decided: Evaluation
) -> None:
    end(decided)
    said = said_by(report_for(decided.lead, decided.round_id))
    assert "ended this round without an outcome" in said["draft"]
    facts = dict(said["facts"])
    assert facts["Why no outcome"] == WHY and decided.lead.name in facts["Ended by"]
    assert decision_report(report_for(decided.lead, decided.round_id), at=clock.now())


def test_every_page_of_the_round_says_that_it_ended(
    app: Flask, session: Session, connection: Connection, decided: Evaluation
) -> None:
    lead = sign_in(app.test_client(), decided.lead.email)
    here = f"/rounds/{decided.round_id}"
    assert "End the round without an outcome" in lead.get(here).text
    assert "is ended stops here" in lead.get(f"{here}/withdrawal").text
    end(decided)
    own = lead.get(here).text
    assert "This round has ended without an outcome" in own and WHY in own
    rooms = [part.split('"')[0] for part in own.split(f'href="{here}/')[1:]]
    judged = [room for room in rooms if room.split("?")[0] not in ("pack", "timetable", "withdrawal")]
    assert {"results", "decisions", "letters"} <= set(judged)
    for room in judged:
        read = lead.get(f"{here}/{room}", follow_redirects=True)
        assert read.status_code == 200, room
        assert 'id="round-ended"' in read.text and not faults(read.text, app), room
    for page in (here, f"{here}/withdrawal"):
        assert statements_of(connection, partial(lead.get, page)) <= 12
        assert not faults(lead.get(page).text, app)
    public = app.test_client().get(f"/opportunities/{decided.round_id}").text
    assert "has ended this round without an outcome" in public and WHY in public
    assert "Without an outcome, at" in app.test_client().get("/opportunities").text
    theirs = sign_in(app.test_client(), provider_of(decided).email)
    for page in ("", "/check", "/receipt"):
        read = theirs.get(f"/applications/{decided.applications[0]}{page}").text
        assert "ended this round" in read or "ended the round" in read, page
        assert "You will get the decision" not in read
