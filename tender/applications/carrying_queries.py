"""What an earlier application gives to another round of its framework, and what of a draft was given so.

One statement says both how much would be carried and what is: the pages that promise and the service that
does it cannot differ.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.evidence.queries import frozen_facts
from portal.storage.models import Document
from tender.applications.contents import Item
from tender.applications.last_time import LastTime, LastTimes, Place, lots_held_by, verdicts_on, with_verdicts
from tender.applications.models import Answer, AnswerFile, Application, ApplicationLot, CarriedAnswer
from tender.applications.queries import ApplicationFacts
from tender.frameworks.models import Question, Round, RoundLot

# What a provider declares speaks of the day on which it is declared: of a submitted application it is never
# carried. Share code and exclusion grounds are suggested from the profile, where they are kept up to date.
OF_THAT_DAY = ("share_code", "exclusion", "exclusion_detail")
_BLANK = ("null", '""', "[]", "{}")

before = aliased(Question, name="before")
asked = aliased(Question, name="asked")


@cache
def asked_again() -> Select[Any]:
    """For an `Application` and another `Round`: one row for each question that the round asks for the lots
    that come with it, with what the application's answer to the same question would give.

    A question is the same when its code, its kind and its being asked per lot are. The parameter is `today`.
    Columns: application_id, round_id, asked_id, lot_id, answer_id, fits (whether it is carried), ran_out_on
    (of documents that stay behind).
    """
    lot, answer_lot = aliased(ApplicationLot, name="lot"), aliased(ApplicationLot, name="any_lot")
    ran_out = func.max(expires_on()).filter(expires_on() < bindparam("today"))
    files = (
        select(
            func.count().filter(func.coalesce(expires_on() >= bindparam("today"), True)).label("good"),
            ran_out.label("ran_out_on"),
        )
        .select_from(AnswerFile)
        .join(Document, Document.id == AnswerFile.document_id)
        .where(AnswerFile.answer_id == Answer.id, Document.scan_state != "infected")
        .where(Document.removed_at.is_(None))
        .lateral("files")
    )
    comes_along = exists().where(
        answer_lot.application_id == Application.id,
        answer_lot.lot_id == any_(asked.lots),
        comes(answer_lot.lot_id),
    )
    for_these_lots = case(
        (func.cardinality(asked.lots) == 0, True),
        (asked.per_lot, lot.lot_id == any_(asked.lots)),
        else_=comes_along,
    )
    words = and_(asked.kind != "file", same_words(), cast(Answer.value, Text).not_in(_BLANK))
    documents = and_(asked.kind == "file", before.accepted.contained_by(asked.accepted), files.c.good > 0)
    of_that_day = and_(
        Application.submitted_at.is_not(None), or_(asked.kind == "declaration", asked.code.in_(OF_THAT_DAY))
    )
    fits = and_(Answer.id.is_not(None), or_(words, documents), ~of_that_day)
    return (
        select(
            Application.id.label("application_id"),
            Round.id.label("round_id"),
            asked.id.label("asked_id"),
            lot.lot_id,
            Answer.id.label("answer_id"),
            func.coalesce(fits, False).label("fits"),
            case((asked.kind == "file", files.c.ran_out_on)).label("ran_out_on"),
        )
        .select_from(Application)
        .join(Round, Round.id != Application.round_id)
        .join(asked, and_(asked.round_id == Round.id, asked.withdrawn_in.is_(None)))
        .outerjoin(lot, and_(lot.application_id == Application.id, asked.per_lot, comes(lot.lot_id)))
        .outerjoin(
            before,
            and_(
                before.round_id == Application.round_id,
                before.code == asked.code,
                before.kind == asked.kind,
                before.per_lot == asked.per_lot,
            ),
        )
        .outerjoin(
            Answer,
            and_(
                Answer.application_id == Application.id,
                Answer.question_id == before.id,
                Answer.lot_id.is_not_distinct_from(lot.lot_id),
            ),
        )
        .outerjoin(files, literal(True))
        .where(or_(~asked.per_lot, lot.lot_id.is_not(None)), for_these_lots)
        # A question under a condition counts where it came up before.
        .where(or_(asked.ask_if.is_(None), Answer.id.is_not(None)))
    )


def lots_that_come(application_id: int, into_round_id: int) -> Select[tuple[int]]:
    """The lots of an application that come along into another round (see `comes`)."""
    return (
        select(ApplicationLot.lot_id)
        .join(Application, Application.id == ApplicationLot.application_id)
        .join(Round, Round.id == into_round_id)
        .where(ApplicationLot.application_id == application_id, comes(ApplicationLot.lot_id))
        .order_by(ApplicationLot.lot_id)
    )


def same_words() -> ColumnElement[bool]:
    """Whether the question `asked` says the same as the one `before`, and takes the same answers."""
    return and_(before.text == asked.text, before.options == asked.options, before.shape == asked.shape)


def last_times(viewer: Actor, facts: ApplicationFacts, items: Iterable[Item]) -> LastTimes:
    """By place, what was carried into the viewer's own application and what was said of it last time; also
    what was said where nothing could be carried. Nothing for anybody else.

    `items` are the application's. Two statements, and none where nothing of it was carried.
    """
    sources = {item.carried_from for item in items if item.carried_from}
    if not facts.own or not sources:
        return {}
    source = aliased(Application)
    rows = db.session.execute(
        select(
            asked.code,
            Answer.lot_id,
            Round.number,
            source.submitted_at,
            Answer.version == 1,
            func.coalesce(~same_words(), True),
            CarriedAnswer.ran_out_on,
        )
        .select_from(CarriedAnswer)
        .join(Answer, Answer.id == CarriedAnswer.answer_id)
        .join(asked, asked.id == Answer.question_id)
        .join(source, source.id == CarriedAnswer.from_application_id)
        .join(Round, Round.id == source.round_id)
        .outerjoin(before, and_(before.round_id == source.round_id, before.code == asked.code))
        .where(Answer.application_id == facts.id)
        .order_by(source.submitted_at, asked.position)
    )
    carried: dict[Place, LastTime] = {(code, lot_id): LastTime(*rest) for code, lot_id, *rest in rows}
    return with_verdicts(carried, verdicts_on(viewer, sources))


def comes(lot_id: Any) -> ColumnElement[bool]:
    """Whether a lot of the earlier `Application` comes along: the `Round` offers it, and where the
    application was submitted, its provider does not stand on it by now. Takes the parameter `today`."""
    offered = select(RoundLot.lot_id).where(RoundLot.round_id == Round.id).correlate(Round)
    held = lots_held_by(Application.provider_id).correlate(Application)
    return and_(lot_id.in_(offered), or_(Application.submitted_at.is_(None), lot_id.not_in(held)))


def lots_held(viewer: Actor) -> frozenset[int]:
    """The lots (ids) on which the viewer's organisation stands, in one statement."""
    own = lots_held_by(literal(viewer.organisation_id, BigInteger))
    return frozenset(db.session.scalars(own, {"today": clock.today()}))


def expires_on() -> ColumnElement[Any]:
    """When a document given runs out, as the vault knows it now, else as it was sealed; null for no day."""
    known = func.coalesce(frozen_facts(AnswerFile.document_id), AnswerFile.facts)
    return cast(known.op("->>")("expires_on"), Date)
