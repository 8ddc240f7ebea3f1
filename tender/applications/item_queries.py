"""The one statement behind every item, and how its rows are read.

Building a statement of this size takes longer than the database needs to answer it, so it is built once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.database import db
from portal.evidence.queries import frozen_facts
from portal.storage.models import Document
from tender.applications.access import OPENED
from tender.applications.contents import File, Item, Promise, missing, those_asked
from tender.applications.models import (
    Answer,
    AnswerFile,
    Application,
    ApplicationLot,
    CarriedAnswer,
    PromisedFile,
)
from tender.frameworks.facts import OF_A_ROUND
from tender.frameworks.models import Lot, Question, Round, RoundLot
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import LotFacts, lots_of_round, questions_of
from tender.packs.models import PackVersion

_QUESTION = tuple(AskedQuestion.__dataclass_fields__)
_LOT = tuple(name for name in LotFacts.__dataclass_fields__ if name not in OF_A_ROUND)


@cache
def items_select() -> Select[Any]:
    """One row for each item that may be asked of the applications asked for; `item_from` reads it.

    Which of them are asked follows from the answers: see `contents.those_asked`. Withdrawn questions are
    asked of nobody.
    """
    lot_asked = and_(ApplicationLot.application_id == Application.id, Question.per_lot)
    return (
        select(
            *(getattr(Question, name) for name in _QUESTION),
            *(getattr(Lot, name) for name in _LOT),
            *(getattr(RoundLot, name) for name in OF_A_ROUND),
            Answer.id,
            Answer.value,
            Answer.version,
            Answer.saved_at,
            Person.name,
            _files_given().label("files"),
            _files_promised().label("promised"),
            case((func.cardinality(Question.lots) > 0, lots_applied_for())).label("applied_for"),
            asked_anew_at().label("asked_anew_at"),
            CarriedAnswer.from_application_id,
            Application.id.label("application_id"),
        )
        .select_from(Application)
        .join(Question, Question.round_id == Application.round_id)
        .outerjoin(ApplicationLot, lot_asked)
        .outerjoin(Lot, Lot.id == ApplicationLot.lot_id)
        .outerjoin(RoundLot, and_(RoundLot.round_id == Application.round_id, RoundLot.lot_id == Lot.id))
        .outerjoin(
            Answer,
            and_(
                Answer.application_id == Application.id,
                Answer.question_id == Question.id,
                Answer.lot_id.is_not_distinct_from(Lot.id),
            ),
        )
        .outerjoin(Person, Person.id == Answer.saved_by_id)
        .outerjoin(CarriedAnswer, CarriedAnswer.answer_id == Answer.id)
        .where(Question.withdrawn_in.is_(None), or_(~Question.per_lot, Lot.id.is_not(None)))
        .order_by(Question.position, Lot.position)
    )


def items_of_submitted(round_id: int, wanted: Callable[[AskedQuestion], bool]) -> Iterator[tuple[int, Item]]:
    """What every submitted application of an opened round was asked among the `wanted` questions, each item
    with its application's id. Nothing while the tender box is shut.

    Three statements. Questions and lots are read once, and not again with each of thousands of answers; of
    an answer there is its id, value and files, and nothing of who saved it when.
    """
    questions = questions_of(round_id)
    chosen = {asked.id for asked in questions.values() if wanted(asked)}
    named = {asked.ask_if["question"] for asked in questions.values() if asked.ask_if}
    read = [asked.id for asked in questions.values() if asked.id in chosen or asked.code in named]
    lots = {lot.id: lot for lot in lots_of_round(round_id)}
    possible: dict[int, list[Item]] = {}
    rows = db.session.execute(_answers_of_submitted(), {"round": round_id, "questions": read})
    for application_id, question_id, lot_id, answer_id, value, files, promised, applied_for in rows:
        item = Item(
            asked=questions[question_id],
            lot=lots.get(lot_id),
            answer_id=answer_id,
            value=value,
            files=tuple(_file(file) for file in files or ()),
            applied_for=tuple(applied_for or ()),
            promised=tuple(Promise(*each) for each in promised or ()),
        )
        possible.setdefault(application_id, []).append(item)
    for application_id, items in possible.items():
        yield from ((application_id, item) for item in those_asked(items) if item.asked.id in chosen)


@cache
def _answers_of_submitted() -> Select[Any]:
    """One row for each of :questions that may be asked of a submitted application of the opened :round, by
    lot where it is asked per lot."""
    of_lot = and_(ApplicationLot.application_id == Application.id, Question.per_lot)
    is_file = Question.kind == "file"
    return (
        select(
            Application.id,
            Question.id,
            Lot.id,
            Answer.id,
            Answer.value,
            case((is_file, _files_given())),
            case((is_file, _files_promised())),
            case((func.cardinality(Question.lots) > 0, lots_applied_for())),
        )
        .select_from(Application)
        .join(Round, and_(Round.id == Application.round_id, Round.state.in_(OPENED)))
        .join(Question, Question.id.in_(bindparam("questions", expanding=True)))
        .outerjoin(ApplicationLot, of_lot)
        .outerjoin(Lot, Lot.id == ApplicationLot.lot_id)
        .outerjoin(
            Answer,
            and_(
                Answer.application_id == Application.id,
                Answer.question_id == Question.id,
                Answer.lot_id.is_not_distinct_from(Lot.id),
            ),
        )
        .where(
            Application.round_id == bindparam("round"),
            Application.state == "submitted",
            or_(~Question.per_lot, Lot.id.is_not(None)),
        )
        .order_by(Application.id, Question.position, Lot.position)
    )


def lacking_of(lot_ids: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """How many things each draft lacks, as its task list counts them, in one statement; `lot_ids` are its
    lots, by the draft's id."""
    if not lot_ids:
        return {}
    items: dict[int, list[Item]] = {application_id: [] for application_id in lot_ids}
    for row in db.session.execute(items_select().where(Application.id.in_(items))):
        items[row.application_id].append(item_from(row))
    return {each: len(missing(lot_ids[each], those_asked(of_one))) for each, of_one in items.items()}


