"""Reading one check: its question and answer, who decided what of it, and how the tender's lots fare."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import RowMapping, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.conformity.answer_queries import tells_price
from evaluation.conformity.models import ConformityCheck, ConformityDecision
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.models import Answer, Application, ApplicationLot
from tender.frameworks.models import Lot, Question, RoundLot
from tender.frameworks.queries import known_options


def check_for(round_id: int, check_id: int) -> RowMapping:
    """One check with its question, answer and who decided it. Raises `NotFound`."""
    check = ConformityCheck
    decider = aliased(Person)
    row = (
        db.session.execute(
            select(
                check.id,
                check.result,
                check.rule_result,
                check.rule_reason,
                check.reason,
                check.version,
                check.application_id,
                check.lot_id,
                check.decided_at,
                decider.name.label("decided_by"),
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Question.id.label("question_id"),
                Question.code,
                Question.title,
                Question.text,
                Question.how_judged,
                Question.kind,
                known_options(),
                Question.shape,
                Question.rule,
                tells_price().label("tells_price"),
                RoundLot.price_ceiling,
                Answer.id.label("answer_id"),
                Answer.value,
            )
            .join(Question, Question.id == check.question_id)
            .join(Application, Application.id == check.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Lot, Lot.id == check.lot_id)
            .outerjoin(RoundLot, and_(RoundLot.lot_id == check.lot_id, RoundLot.round_id == round_id))
            .outerjoin(
                Answer,
                and_(
                    Answer.application_id == check.application_id,
                    Answer.question_id == check.question_id,
                    Answer.lot_id.is_not_distinct_from(check.lot_id),
                ),
            )
            .outerjoin(decider, decider.id == check.decided_by_id)
            .where(check.id == check_id, Question.round_id == round_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def decisions_on(check_id: int) -> Sequence[RowMapping]:
    """What people decided on a check, the newest first: version, result, reason, decided_at, decided_by."""
    decision = ConformityDecision
    return (
        db.session.execute(
            select(
                decision.version,
                decision.result,
                decision.reason,
                decision.decided_at,
                Person.name.label("decided_by"),
            )
            .join(Person, Person.id == decision.decided_by_id)
            .where(decision.check_id == check_id)
            .order_by(decision.version.desc())
        )
        .mappings()
        .all()
    )


def lots_of_tender(application_id: int) -> Sequence[RowMapping]:
    """The lots of a tender in order, and how each fares: id, number, title, ended_by (the titles of the
    failed conditions), to_decide (how many conditions that concern it nobody has decided)."""
    check = ConformityCheck
    ended_by = func.array_agg(aggregate_order_by(Question.title, Question.position))
    return (
        db.session.execute(
            select(
                Lot.id,
                Lot.number,
                Lot.title,
                ended_by.filter(check.result == "fail").label("ended_by"),
                func.count().filter(check.result == "refer").label("to_decide"),
            )
            .select_from(ApplicationLot)
            .join(Lot, Lot.id == ApplicationLot.lot_id)
            .outerjoin(
                check,
                and_(
                    check.application_id == ApplicationLot.application_id,
                    or_(check.lot_id.is_(None), check.lot_id == Lot.id),
                ),
            )
            .outerjoin(Question, Question.id == check.question_id)
            .where(ApplicationLot.application_id == application_id)
            .group_by(Lot.id)
            .order_by(Lot.position, Lot.id)
        )
        .mappings()
        .all()
    )


class Told(NamedTuple):
    """A condition of a tender as its provider is told of it: `lot_number` where it was asked for a lot."""

    title: str
    lot_number: str | None
    met: bool
    reason: str


def told_of(round_id: int) -> dict[int, list[Told]]:
    """Every decided condition of a round's tenders by application, in the order asked."""
    check = ConformityCheck
    rows = db.session.execute(
        select(check.application_id, Question.title, Lot.number, check.result, check.reason)
        .join(Question, Question.id == check.question_id)
        .outerjoin(Lot, Lot.id == check.lot_id)
        .where(Question.round_id == round_id, check.result != "refer")
        .order_by(check.application_id, Question.position, Lot.position)
    )
    found: dict[int, list[Told]] = {}
    for application_id, title, lot_number, result, reason in rows:
        found.setdefault(application_id, []).append(Told(title, lot_number, result == "pass", reason))
    return found
