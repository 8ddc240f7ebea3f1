"""Recording an evaluator's marks, and locking them."""

from datetime import datetime

from sqlalchemy import RowMapping, or_, select

from evaluation.assignments.coverage_queries import in_scope
from evaluation.assignments.hidden_queries import hides_names
from evaluation.assignments.models import Assignment, IdentifyingAnswer
from evaluation.assignments.services import lock_assignment, locked_assignment
from evaluation.conformity.answer_queries import markable_answers
from evaluation.inquiries.queries import answer_awaited_until
from evaluation.scoring.access import NotPractised, practice_waits
from evaluation.scoring.digests import digest_together, mark_digest
from evaluation.scoring.models import Mark
from evaluation.scoring.queries import bands_of, returned_why
from evaluation.scoring.reasons import check_reason
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.web.filters import uk_datetime
from tender.applications.models import Answer, Application
from tender.frameworks.models import Lot, Question, Round
from tender.packs.versions import newest_version

LONGEST_REPORT = 1_000


class MarksLocked(Refusal):
    """The assignment does not allow marking."""

    sentence = "Your marks for this tender are locked, so they cannot be changed."


class NotDeclared(Refusal):
    """The evaluator has not accepted the assignment."""

    sentence = "Say first whether you have a conflict of interest with this provider."


class AnswerAwaited(Refusal):
    """The council has asked the tenderer what this answer means, and the reply may still come."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            "The council has asked the tenderer what this answer means. Mark it when the reply is here, or "
            f"after {uk_datetime(until)}."
        )


class NotOnTheScale(Refusal):
    """The points are not a band of the question's scale."""


class MarkChangedMeanwhile(Conflict):
    """The same evaluator saved this mark from another window: `points` and `reason` are what is stored."""

    def __init__(self, points: int, reason: str, version: int) -> None:
        super().__init__(
            "You saved this mark in another window while this one was open. Both are shown below: save again "
            "to keep what is in the form."
        )
        self.points, self.reason, self.version = points, reason, version


class StillToMark(Refusal):
    """Some answers have no mark yet."""


def record_mark(
    *, assignment_id: int, answer_id: int, points: int, reason: str, version: int, by: Actor
) -> Mark:
    """Save an evaluator's mark of one answer with its reason. `version` is that on the page, 0 for none.

    Raises `NotFound` for an answer that is not theirs to mark, `NotDeclared`, `NotPractised`, `MarksLocked`,
    `AnswerAwaited`, `NotOnTheScale`, `reasons.ReasonRefused`, and `MarkChangedMeanwhile` for a stale version.
    """
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        if assignment.state != "accepted":
            raise _not_to_mark(assignment.state)
        question = _question_of(answer_id, assignment_id)
        if question["unpractised"]:
            raise NotPractised(question["round_id"])
        mark = session.execute(
            select(Mark).where(Mark.answer_id == answer_id, Mark.evaluator_id == by.person_id)
        ).scalar_one_or_none()
        # What counts only since a condition was put right has no mark from before, and is marked now.
        locked_before = mark is not None and mark.marked_at < (assignment.returned_at or mark.marked_at)
        if locked_before and not question["returned"]:
            raise MarksLocked("Only the marks that were returned to you can be changed.")
        if question["awaited_until"]:
            raise AnswerAwaited(question["awaited_until"])
        bands = bands_of(question["scale_id"])
        if points not in [band["points"] for band in bands]:
            raise NotOnTheScale(
                f"Choose one of the marks on the scale, {bands[-1]['points']} to {bands[0]['points']}.",
                field="points",
            )
        reason = check_reason(reason, [band["descriptor"] for band in bands])
        if mark is not None and mark.version != version:
            raise MarkChangedMeanwhile(mark.points, mark.reason, mark.version)
        if mark is None:
            mark = Mark(
                answer_id=answer_id,
                evaluator_id=by.person_id,
                question_id=question["id"],
                scale_id=question["scale_id"],
                version=0,
            )
            session.add(mark)
        mark.points, mark.reason = points, reason
        mark.answer_version, mark.pack_version = question["answer_version"], question["pack_version"]
        mark.version += 1
        mark.marked_at = clock.now()
        # Neither the points nor the reason: the trail is read by people who may not see a mark yet.
        record(
            "mark.save", "assignment", assignment_id, by=by,
            question=question["code"], lot=question["lot_number"], version=mark.version,
            sha256=digest_of(mark, assignment.application_id),
        )  # fmt: skip
    return mark


