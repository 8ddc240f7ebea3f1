"""Reading what can be returned to an evaluator, without its marks, and what was returned."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select

from evaluation.assignments.conflict_queries import anothers, conflicts_of
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.moderation.models import AgreedMark
from evaluation.scoring.models import Mark, ReturnedMark
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Answer
from tender.frameworks.models import Lot, Question, Round


def returnable_for(viewer: Actor, assignment_id: int) -> RowMapping:
    """An assignment that was locked and of which the viewer may return marks now: the lead of its council or
    a moderator of its round, as long as it is being marked. As `returns_for`; raises `NotFound`."""
    row = returns_for(viewer, assignment_id)
    if not row["returnable"]:
        raise NotFound
    return row


def returns_for(viewer: Actor, assignment_id: int) -> RowMapping:
    """An assignment that was locked, for whoever reads its council's marks, then and later.

    Never for its own evaluator, or where the viewer has a conflict. Raises `NotFound`, and
    `NotDeclaredYet`.

    Columns: id, evaluator_name, provider_name, application_id, round_id, round_number, framework_title,
    returnable (whether the viewer may return marks of it now).
    """
    row = (
        db.session.execute(
            anothers(viewer, Assignment, Assignment.evaluator_id)
            .add_columns(Assignment.id, Assignment.application_id, _returnable(viewer).label("returnable"))
            .where(
                Assignment.id == assignment_id,
                Assignment.application_id.not_in(conflicts_of(viewer)),
                or_(
                    Assignment.state == "locked",
                    (Assignment.state == "accepted") & Assignment.returned_at.is_not(None),
                ),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    refuse_undeclared(viewer, [row["application_id"]])
    return row


def _returnable(viewer: Actor) -> ColumnElement[bool]:
    """In a select over `Assignment` and `Round`: whether the viewer may return marks now."""
    moderates = exists().where(
        PanelMember.round_id == Round.id,
        PanelMember.person_id == viewer.person_id,
        PanelMember.role == "moderator",
    )
    being_marked = Round.state == "marking"
    return being_marked if viewer.may("panel:manage") else and_(being_marked, moderates)


def marked_answers(assignment_id: int) -> Sequence[RowMapping]:
    """The answers that were marked in an assignment, in order, and no word of the marks: answer_id, title,
    lot_number, agreed (whether the panel has agreed on it), returned (whether it is open already)."""
    returned = exists().where(
        ReturnedMark.answer_id == Mark.answer_id,
        ReturnedMark.evaluator_id == Mark.evaluator_id,
        ReturnedMark.returned_at >= Assignment.returned_at,
        Assignment.state == "accepted",
    )
    return (
        db.session.execute(
            select(
                Answer.id.label("answer_id"),
                Question.title,
                Lot.number.label("lot_number"),
                AgreedMark.id.is_not(None).label("agreed"),
                returned.label("returned"),
            )
            .select_from(Assignment)
            .join(Answer, Answer.application_id == Assignment.application_id)
            .join(Mark, (Mark.answer_id == Answer.id) & (Mark.evaluator_id == Assignment.evaluator_id))
            .join(Question, Question.id == Answer.question_id)
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
            .where(Assignment.id == assignment_id)
            .order_by(Question.position, Lot.position, Answer.id)
        )
        .mappings()
        .all()
    )


def returned_before(assignment_id: int) -> Sequence[RowMapping]:
    """What marks of an assignment were when they were returned, newest first; nothing before the tender is
    complete again: title, lot_number, points, reason, why, returned_at, returned_by, and what the mark is now
    (points_now, reason_now)."""
    tender = select(Assignment.application_id).where(Assignment.id == assignment_id)
    return (
        db.session.execute(
            select(
                Question.title,
                Lot.number.label("lot_number"),
                ReturnedMark.points,
                ReturnedMark.reason,
                ReturnedMark.why,
                ReturnedMark.returned_at,
                Person.name.label("returned_by"),
                Mark.points.label("points_now"),
                Mark.reason.label("reason_now"),
            )
            .select_from(Assignment)
            .join(Answer, Answer.application_id == Assignment.application_id)
            .join(
                ReturnedMark,
                (ReturnedMark.answer_id == Answer.id)
                & (ReturnedMark.evaluator_id == Assignment.evaluator_id),
            )
            .join(Question, Question.id == Answer.question_id)
            .join(Person, Person.id == ReturnedMark.returned_by_id)
            .join(Mark, (Mark.answer_id == Answer.id) & (Mark.evaluator_id == ReturnedMark.evaluator_id))
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .where(
                Assignment.id == assignment_id, Assignment.application_id.in_(complete_applications(tender))
            )
            .order_by(ReturnedMark.returned_at.desc())
        )
        .mappings()
        .all()
    )
