"""Which applications a new version of a round's pack touches. Told to nobody at the council."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, exists, func, or_, select

from portal.database import db
from tender.applications.closing import closing_time_of_application
from tender.applications.limits import choices_gone, fault_of
from tender.applications.models import Answer, Application, ApplicationLot
from tender.frameworks.models import Lot, Question, Round


@dataclass(frozen=True, slots=True)
class TouchedQuestion:
    """A question that an application is asked anew, for one lot where it is asked per lot. `fits` is whether
    what was answered can stay: nothing more of an answer leaves the application."""

    code: str
    title: str
    kind: str
    lot_id: int | None
    lot_number: str | None
    fits: bool = True


@dataclass(frozen=True, slots=True)
class TouchedApplication:
    """An application with what a version changes for it. `kind` of a question is changed, added or withdrawn;
    `closes_at` is when the application's own time is over."""

    id: int
    state: str
    closes_at: datetime
    questions: tuple[TouchedQuestion, ...]


def touched_by(
    round_id: int, number: int, added: Collection[str], widened: Collection[str] = ()
) -> list[TouchedApplication]:
    """The applications that the version `number` touches, in two statements.

    They have answered a question that it changed or withdrew, or must answer one that it added (`added` are
    their codes), or asks of more applicants than before (`widened`), for a lot they apply for.
    """
    found: dict[tuple[int, str, datetime], list[TouchedQuestion]] = {}
    for row in db.session.execute(_answered(round_id, number, added)):
        *touched, _, value, kind, shape, options, word_limit, whole = row
        fault = choices_gone(kind, options, options, value) or fault_of(
            kind, shape, value, word_limit=word_limit, whole=whole
        )
        _touch(found, touched, fits=touched[5] == "withdrawn" or not fault)
    for *touched, _ in db.session.execute(_newly_asked(round_id, added, widened)):
        _touch(found, touched)
    return [TouchedApplication(*application, tuple(asked)) for application, asked in found.items()]


def _touch(
    found: dict[tuple[int, str, datetime], list[TouchedQuestion]], row: Any, fits: bool = True
) -> None:
    application_id, state, closes_at, *question = row
    found.setdefault((application_id, state, closes_at), []).append(TouchedQuestion(*question, fits=fits))


def _answered(round_id: int, number: int, added: Collection[str]) -> Select[Any]:
    kind = case((Question.withdrawn_in == number, "withdrawn"), else_="changed")
    applied_for = (
        select(ApplicationLot.lot_id)
        .where(ApplicationLot.application_id == Application.id, ApplicationLot.lot_id == Answer.lot_id)
        .exists()
    )
    return (
        _touched(Question.code, Question.title, kind, Answer.lot_id, Lot.number)
        .add_columns(Answer.value, *_READ)
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


def _newly_asked(round_id: int, added: Collection[str], widened: Collection[str]) -> Select[Any]:
    lot_id: ColumnElement[Any] = case((Question.per_lot, ApplicationLot.lot_id))
    kind = case((Question.code.in_(added), "added"), else_="changed")
    answered = exists().where(
        Answer.application_id == Application.id,
        Answer.question_id == Question.id,
        Answer.lot_id.is_not_distinct_from(lot_id),
    )
    asked_of = func.any(Question.lots, type_=BigInteger)
    return (
        _touched(Question.code, Question.title, kind, lot_id, case((Question.per_lot, Lot.number)))
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
        .where(Round.id == round_id, Question.code.in_([*added, *widened]), Question.required, ~answered)
        .distinct()
        .order_by(Application.id, Question.position, lot_id)
    )


_READ = (Question.kind, Question.shape, Question.options, Question.word_limit, Question.required)


def _touched(*question: Any) -> Select[Any]:
    closes_at = closing_time_of_application().label("closes_at")
    return (
        select(Application.id, Application.state, closes_at, *question, Question.position)
        .select_from(Application)
        .join(Round, Round.id == Application.round_id)
    )
