"""Reading practice: its answers, an evaluator's own marks, and the spread once everybody has locked."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, select

from evaluation.assignments.apart_queries import is_handed_out
from evaluation.assignments.lifecycle import ACTIVE
from evaluation.assignments.models import Assignment
from evaluation.calibration.models import PracticeAnswer, PracticeLock, PracticeMark
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Application
from tender.frameworks.models import Framework, Question, Round


def practice_of(round_id: int) -> Sequence[RowMapping]:
    """The round's scored questions in order with their practice answers, if any: code, title, written."""
    return (
        db.session.execute(
            select(Question.code, Question.title, PracticeAnswer.id.is_not(None).label("written"))
            .outerjoin(PracticeAnswer, PracticeAnswer.question_id == Question.id)
            .where(
                Question.round_id == round_id,
                Question.judged_as == "scored",
                Question.withdrawn_in.is_(None),
            )
            .order_by(Question.position)
        )
        .mappings()
        .all()
    )


def practice_answer(round_id: int, code: str) -> RowMapping:
    """A scored question of the round with its practice answer. Raises `NotFound`.

    Columns: question_id, code, title, text, how_judged, scale_id, practice_id and answer (None for none).
    """
    row = (
        db.session.execute(
            select(
                Question.id.label("question_id"),
                Question.code,
                Question.title,
                Question.text,
                Question.how_judged,
                Question.scale_id,
                PracticeAnswer.id.label("practice_id"),
                PracticeAnswer.text.label("answer"),
            )
            .outerjoin(PracticeAnswer, PracticeAnswer.question_id == Question.id)
            .where(
                Question.round_id == round_id,
                Question.code == code,
                Question.judged_as == "scored",
                Question.withdrawn_in.is_(None),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def practising_round(viewer: Actor, round_id: int) -> RowMapping:
    """The round for one of its evaluators who has something to mark in it. Raises `NotFound`.

    Columns: id, number, framework_title, locked_at (when the viewer locked their practice).
    """
    row = (
        db.session.execute(
            select(Round.id, Round.number, Framework.title.label("framework_title"), PracticeLock.locked_at)
            .join(Framework, Framework.id == Round.framework_id)
            .outerjoin(
                PracticeLock,
                and_(PracticeLock.round_id == Round.id, PracticeLock.evaluator_id == viewer.person_id),
            )
            .where(
                Round.id == round_id,
                Framework.council_id == viewer.organisation_id,
                exists().where(
                    Application.round_id == Round.id,
                    Assignment.application_id == Application.id,
                    Assignment.evaluator_id == viewer.person_id,
                    Assignment.state.in_(ACTIVE),
                ),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def own_practice(viewer: Actor, round_id: int) -> Sequence[RowMapping]:
    """The round's practice answers in order with the viewer's own marks: practice_id, code, title, points,
    reason, version, marked_at (None each before they marked)."""
    return (
        db.session.execute(
            select(
                PracticeAnswer.id.label("practice_id"),
                Question.code,
                Question.title,
                PracticeMark.points,
                PracticeMark.reason,
                PracticeMark.version,
                PracticeMark.marked_at,
            )
            .join(Question, Question.id == PracticeAnswer.question_id)
            .outerjoin(
                PracticeMark,
                and_(
                    PracticeMark.practice_answer_id == PracticeAnswer.id,
                    PracticeMark.evaluator_id == viewer.person_id,
                ),
            )
            .where(PracticeAnswer.round_id == round_id)
            .order_by(Question.position)
        )
        .mappings()
        .all()
    )


def evaluators_of(round_id: int) -> Sequence[RowMapping]:
    """Who has something to mark in the round, by name: person_id, name, locked (their practice)."""
    return (
        db.session.execute(
            select(
                Person.id.label("person_id"),
                Person.name,
                func.bool_or(PracticeLock.round_id.is_not(None)).label("locked"),
            )
            .join(Assignment, Assignment.evaluator_id == Person.id)
            .join(Application, Application.id == Assignment.application_id)
            .outerjoin(
                PracticeLock,
                and_(PracticeLock.round_id == Application.round_id, PracticeLock.evaluator_id == Person.id),
            )
            .where(Application.round_id == round_id, Assignment.state.in_(ACTIVE))
            .group_by(Person.id, Person.name)
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def spread_of(round_id: int) -> Sequence[RowMapping]:
    """Every locked practice mark by question: title, name, points, highest (of the scale), reason.

    Nothing at all before everybody who has something to mark has locked their practice. Who may ask is the
    caller's to check.
    """
    evaluators = evaluators_of(round_id)
    if not evaluators or not all(row["locked"] for row in evaluators):
        return []
    return (
        db.session.execute(
            select(Question.title, Person.name, PracticeMark.points, PracticeMark.reason)
            .join(PracticeAnswer, PracticeAnswer.id == PracticeMark.practice_answer_id)
            .join(Question, Question.id == PracticeAnswer.question_id)
            .join(Person, Person.id == PracticeMark.evaluator_id)
            .join(
                PracticeLock,
                and_(
                    PracticeLock.round_id == PracticeAnswer.round_id,
                    PracticeLock.evaluator_id == PracticeMark.evaluator_id,
                ),
            )
            .where(PracticeAnswer.round_id == round_id)
            .order_by(Question.position, Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def may_write(round_id: int) -> bool:
    """Whether practice answers can still be written: until the first tender is handed out."""
    return not is_handed_out(round_id)


def must_practise(evaluator_id: Any, round_id: Any) -> ColumnElement[bool]:
    """In a select over these columns: whether the evaluator has practice of the round to lock before they
    mark its tenders."""
    return and_(
        exists().where(PracticeAnswer.round_id == round_id),
        ~exists().where(PracticeLock.round_id == round_id, PracticeLock.evaluator_id == evaluator_id),
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For an evaluator: practice to mark before their tenders."""
    if not viewer.may("tender:mark"):
        return Waiting()
    rows = db.session.execute(
        select(Round.id, Round.number, Framework.title, func.count(func.distinct(PracticeAnswer.id)))
        .join(Framework, Framework.id == Round.framework_id)
        .join(PracticeAnswer, PracticeAnswer.round_id == Round.id)
        .join(Application, Application.round_id == Round.id)
        .join(Assignment, Assignment.application_id == Application.id)
        .where(
            Assignment.evaluator_id == viewer.person_id,
            Assignment.state.in_(ACTIVE),
            Round.state == "marking",
            ~exists().where(PracticeLock.round_id == Round.id, PracticeLock.evaluator_id == viewer.person_id),
        )
        .group_by(Round.id, Round.number, Framework.title)
        .order_by(Round.id)
    )
    return Waiting(
        now=tuple(
            Task(
                f"{plural(count, 'practice answer')} to mark before the tenders of round {number} of {title}",
                "Practise",
                "practice.mine",
                {"round_id": round_id},
            )
            for round_id, number, title, count in rows
        )
    )
