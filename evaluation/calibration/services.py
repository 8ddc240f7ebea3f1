"""Writing practice answers, marking them, locking the practice."""

from sqlalchemy.dialects.postgresql import insert

from evaluation.assignments.services import NAMED_IN, locked_round
from evaluation.calibration.models import PracticeAnswer, PracticeLock, PracticeMark
from evaluation.calibration.queries import may_write, own_practice, practice_answer, practising_round
from evaluation.scoring.queries import bands_of
from evaluation.scoring.reasons import check_reason
from evaluation.scoring.services import MarkChangedMeanwhile, MarksLocked, NotOnTheScale, StillToMark
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal


class PracticeRefused(Refusal):
    """Practice has begun, or the practice answer is too long."""


LONGEST = 20_000


def write_practice(*, round_id: int, code: str, text: str, by: Actor) -> None:
    """Set the practice answer to a scored question; an empty one takes it away.

    Possible until the first tender is handed out: from then on every evaluator marks the same. Raises
    `PracticeRefused`, `NotFound`.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise PracticeRefused(f"Use at most {LONGEST:,} characters.", field="text")
    with transaction() as session:
        round, _ = locked_round(session, round_id)
        if round.state not in NAMED_IN or not may_write(round_id):
            raise PracticeRefused("Practice answers can be written until the first tender is handed out.")
        question = practice_answer(round_id, code)
        if (question["answer"] or "") == text:
            return
        written = session.get(PracticeAnswer, question["practice_id"]) if question["practice_id"] else None
        if written is None:
            written = PracticeAnswer(round_id=round_id, question_id=question["question_id"])
            session.add(written)
        elif not text:
            session.delete(written)
        if text:
            written.text, written.written_at, written.written_by_id = text, clock.now(), by.person_id or 0
            record("practice.write", "round", round_id, by=by, question=code)
        else:
            record("practice.remove", "round", round_id, by=by, question=code)


def mark_practice(
    *, round_id: int, code: str, points: int, reason: str, version: int, by: Actor
) -> PracticeMark:
    """Save an evaluator's mark of a practice answer, by the same rules as a tender's.

    Raises `NotFound`, and what `scoring.services.record_mark` raises.
    """
    with transaction() as session:
        if practising_round(by, round_id)["locked_at"]:
            raise MarksLocked("Your practice is locked, so it cannot be changed.")
        question = practice_answer(round_id, code)
        if question["practice_id"] is None:
            raise NotFound
        bands = bands_of(question["scale_id"])
        if points not in [band["points"] for band in bands]:
            raise NotOnTheScale(
                f"Choose one of the marks on the scale, {bands[-1]['points']} to {bands[0]['points']}.",
                field="points",
            )
        reason = check_reason(reason, [band["descriptor"] for band in bands])
        mark = session.get(
            PracticeMark,
            (question["practice_id"], by.person_id),
            with_for_update=True,
            populate_existing=True,
        )
        if mark is not None and mark.version != version:
            raise MarkChangedMeanwhile(mark.points, mark.reason, mark.version)
        if mark is None:
            mark = PracticeMark(
                practice_answer_id=question["practice_id"],
                evaluator_id=by.person_id,
                question_id=question["question_id"],
                scale_id=question["scale_id"],
                version=0,
            )
            session.add(mark)
        mark.points, mark.reason, mark.marked_at = points, reason, clock.now()
        mark.version += 1
        record("practice.mark", "round", round_id, by=by, question=code, version=mark.version)
    return mark


def lock_practice(*, round_id: int, by: Actor) -> None:
    """End an evaluator's practice of a round, for good; asked twice, it is done once. From then on they mark
    its tenders. Raises `StillToMark`, `NotFound`."""
    with transaction() as session:
        if practising_round(by, round_id)["locked_at"]:
            return
        practice = own_practice(by, round_id)
        left = sum(row["points"] is None for row in practice)
        if left or not practice:
            raise StillToMark("Mark every practice answer, then lock.")
        new = session.scalar(
            insert(PracticeLock)
            .values(round_id=round_id, evaluator_id=by.person_id, locked_at=clock.now())
            .on_conflict_do_nothing()
            .returning(PracticeLock.evaluator_id)
        )
        if new is not None:
            record("practice.lock", "round", round_id, by=by)
