"""Reading the answers on which all evaluators agree, for agreeing their marks together."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, and_, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from evaluation.assignments.models import Assignment
from evaluation.moderation.agenda_queries import items_of
from evaluation.moderation.models import AgendaItem, AgreedMark, UnlockedMark
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Lot, Question, ScaleBand

IDENTICAL_A_PAGE = 10
_SAME = AgendaItem.lowest == AgendaItem.highest
_BY_QUESTION = (Question.position, AgendaItem.application_id, AgendaItem.answer_id)


def identical_marks(viewer: Actor, round_id: int, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of the answers not agreed yet to which all evaluators gave the same mark, by question; and how
    many there are. Columns as in `identical_among`.

    What was agreed once and unlocked is left out: it wants a look of its own.
    """
    unlocked = exists().where(UnlockedMark.answer_id == AgendaItem.answer_id)
    items = items_of(viewer, round_id, agreed=False).where(_SAME, ~unlocked)
    page = items.order_by(*_BY_QUESTION).limit(IDENTICAL_A_PAGE).offset(skip)
    rows = _in_full(list(db.session.scalars(page)))
    return rows, db.session.scalar(select(func.count()).select_from(items.subquery())) or 0


def identical_among(viewer: Actor, round_id: int, answers: Sequence[int]) -> Sequence[RowMapping]:
    """Those of these answers to which all evaluators gave the same mark, agreed or not.

    Columns: answer_id, application_id, question_id, scale_id, title, weight, provider_name, lot_number,
    lowest (the mark), names and reasons (each evaluator's, in one order), descriptors of the scale's bands,
    agreed.
    """
    chosen = items_of(viewer, round_id).where(_SAME, AgendaItem.answer_id.in_(answers))
    return _in_full(list(db.session.scalars(chosen)))


def _in_full(answers: Sequence[int]) -> Sequence[RowMapping]:
    by_name = (Person.name, Mark.evaluator_id)
    descriptors = (
        select(func.array_agg(ScaleBand.descriptor))
        .where(ScaleBand.scale_id == Question.scale_id)
        .correlate(Question)
        .scalar_subquery()
    )
    return (
        db.session.execute(
            select(
                AgendaItem.answer_id,
                AgendaItem.application_id,
                AgendaItem.question_id,
                Question.scale_id,
                Question.title,
                Question.weight,
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                AgendaItem.lowest,
                func.array_agg(aggregate_order_by(Person.name, *by_name)).label("names"),
                func.array_agg(aggregate_order_by(Mark.reason, *by_name)).label("reasons"),
                descriptors.label("descriptors"),
                AgreedMark.points.label("agreed"),
            )
            .join(Question, Question.id == AgendaItem.question_id)
            .join(Application, Application.id == AgendaItem.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(
                Assignment,
                and_(Assignment.application_id == AgendaItem.application_id, Assignment.state == "locked"),
            )
            .join(
                Mark,
                and_(Mark.answer_id == AgendaItem.answer_id, Mark.evaluator_id == Assignment.evaluator_id),
            )
            .join(Person, Person.id == Mark.evaluator_id)
            .outerjoin(Lot, Lot.id == AgendaItem.lot_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == AgendaItem.answer_id)
            .where(AgendaItem.answer_id.in_(answers))
            .group_by(AgendaItem.answer_id, Question.id, Organisation.id, Lot.id, AgreedMark.id)
            .order_by(*_BY_QUESTION)
        )
        .mappings()
        .all()
    )
