"""What waits for a tenderer's answer: until it is here, or its time is over, nothing is decided about it.

An inquiry holds up what it is about: the marks of its answer, and what is recommended, approved and released
for its lot. An answer that was given once counts for every lot, so a question about it holds up all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from evaluation.inquiries.models import Inquiry
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.database import db
from portal.errors import Refusal
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import uk_datetime
from tender.applications.access import barred, undeclared
from tender.applications.models import Answer, Application, ApplicationLot
from tender.frameworks.models import Lot, Question, Round

READ_ON = "questions to the tenderer"
"""What the trail calls the page on which inquiries are read."""
HELD_UP_IN = ("opened", "marking", "decided")


class ReplyAwaited(Refusal):
    """Something would be decided about a point that a tenderer was asked to make clear, before its answer."""

    def __init__(self, name: str, about: str, until: datetime) -> None:
        super().__init__(
            f"{name} was asked what “{about}” means, and its answer may still come. Wait for it, at the "
            f"longest until {uk_datetime(until)}, or withdraw the question first, on the page of questions "
            "to this tenderer."
        )


def refuse_awaited_marks(answer_ids: Collection[int]) -> None:
    """Before marks are agreed. Raises `ReplyAwaited` where the tenderer of one of these answers was asked
    about it and may still reply."""
    if awaited := awaited_marks(answer_ids):
        raise next(iter(awaited.values()))


def awaited_marks(answer_ids: Collection[int]) -> dict[int, ReplyAwaited]:
    """As `refuse_awaited_marks`: what to raise, by answer."""
    about = and_(
        Answer.application_id == Inquiry.application_id,
        Answer.question_id == Inquiry.question_id,
        Answer.lot_id.is_not_distinct_from(Inquiry.lot_id),
    )
    found = _awaited().join(Answer, about).where(Answer.id.in_(answer_ids)).add_columns(Answer.id)
    return {answer_id: ReplyAwaited(*told) for *told, answer_id in db.session.execute(found)}


def refuse_awaited(tenders: Collection[tuple[int, int]]) -> None:
    """Before something is decided on these tenders, each with a lot. Raises `ReplyAwaited`."""
    for_lot = and_(
        ApplicationLot.application_id == Inquiry.application_id,
        or_(Inquiry.lot_id.is_(None), Inquiry.lot_id == ApplicationLot.lot_id),
    )
    decided_on = tuple_(ApplicationLot.application_id, ApplicationLot.lot_id).in_(tenders)
    _refuse(_awaited().join(ApplicationLot, for_lot).where(decided_on))


def refuse_awaited_in(round_id: int) -> None:
    """Before a round's letters go. Raises `ReplyAwaited`."""
    _refuse(_awaited().where(Application.round_id == round_id))


def _refuse(found: Select[Any]) -> None:
    if row := db.session.execute(found.limit(1)).first():
        raise ReplyAwaited(*row)


def _awaited() -> Select[Any]:
    """Select over `Inquiry` of those whose answer may still come: whose, about what, until when."""
    return (
        select(Organisation.name, _about(), Inquiry.due_at)
        .join(Application, Application.id == Inquiry.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Question, Question.id == Inquiry.question_id)
        .outerjoin(Lot, Lot.id == Inquiry.lot_id)
        .where(Inquiry.state == "asked", Inquiry.due_at > clock.now())
        .order_by(Inquiry.id)
    )


def _about() -> ColumnElement[str]:
    """In a select over `Question` and `Lot`: 'Insurance', 'Your price, lot 2'."""
    return case((Lot.id.is_(None), Question.title), else_=Question.title + ", lot " + Lot.number)


def asked_in_round(viewer: Actor) -> ScalarSelect[Any]:
    """In a select over `Round`, for a home page: inquiries whose answer may still come, and those that were
    answered, or not in time, since the viewer last read them; lists that `as_waiting` reads, or null.

    None of a tender that they may not open, or before they have declared on the round's tenderers.
    """
    over = and_(Inquiry.state == "asked", Inquiry.due_at <= clock.now())
    read = exists().where(
        AuditLine.subject_type == "application",
        AuditLine.subject_id == cast(Application.id, Text),
        AuditLine.actor_id == viewer.person_id,
        AuditLine.details["page"].astext == READ_ON,
        AuditLine.at >= case((over, Inquiry.due_at), else_=Inquiry.answered_at),
    )
    standing = case((over, "over"), else_=Inquiry.state)
    line = func.jsonb_build_array(Organisation.name, _about(), Application.id, Inquiry.due_at, standing)
    return (
        select(func.jsonb_agg(aggregate_order_by(line, Inquiry.due_at, Inquiry.id)))
        .select_from(Inquiry)
        .join(Application, Application.id == Inquiry.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Question, Question.id == Inquiry.question_id)
        .outerjoin(Lot, Lot.id == Inquiry.lot_id)
        .where(
            Application.round_id == Round.id,
            or_(and_(Inquiry.state == "asked", ~over), and_(Inquiry.state != "withdrawn", ~read)),
            *(Application.id.not_in(closed) for closed in barred(viewer)),
            *(Application.round_id.not_in(rounds) for rounds in undeclared(viewer)),
        )
        .correlate(Round)
        .scalar_subquery()
    )


def as_waiting(round_id: int, lines: Sequence[Sequence[Any]] | None) -> Waiting:
    """What `asked_in_round` found in a round, as lines of a home page."""
    told = [_told(round_id, *line) for line in lines or ()]
    return Waiting(
        tuple(each for each in told if isinstance(each, Task)),
        tuple(each for each in told if isinstance(each, GoingOn)),
    )


def _told(
    round_id: int, name: str, about: str, application_id: int, due_at: str, standing: str
) -> Task | GoingOn:
    place = ("inquiries.index", {"round_id": round_id, "application_id": application_id})
    asked = f"{name}, asked about “{about}”"
    if standing == "asked":
        until = uk_datetime(datetime.fromisoformat(due_at))
        return GoingOn(asked, "waiting", *place, f"Nothing is decided about it until {until}")
    if standing == "over":
        return Task(f"{asked}, has not answered in time", "Decide without it", *place)
    return Task(f"{asked}, has answered", "Read the answer", *place)
