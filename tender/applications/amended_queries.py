"""Which applications a new version of a round's pack touches. Told to nobody at the council."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy import literal as value

from portal.database import db
from tender.applications.closing import closing_time_of_application
from tender.applications.models import Answer, Application, ApplicationLot
from tender.frameworks.models import Lot, Question, Round


@dataclass(frozen=True, slots=True)
class TouchedQuestion:
    """A question that an application is asked anew, for one lot where it is asked per lot."""

    code: str
    title: str
    kind: str
    lot_id: int | None
    lot_number: str | None


@dataclass(frozen=True, slots=True)
class TouchedApplication:
    """An application with what a version changes for it. `kind` of a question is changed, added or withdrawn;
    `closes_at` is when the application's own time is over."""

    id: int
    state: str
    closes_at: datetime
    questions: tuple[TouchedQuestion, ...]


def touched_by(round_id: int, number: int, added: Collection[str]) -> list[TouchedApplication]:
    """The applications that the version `number` touches, in two statements.

    They have answered a question that it changed or withdrew, or must answer one that it added (`added` are
    their codes) for a lot they apply for.
    """
    found: dict[tuple[int, str, datetime], list[TouchedQuestion]] = {}
    for statement in (_answered(round_id, number, added), _newly_asked(round_id, added)):
        for application_id, state, closes_at, *question, _ in db.session.execute(statement):
            found.setdefault((application_id, state, closes_at), []).append(TouchedQuestion(*question))
    return [TouchedApplication(*application, tuple(asked)) for application, asked in found.items()]


def _answered(round_id: int, number: int, added: Collection[str]) -> Select[Any]:
    kind = case((Question.withdrawn_in == number, "withdrawn"), else_="changed")
    applied_for = (
        select(ApplicationLot.lot_id)
        .where(ApplicationLot.application_id == Application.id, ApplicationLot.lot_id == Answer.lot_id)
        .exists()
    )
    return (
        _touched(Question.code, Question.title, kind, Answer.lot_id, Lot.number)
        .join(Answer, Answer.application_id == Application.id)
        .join(Question, Question.id == Answer.question_id)
        .outerjoin(Lot, Lot.id == Answer.lot_id)
        .where(
            Round.id == round_id,
            or_(Question.withdrawn_in == number, Question.changed_in == number),
            Question.code.not_in(added),
            or_(Answer.lot_id.is_(None), applied_for),
        )
        .order_by(Application.id, Question.position, Lot.position)
    )


def _newly_asked(round_id: int, added: Collection[str]) -> Select[Any]:
    lot_id: ColumnElement[Any] = case((Question.per_lot, ApplicationLot.lot_id))
    asked_of = func.any(Question.lots, type_=BigInteger)
    return (
        _touched(Question.code, Question.title, value("added"), lot_id, case((Question.per_lot, Lot.number)))
        .join(ApplicationLot, ApplicationLot.application_id == Application.id)
        .join(Lot, Lot.id == ApplicationLot.lot_id)
        .join(
            Question,
            and_(
                Question.round_id == Application.round_id,
                or_(
                    func.cardinality(Question.lots, type_=BigInteger) == 0, ApplicationLot.lot_id == asked_of
                ),
            ),
        )
        .where(Round.id == round_id, Question.code.in_(added), Question.required)
        .distinct()
        .order_by(Application.id, Question.position, lot_id)
    )


def _touched(*question: Any) -> Select[Any]:
    closes_at = closing_time_of_application().label("closes_at")
    return (
        select(Application.id, Application.state, closes_at, *question, Question.position)
        .select_from(Application)
        .join(Round, Round.id == Application.round_id)
    )