def lots_applied_for() -> ColumnElement[Any]:
    """The ids of an application's lots as an array."""
    chosen = select(ApplicationLot.lot_id).where(ApplicationLot.application_id == Application.id)
    return func.array(chosen.correlate(Application).scalar_subquery())


def asked_anew_at() -> ColumnElement[Any]:
    """When a question got its present words from a version after the first; null for one that has not."""
    version = select(PackVersion.published_at).where(
        PackVersion.round_id == Question.round_id,
        PackVersion.number == Question.changed_in,
        PackVersion.number > 1,
    )
    return version.correlate(Question).scalar_subquery()


def _files_given() -> ColumnElement[Any]:
    """The documents of an answer as one JSON value, in the order of uploading."""
    uploader = aliased(Person)
    document = func.jsonb_build_array(
        Document.id,
        Document.filename,
        Document.media_type,
        Document.size,
        Document.sha256,
        Document.scan_state,
        Document.uploaded_at,
        uploader.name,
        case((Application.state == "draft", frozen_facts(AnswerFile.document_id)), else_=AnswerFile.facts),
    )
    return (
        select(func.jsonb_agg(aggregate_order_by(document, Document.uploaded_at, Document.id)))
        .select_from(AnswerFile)
        .join(Document, Document.id == AnswerFile.document_id)
        .join(uploader, uploader.id == Document.uploaded_by_id)
        .where(AnswerFile.answer_id == Answer.id, Document.removed_at.is_(None))
        .correlate(Answer, Application)
        .scalar_subquery()
    )


def _files_promised() -> ColumnElement[Any]:
    """The files of an answer that were promised and are not here, as one JSON value."""
    promise = func.jsonb_build_array(
        PromisedFile.id, PromisedFile.filename, PromisedFile.size, PromisedFile.sha256
    )
    return (
        select(func.jsonb_agg(aggregate_order_by(promise, PromisedFile.id)))
        .where(PromisedFile.answer_id == Answer.id, PromisedFile.document_id.is_(None))
        .correlate(Answer)
        .scalar_subquery()
    )


def item_from(row: Any) -> Item:
    """The item of a row of `items_select`."""
    values = tuple(row)
    question = dict(zip(_QUESTION, values, strict=False))
    question["accepted"] = tuple(question["accepted"])
    for name in ("options", "former_options"):
        question[name] = tuple((value, label) for value, label in question[name])
    question["lots"] = tuple(question["lots"])
    start = len(_QUESTION)
    end = start + len(_LOT) + len(OF_A_ROUND)
    lot = values[start:end]
    answer_id, value, version, saved_at, saved_by, files, promised, applied_for, anew, carried, *_ = values[
        end:
    ]
    return Item(
        asked=AskedQuestion(**question),
        lot=None if lot[0] is None else LotFacts(*lot),
        answer_id=answer_id,
        value=value,
        version=version or 0,
        saved_at=saved_at,
        saved_by=saved_by or "",
        files=tuple(_file(file) for file in files or ()),
        applied_for=tuple(applied_for or ()),
        promised=tuple(Promise(*each) for each in promised or ()),
        asked_anew_at=anew,
        carried_from=carried,
    )


def _file(values: Sequence[Any]) -> File:
    document_id, filename, media_type, size, sha256, scan_state, uploaded_at, uploaded_by, facts = values
    return File(
        id=UUID(document_id),
        filename=filename,
        media_type=media_type,
        size=size,
        sha256=sha256,
        scan_state=scan_state,
        uploaded_at=datetime.fromisoformat(uploaded_at),
        uploaded_by=uploaded_by,
        facts=facts,
    )
