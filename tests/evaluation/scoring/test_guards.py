"""What the database itself refuses, whatever the program does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments.services import declare_conflict
from portal.accounts.access import Actor
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_marking_evaluation, agree_all, mark_tender

A_MARK = """
    INSERT INTO mark (answer_id, evaluator_id, question_id, scale_id, points, reason)
    SELECT answer.id, :evaluator, question.id, question.scale_id, :points, 'A reason of some words.'
    FROM answer JOIN question ON question.id = answer.question_id WHERE answer.id = :answer
"""
AN_AGREED_MARK = """
    INSERT INTO agreed_mark (answer_id, moderator_id, question_id, scale_id, points, reason)
    SELECT answer.id, :moderator, question.id, question.scale_id, 3, 'A reason of some words.'
    FROM answer JOIN question ON question.id = answer.question_id WHERE answer.id = :answer
"""


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender, accepted by two evaluators."""
    return build(a_marking_evaluation)


def mark(session: Session, marking: Evaluation, points: int = 3, by: Actor | None = None) -> None:
    values = {
        "evaluator": (by or marking.evaluators[0]).person_id,
        "points": points,
        "answer": marking.answers()[0],
    }
    session.execute(text(A_MARK), values)


def agree(session: Session, marking: Evaluation) -> None:
    values = {"moderator": marking.moderator.person_id, "answer": marking.answers()[0]}
    session.execute(text(AN_AGREED_MARK), values)


def test_a_mark_of_an_accepted_tender_is_taken(session: Session, marking: Evaluation) -> None:
    mark(session, marking)
    assert session.scalar(text("SELECT points FROM mark")) == 3


@pytest.mark.parametrize("points", [-1, 6])
def test_the_database_knows_no_mark_outside_the_scale(
    session: Session, marking: Evaluation, points: int
) -> None:
    with pytest.raises(IntegrityError, match="scale_band"):
        mark(session, marking, points)


@pytest.mark.parametrize(
    "change",
    ["UPDATE mark SET points = 5", "DELETE FROM mark", "UPDATE mark SET reason = 'Other words now.'"],
)
def test_no_mark_changes_after_its_lock(session: Session, marking: Evaluation, change: str) -> None:
    mark_tender(marking)
    with pytest.raises(IntegrityError, match="the assignment is locked"):
        session.execute(text(change))


def test_no_mark_is_added_after_the_lock(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, lock=False)
    session.execute(text("DELETE FROM mark WHERE answer_id = :answer"), {"answer": marking.answers()[0]})
    session.execute(text("UPDATE assignment SET state = 'locked', locked_at = now()"))
    with pytest.raises(IntegrityError, match="the assignment is locked"):
        mark(session, marking)


def test_no_mark_without_an_assignment_or_after_a_conflict(session: Session, marking: Evaluation) -> None:
    declare_conflict(assignment_id=marking.assignment().id, conflict="My aunt.", by=marking.evaluators[0])
    with pytest.raises(IntegrityError, match="the assignment is conflicted"), session.begin_nested():
        mark(session, marking)
    with pytest.raises(IntegrityError, match="the assignment is missing"):
        mark(session, marking, by=marking.person("evaluator"))


def test_a_mark_does_not_move_to_another_evaluator(session: Session, marking: Evaluation) -> None:
    mark(session, marking)
    with pytest.raises(IntegrityError, match="refuses to move"):
        session.execute(
            text("UPDATE mark SET evaluator_id = :other"), {"other": marking.evaluators[1].person_id}
        )


@pytest.mark.parametrize("change", ["UPDATE assignment SET state = 'accepted', locked_at = NULL", "DELETE"])
def test_a_lock_is_for_good(session: Session, marking: Evaluation, change: str) -> None:
    mark_tender(marking)
    change = "DELETE FROM assignment" if change == "DELETE" else change
    with pytest.raises(IntegrityError, match="it is locked"):
        session.execute(text(f"{change} WHERE state = 'locked'"))


def test_nothing_is_agreed_before_all_have_locked(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, 0)
    with pytest.raises(IntegrityError, match="1 locked, 1 still to lock"):
        agree(session, marking)


def test_nothing_is_agreed_on_one_evaluators_marks_alone(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, 0)
    declare_conflict(assignment_id=marking.assignment(1).id, conflict="My aunt.", by=marking.evaluators[1])
    with pytest.raises(IntegrityError, match="1 locked, 0 still to lock"):
        agree(session, marking)


def test_no_agreed_mark_changes_once_the_results_are_decided(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, 0)
    mark_tender(marking, 1)
    agree_all(marking)
    session.execute(text("UPDATE round SET state = 'decided', decided_at = now()"))
    with pytest.raises(IntegrityError, match="the round is decided"):
        session.execute(text("UPDATE agreed_mark SET points = 5"))
