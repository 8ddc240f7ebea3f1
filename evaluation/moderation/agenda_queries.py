"""Reading the agenda: what waits for an agreed mark, the widest differences that weigh most first.

Only what stands on it appears: answers of complete applications, those whose evaluators, two or more, have
all locked their marks. Somebody who declared a conflict with a provider reads nothing about that provider
here, whatever their other roles. The order of the agenda is one: list, map and the way from one item to the
next follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, tuple_

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.conformity.answer_queries import counts, markable_answers
from evaluation.moderation.models import AgendaItem, AgreedMark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Lot, Question

ANSWERS_A_PAGE = 30
SPREAD = AgendaItem.highest - AgendaItem.lowest
ORDER = (AgendaItem.turn, AgendaItem.question_id, AgendaItem.application_id, AgendaItem.answer_id)


@dataclass(frozen=True)
class Progress:
    """How far a round's moderation is: answers agreed, ready to be agreed, and still being marked."""

    agreed: int
    ready: int
    being_marked: int

    @property
    def total(self) -> int:
        """All answers that need an agreed mark."""
        return self.agreed + self.ready + self.being_marked


def progress_of(round_id: int, viewer: Actor | None = None) -> Progress:
    """How many answers of the round are agreed, ready and being marked; of those a viewer may read."""
    answers = markable_answers(round_id).subquery()
    items = items_of(viewer, round_id)
    every = select(func.count()).select_from(answers)
    if viewer is not None:
        every = every.where(answers.c.application_id.not_in(conflicts_of(viewer)))
    agreed, ready, total = db.session.execute(
        items.with_only_columns(
            func.count().filter(AgendaItem.agreed),
            func.count().filter(~AgendaItem.agreed),
            every.scalar_subquery(),
        )
    ).one()
    return Progress(agreed, ready, total - agreed - ready)


def items_of(viewer: Actor | None, round_id: int, *, agreed: bool | None = None) -> Select[tuple[int]]:
    """Select of the ids of the answers on the agenda, for other columns of `AgendaItem` and `Question`.

    `agreed` chooses those that are agreed or those that are not. Without a viewer it is everything, for
    counts that name no provider.
    """
    items = (
        select(AgendaItem.answer_id)
        .join(Question, Question.id == AgendaItem.question_id)
        .where(
            AgendaItem.round_id == round_id, counts(round_id, AgendaItem.application_id, AgendaItem.lot_id)
        )
    )
    if viewer is not None:
        items = items.where(AgendaItem.application_id.not_in(conflicts_of(viewer)))
    return items if agreed is None else items.where(AgendaItem.agreed == agreed)


def agenda_of(
    viewer: Actor, round_id: int, *, everything: bool = False, skip: int = 0
) -> Sequence[RowMapping]:
    """One page of the answers ready for moderation, in order; `progress_of` tells how many there are.

    Columns: answer_id, title, weight, provider_name, lot_number, lowest, highest, spread, marks, agreed (the
    agreed mark). `everything` includes those that are agreed.
    """
    items = items_of(viewer, round_id, agreed=None if everything else False)
    chosen = items.order_by(*ORDER).limit(ANSWERS_A_PAGE).offset(skip).subquery()
    return (
        db.session.execute(
            select(
                AgendaItem.answer_id,
                Question.title,
                Question.weight,
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                AgendaItem.lowest,
                AgendaItem.highest,
                SPREAD.label("spread"),
                AgendaItem.marks,
                AgreedMark.points.label("agreed"),
            )
            .join(chosen, chosen.c.answer_id == AgendaItem.answer_id)
            .join(Question, Question.id == AgendaItem.question_id)
            .join(Application, Application.id == AgendaItem.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Lot, Lot.id == AgendaItem.lot_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == AgendaItem.answer_id)
            .order_by(*ORDER)
        )
        .mappings()
        .all()
    )


def next_on_agenda(viewer: Actor, round_id: int) -> int | None:
    """The first answer of the agenda; None when all that is ready has been agreed."""
    return db.session.scalar(items_of(viewer, round_id, agreed=False).order_by(*ORDER).limit(1))


def neighbours_of(viewer: Actor, item: Mapping[Any, Any]) -> tuple[int | None, int | None]:
    """The answers to be agreed before and after this one, agreed or not, in the agenda's order.

    `item` is as `queries.item_for` gives it.
    """
    here = tuple_(item["turn"], item["question_id"], item["application_id"], item["id"])
    left, place = items_of(viewer, item["round_id"], agreed=False), tuple_(*ORDER)
    before = left.where(place < here).order_by(*(column.desc() for column in ORDER)).limit(1)
    after = left.where(place > here).order_by(*ORDER).limit(1)
    both = select(before.scalar_subquery(), after.scalar_subquery())
    previous, following = db.session.execute(both).one()
    return previous, following
