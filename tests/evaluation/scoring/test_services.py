"""Recording marks and locking them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.services import declare_conflict
from evaluation.scoring import queries
from evaluation.scoring.models import Mark
from evaluation.scoring.reasons import ReasonRefused
from evaluation.scoring.services import (
    MarkChangedMeanwhile,
    MarksLocked,
    NotDeclared,
    NotOnTheScale,
    StillToMark,
    lock_marks,
    record_mark,
)
from portal.audit.queries import trail_of
from portal.errors import NotFound
from tender.applications.models import Answer
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import REASON, Evaluation, a_marking_evaluation, mark_tender


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Two tenders for two lots, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation(2, 2))


def record(
    marking: Evaluation, *, points: int = 3, reason: str = REASON, version: int = 0, evaluator: int = 0
) -> Mark:
    return record_mark(
        assignment_id=marking.assignment(evaluator).id,
        answer_id=marking.answers()[0],
        points=points,
        reason=reason,
        version=version,
        by=marking.evaluators[evaluator],
    )


def test_a_mark_is_kept_with_its_reason_and_version(session: Session, marking: Evaluation) -> None:
    record(marking, points=2)
    saved = record(marking, points=4, reason="Names the deputy as well, so more.", version=1)
    assert (saved.points, saved.reason, saved.version) == (4, "Names the deputy as well, so more.", 2)


@pytest.mark.parametrize("points", [-1, 6, 100])
def test_a_mark_outside_the_scale_is_refused_in_words(
    session: Session, marking: Evaluation, points: int
) -> None:
    with pytest.raises(NotOnTheScale, match="0 to 5"):
        record(marking, points=points)
    assert session.scalars(select(Mark)).all() == []


def test_a_reason_that_does_not_do_keeps_the_mark_as_it_was(session: Session, marking: Evaluation) -> None:
    record(marking, points=2)
    with pytest.raises(ReasonRefused):
        record(marking, points=5, reason="Excellent", version=1)
    assert session.scalars(select(Mark)).one().points == 2


@pytest.mark.parametrize("version", [0, 2, -1])
def test_a_stale_page_does_not_overwrite(session: Session, marking: Evaluation, version: int) -> None:
    record(marking, points=2)
    with pytest.raises(MarkChangedMeanwhile) as told:
        record(marking, points=5, version=version)
    assert (told.value.points, told.value.version) == (2, 1)


def test_nobody_marks_in_anothers_name_or_anothers_tender(session: Session, marking: Evaluation) -> None:
    own, other = marking.assignment(0).id, marking.assignment(0, 1).id
    for assignment_id, by in (
        (own, marking.evaluators[1]),
        (own, marking.lead),
        (other, marking.evaluators[0]),
    ):
        with pytest.raises(NotFound):
            record_mark(
                assignment_id=assignment_id,
                answer_id=marking.answers()[0],
                points=3,
                reason=REASON,
                version=0,
                by=by,
            )


def test_a_condition_is_not_marked(session: Session, marking: Evaluation) -> None:
    condition = session.scalars(
        select(Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.judged_as == "condition", Answer.application_id == marking.applications[0])
        .limit(1)
    ).one()
    with pytest.raises(NotFound):
        record_mark(
            assignment_id=marking.assignment().id,
            answer_id=condition,
            points=3,
            reason=REASON,
            version=0,
            by=marking.evaluators[0],
        )


def test_a_tender_is_locked_when_every_answer_has_its_mark(session: Session, marking: Evaluation) -> None:
    mark_tender(marking)
    assert marking.assignment().state == "locked"


def test_an_unmarked_answer_keeps_the_tender_from_being_locked(session: Session, marking: Evaluation) -> None:
    record(marking)
    left = len(marking.answers()) - 1
    with pytest.raises(StillToMark, match=f"{left} answers are not marked yet"):
        lock_marks(assignment_id=marking.assignment().id, by=marking.evaluators[0])
    assert marking.assignment().state == "accepted"


def test_locking_twice_locks_once(session: Session, marking: Evaluation) -> None:
    mark_tender(marking)
    lock_marks(assignment_id=marking.assignment().id, by=marking.evaluators[0])
    actions = [line["action"] for line in trail_of("assignment", marking.assignment().id)]
    assert actions.count("assignment.lock") == 1


def test_a_locked_mark_is_not_changed(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, points=3)
    with pytest.raises(MarksLocked):
        record(marking, points=5, version=1)


def test_after_a_conflict_nothing_is_marked_or_locked(session: Session, marking: Evaluation) -> None:
    declare_conflict(assignment_id=marking.assignment().id, conflict="My employer.", by=marking.evaluators[0])
    with pytest.raises(MarksLocked):
        record(marking)
    with pytest.raises(MarksLocked):
        lock_marks(assignment_id=marking.assignment().id, by=marking.evaluators[0])


def test_the_trail_tells_that_somebody_marked_and_not_what(session: Session, marking: Evaluation) -> None:
    record(marking, points=4)
    line = trail_of("assignment", marking.assignment().id)[0]
    assert line["action"] == "mark.save"
    assert set(line["details"]) == {"question", "lot", "version", "sha256"}


def test_an_evaluator_is_led_to_the_next_answer_and_then_to_the_lock(
    session: Session, marking: Evaluation
) -> None:
    (task,) = queries.waiting_for(marking.evaluators[0]).now
    assert "16 answers to mark (0 of 16 marked)" in task.sentence
    mark_tender(marking, lock=False)
    further, lock = queries.waiting_for(marking.evaluators[0]).now
    assert further.values["assignment_id"] == marking.assignment(0, 1).id
    assert lock.values == {"assignment_id": marking.assignment().id}


def test_before_the_declaration_nothing_is_marked(session: Session) -> None:
    fresh = a_marking_evaluation(1, accepted=False)
    with pytest.raises(NotDeclared):
        record(fresh)
    with pytest.raises(NotDeclared):
        lock_marks(assignment_id=fresh.assignment().id, by=fresh.evaluators[0])
    (task,) = queries.waiting_for(fresh.evaluators[0]).now
    assert task.verb == "Declare on the next one"
