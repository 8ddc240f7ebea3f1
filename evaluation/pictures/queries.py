"""Reading what the pictures show, added up by the database."""

from collections.abc import Sequence

from sqlalchemy import Numeric, RowMapping, and_, case, cast, func, select

from evaluation.assignments.coverage_queries import in_scope
from evaluation.assignments.lifecycle import ACTIVE
from evaluation.assignments.models import Assignment
from evaluation.conformity.answer_queries import markable_answers
from evaluation.moderation.agenda_queries import SPREAD, items_of
from evaluation.moderation.models import AgendaItem
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from tender.frameworks.models import Lot, Question, Scale


def board_of(round_id: int) -> Sequence[RowMapping]:
    """How many answers each evaluator has to mark and has marked, by lot: of the part that is theirs alone,
    and without conflicted tenders.

    Columns: person_id, name, lot_number (None for answers that count for all lots), to_mark, marked. Counts
    alone: neither what a mark is nor how often it was given.
    """
    answers = markable_answers(round_id).subquery()
    # Tenders are alike in what they answer: counted by section and lot first, a few rows stand for many.
    parts = (
        select(answers.c.application_id, answers.c.section, answers.c.lot_id, func.count().label("answers"))
        .group_by(answers.c.application_id, answers.c.section, answers.c.lot_id)
        .subquery()
    )
    asked = (
        select(
            Assignment.id,
            Assignment.evaluator_id,
            Assignment.state,
            parts.c.lot_id,
            func.sum(parts.c.answers).label("answers"),
        )
        .join(parts, and_(parts.c.application_id == Assignment.application_id, in_scope(parts)))
        .where(Assignment.state.in_(ACTIVE))
        .group_by(Assignment.id, parts.c.lot_id)
        .subquery()
    )
    # Who has locked has marked everything, so that only the marks of the others are counted.
    given = (
        select(Assignment.id, answers.c.lot_id, func.count().label("marks"))
        .select_from(answers)
        .join(
            Assignment,
            and_(
                Assignment.application_id == answers.c.application_id,
                Assignment.state == "accepted",
                in_scope(answers),
            ),
        )
        .join(Mark, and_(Mark.answer_id == answers.c.id, Mark.evaluator_id == Assignment.evaluator_id))
        .group_by(Assignment.id, answers.c.lot_id)
        .subquery()
    )
    marked = case((asked.c.state == "locked", asked.c.answers), else_=func.coalesce(given.c.marks, 0))
    return (
        db.session.execute(
            select(
                Person.id.label("person_id"),
                Person.name,
                Lot.number.label("lot_number"),
                func.sum(asked.c.answers).label("to_mark"),
                func.sum(marked).label("marked"),
            )
            .select_from(asked)
            .join(Person, Person.id == asked.c.evaluator_id)
            .outerjoin(
                given,
                and_(
                    given.c.id == asked.c.id,
                    func.coalesce(given.c.lot_id, 0) == func.coalesce(asked.c.lot_id, 0),
                ),
            )
            .outerjoin(Lot, Lot.id == asked.c.lot_id)
            .group_by(Person.id, Person.name, Lot.id)
            .order_by(Person.name, Person.id, Lot.position.nulls_first())
        )
        .mappings()
        .all()
    )


def spread_by_question(viewer: Actor, round_id: int) -> Sequence[RowMapping]:
    """How far the marks of each question are apart, in the order asked; complete tenders alone.

    Columns: title, weight, highest (of the scale), answers, same (whose marks are all the same), mean and
    widest (points apart).
    """
    return (
        db.session.execute(
            items_of(viewer, round_id)
            .join(Scale, Scale.id == Question.scale_id)
            .with_only_columns(
                Question.title,
                Question.weight,
                Scale.highest,
                func.count().label("answers"),
                func.count().filter(SPREAD == 0).label("same"),
                func.avg(SPREAD).label("mean"),
                func.max(SPREAD).label("widest"),
            )
            .group_by(Question.id, Scale.highest)
            .order_by(Question.position)
        )
        .mappings()
        .all()
    )


def severity_of(viewer: Actor, round_id: int) -> Sequence[RowMapping]:
    """How far each evaluator's marks are from the panel's mean on average, the lowest first.

    Over complete tenders alone. Columns: person_id, name, tenders, marks, difference (points; below nought
    for who marks lower than the panel).
    """
    difference = func.sum(Mark.points * AgendaItem.marks - AgendaItem.total)
    sums = (
        items_of(viewer, round_id)
        .join(
            Assignment,
            and_(Assignment.application_id == AgendaItem.application_id, Assignment.state == "locked"),
        )
        .join(
            Mark,
            and_(Mark.answer_id == AgendaItem.answer_id, Mark.evaluator_id == Assignment.evaluator_id),
        )
        .with_only_columns(
            Assignment.evaluator_id,
            Assignment.application_id,
            AgendaItem.marks.label("panel"),
            func.count().label("marks"),
            difference.label("difference"),
        )
        .group_by(Assignment.evaluator_id, Assignment.application_id, AgendaItem.marks)
        .subquery()
    )
    # The sums are of whole numbers: each tender's is divided by how many mark it only here.
    mean = func.sum(cast(sums.c.difference, Numeric) / sums.c.panel) / func.sum(sums.c.marks)
    return (
        db.session.execute(
            select(
                Person.id.label("person_id"),
                Person.name,
                func.count(sums.c.application_id.distinct()).label("tenders"),
                func.sum(sums.c.marks).label("marks"),
                mean.label("difference"),
            )
            .join(Person, Person.id == sums.c.evaluator_id)
            .group_by(Person.id, Person.name)
            .order_by(mean, Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def highest_of(round_id: int) -> int:
    """The best mark that any scale of the round's scored questions has; 1 where there is none."""
    found = select(func.max(Scale.highest)).where(Scale.round_id == round_id)
    return db.session.scalar(found) or 1