def report_identifying(*, assignment_id: int, answer_id: int, what: str, by: Actor) -> None:
    """Keep that an answer still told its evaluator whose tender it is, where names are hidden; said once.

    Raises `NotFound` for an answer that is not theirs to mark or a round that hides no names, and `Refusal`
    without words.
    """
    what = what.strip()
    if not what or len(what) > LONGEST_REPORT:
        raise Refusal(
            f"Say what in the answer tells whose tender it is, in at most {LONGEST_REPORT:,} characters.",
            field="what",
        )
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        question = _question_of(answer_id, assignment_id)
        if assignment.state != "accepted" or not hides_names(question["round_id"]):
            raise NotFound
        if session.get(IdentifyingAnswer, (answer_id, by.person_id)) is not None:
            return
        session.add(
            IdentifyingAnswer(
                answer_id=answer_id, evaluator_id=by.person_id, what=what, reported_at=clock.now()
            )
        )
        record(
            "mark.report_identifying", "assignment", assignment_id, by=by,
            question=question["code"], lot=question["lot_number"],
        )  # fmt: skip


def _not_to_mark(state: str) -> Refusal:
    if state == "conflicted":
        return MarksLocked("You declared a conflict of interest, so this tender is not yours to mark.")
    return NotDeclared() if state in ("assigned", "declined") else MarksLocked()


def _question_of(answer_id: int, assignment_id: int) -> RowMapping:
    answers = markable_answers(None).subquery()
    row = (
        db.session.execute(
            select(
                Question.id,
                Question.round_id,
                Question.code,
                Question.scale_id,
                Lot.number.label("lot_number"),
                Answer.version.label("answer_version"),
                newest_version().label("pack_version"),
                returned_why(answers.c.id).is_not(None).label("returned"),
                practice_waits(Assignment.evaluator_id, Question.round_id).label("unpractised"),
                answer_awaited_until().label("awaited_until"),
            )
            .select_from(answers)
            .join(Question, Question.id == answers.c.question_id)
            .join(Answer, Answer.id == answers.c.id)
            .join(Round, Round.id == Question.round_id)
            .join(Assignment, Assignment.application_id == answers.c.application_id)
            .outerjoin(Lot, Lot.id == answers.c.lot_id)
            .where(answers.c.id == answer_id, Assignment.id == assignment_id, in_scope(answers))
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def lock_marks(*, assignment_id: int, by: Actor) -> None:
    """End an evaluator's marking of one application, for good; asked twice, it is done once. The trail keeps
    the SHA-256 of all that is locked.

    Raises `StillToMark` with how many answers are left, `NotDeclared`, and `MarksLocked` after a conflict.
    """
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        if assignment.state == "locked":
            return
        if assignment.state != "accepted":
            raise _not_to_mark(assignment.state)
        round_id = session.execute(
            select(Application.round_id).where(Application.id == assignment.application_id)
        ).scalar_one()
        answers = markable_answers(round_id).subquery()
        to_mark = (
            select(answers.c.id)
            .join(Assignment, Assignment.application_id == answers.c.application_id)
            .where(Assignment.id == assignment_id, in_scope(answers))
        )
        # Every mark of theirs in the tender, those included that count no longer: what is locked is locked.
        marks = session.scalars(
            select(Mark)
            .select_from(Answer)
            .outerjoin(Mark, (Mark.answer_id == Answer.id) & (Mark.evaluator_id == by.person_id))
            .where(
                Answer.application_id == assignment.application_id,
                or_(Mark.id.is_not(None), Answer.id.in_(to_mark)),
            )
            .order_by(Answer.id)
        ).all()
        if left := marks.count(None):
            many = "1 answer is" if left == 1 else f"{left} answers are"
            raise StillToMark(f"{many} not marked yet. Mark every answer, then lock.")
        digests = [digest_of(mark, assignment.application_id) for mark in marks if mark is not None]
        lock_assignment(
            assignment_id=assignment_id, marks=len(digests), sha256=digest_together(digests), by=by
        )


def digest_of(mark: Mark, application_id: int) -> str:
    """The digest of an evaluator's mark of an answer of this tender."""
    return mark_digest(
        tender=application_id,
        answer=mark.answer_id,
        question=mark.question_id,
        by=mark.evaluator_id,
        points=mark.points,
        reason=mark.reason,
        version=mark.version,
        answer_version=mark.answer_version,
        pack_version=mark.pack_version,
    )
