"""Saving answers and giving documents: what a provider does a hundred times before it submits once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import IO, Any, BinaryIO
from uuid import UUID

from sqlalchemy import BigInteger, Select, and_, bindparam, delete, exists, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.storage.inspection import KINDS
from portal.storage.models import Document
from portal.storage.properties import without_properties
from portal.storage.refusals import in_megabytes
from portal.storage.services import (
    KeptFile,
    document_link,
    file_document,
    forget_file,
    keep_file,
    remove_document,
)
from portal.storage.uploads import LARGEST_FILE
from portal.web.filters import uk_time
from tender.applications.closing import closing_time_of_application
from tender.applications.holding import Submitted, check_open, keep_refusal
from tender.applications.item_queries import asked_anew_at
from tender.applications.limits import choices_gone
from tender.applications.models import Answer, AnswerFile, Application, ApplicationLot, PromisedFile
from tender.applications.values import checked, is_blank
from tender.frameworks.models import Question, Round

MOST_DOCUMENTS = 20
LARGEST_DOCUMENT = LARGEST_FILE  # bytes, where a question names no limit
MOST_BYTES = 500 * 1024 * 1024  # of all documents of an application together


class SavedMeanwhile(Conflict):
    """Somebody saved this answer after the page was drawn, or the person did so on another page (`own`).
    `saved_by`, `saved_at`, `version` and `value` are of what was saved; nothing was overwritten."""

    def __init__(
        self, *, saved_by: str, saved_at: datetime, version: int, value: Any, own: bool = False
    ) -> None:
        super().__init__(
            f"{'You' if own else saved_by} saved another version of this answer at {uk_time(saved_at)}. "
            "Choose which of the two to keep. Neither is lost."
        )
        self.saved_by, self.saved_at, self.version, self.value = saved_by, saved_at, version, value
        self.own = own


class NoLongerAsked(Conflict):
    """What answered an earlier version of the question is no answer to the one that is asked now."""

    sentence = (
        "The question has changed since that was answered, and it is no answer any more. It is kept among "
        "the earlier versions. Open the question, and answer it as it is asked now."
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer as it is now kept. `closes_at` is when the time of its application is over, as it is now."""

    version: int
    saved_at: datetime
    closes_at: datetime


def save_answer(
    *, application_id: int, code: str, value: Any, version: int, by: Actor, lot_id: int | None = None
) -> Saved:
    """Keep an answer, however long it is. `version` is the one that the page was drawn with, 0 for none.

    The same value again is not saved again, whatever the version: a double click does a thing once. Only once
    the question has changed since, the same value is saved anew: it answers the question as it is now. Raises
    `SavedMeanwhile` for another value on a stale version, `NotFound` where nothing is asked so, `Submitted`,
    `RoundNotOpen`, and `ValueError` for a value of the wrong kind.
    """
    arrived = clock.arrived()
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        kept = checked(place.kind, place.options, value, place.shape)
        if place.version is None and is_blank(kept):
            return Saved(0, arrived, place.closes_at)
        if place.version is not None and place.value == kept and not place.changed_since:
            return Saved(place.version, place.saved_at, place.closes_at)
        answer = None
        if version == (place.version or 0):
            answer = write_answer(session, place, kept, arrived, by=by, over=version)
        if answer is None:
            raise _clash(session, place, by=by)
        record_change("save_answer", place, by=by, version=answer.version)
    return Saved(answer.version, arrived, place.closes_at)


def confirm_answer(*, application_id: int, code: str, by: Actor, lot_id: int | None = None) -> None:
    """Let an answer stand as it is for a question that has changed since. Nothing happens where none has.

    Raises `NoLongerAsked` for a choice that was taken out, `NotFound`, `Submitted`, `RoundNotOpen`.
    """
    arrived = clock.arrived()
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        if place.changed_since:
            if choices_gone(place.kind, place.options, place.options, place.value):
                raise NoLongerAsked()
            answer = write_answer(session, place, place.value, arrived, by=by)
            record_change("confirm_answer", place, by=by, version=answer.version)


@dataclass(frozen=True, slots=True)
class FileAsked:
    """What a file question of a provider's own draft takes. `accepted` holds kinds, `limit` is in bytes."""

    provider_id: int
    accepted: frozenset[str]
    limit: int


def file_asked(
    *,
    application_id: int,
    code: str,
    by: Actor,
    arrived: datetime,
    lot_id: int | None = None,
    size: int = 0,
) -> FileAsked:
    """What this file question takes, as long as there is room for one more file of `size` bytes.

    Raises `Refusal` where there is not, and `NotFound`, `Submitted` or `RoundNotOpen` as `save_answer` does.
    """
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by)
        if place.kind != "file":
            raise NotFound()
        _check_room(session, place, size)
        limit = place.max_bytes or LARGEST_DOCUMENT
        return FileAsked(place.provider_id, kinds_accepted(place.accepted), limit)


def attach_document(
    *, application_id: int, code: str, stream: BinaryIO, filename: str, by: Actor, lot_id: int | None = None
) -> UUID:
    """Look into a file, keep it, and add it to a file question's documents; return the document's id.

    The same file under the same name is there once, however often it is sent. Raises a subclass of
    `portal.storage.refusals.FileRefused` for the file, `NotUploaded` when the store fails, `Refusal` for too
    many documents, and `NotFound`, `Submitted` or `RoundNotOpen` as `save_answer` does.
    """
    arrived = clock.arrived()
    where: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    asked = file_asked(**where, by=by, arrived=arrived)
    # Outside a transaction: a slow store keeps neither a row nor a connection from anybody else.
    kept = keep_file(stream=stream, filename=filename, accepted=asked.accepted, limit=asked.limit)
    with transaction() as session:
        answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        standing = _given_before(session, kept, **where)
        if standing is None:
            document = file_document(kept, organisation_id=asked.provider_id, by=by)
            give_document(**where, document=document, by=by, arrived=arrived)
            return document.id
    forget_file(kept)
    return standing


def _given_before(
    session: Session, kept: KeptFile, *, application_id: int, code: str, lot_id: int | None
) -> UUID | None:
    """The document (id) of this place that is this very file under this very name. The application is held,
    and this statement sees what was given while that was waited for."""
    return session.scalar(
        select(Document.id)
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .join(Question, Question.id == Answer.question_id)
        .where(
            Answer.application_id == application_id,
            Answer.lot_id.is_not_distinct_from(lot_id),
            Question.code == code,
            Document.sha256 == kept.found.sha256,
            Document.filename == kept.filename,
        )
        .limit(1)
    )


def give_document(
    *,
    application_id: int,
    code: str,
    document: Document,
    by: Actor,
    lot_id: int | None = None,
    arrived: datetime | None = None,
) -> None:
    """Add a document that the portal keeps already to a file question's; given twice, it is there once.

    The caller has checked that it is the provider's own. `arrived` is when its request did: that moment is
    before the close or not, however long the file then took. Raises `Refusal` for too many documents, and
    `NotFound`, `Submitted` or `RoundNotOpen` as `save_answer` does.
    """
    arrived = arrived or clock.arrived()
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        if place.kind != "file":
            raise NotFound()
        if place.answer_id and session.get(AnswerFile, (place.answer_id, document.id)):
            return
        _check_room(session, place, document.size)
        answer = write_answer(session, place, None, arrived, by=by)
        session.add(AnswerFile(answer_id=answer.id, document_id=document.id))
        # What is here need not be promised any more.
        session.execute(
            delete(PromisedFile).where(
                PromisedFile.answer_id == answer.id,
                PromisedFile.sha256 == document.sha256,
                PromisedFile.document_id.is_(None),
            )
        )
        details = {"document": str(document.id), "sha256": document.sha256}
        record_change("attach_document", place, by=by, version=answer.version, **details)


def _check_room(session: Session, place: Any, size: int) -> None:
    """Raise `Refusal` unless one more document of `size` bytes may come to this place."""
    here, together = session.execute(
        select(
            func.count().filter(Answer.id == place.answer_id),
            func.coalesce(func.sum(Document.size), 0),
        )
        .select_from(AnswerFile)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .join(Document, Document.id == AnswerFile.document_id)
        .where(Answer.application_id == place.application_id)
    ).one()
    if here >= MOST_DOCUMENTS:
        raise Refusal(f"You can give up to {MOST_DOCUMENTS} documents here. Remove one first.")
    if together + size > MOST_BYTES:
        raise Refusal(
            f"Your documents would be {in_megabytes(int(together) + size)} together, and one application can "
            f"hold {in_megabytes(MOST_BYTES)}. Remove a document, or make this one smaller."
        )


def note_failed_upload(*, application_id: int, by: Actor) -> None:
    """Leave a line that the store did not take a file: it counts on the board of the last day."""
    with transaction():
        record("application.fail_upload", "application", application_id, by=by)


def detach_document(
    *, application_id: int, code: str, document_id: UUID, by: Actor, lot_id: int | None = None
) -> None:
    """Take a document away from a draft; nothing happens when it is gone already.

    It stays what it is where another application or the provider's vault holds it too.

    Raises `NotFound`, `Submitted`, `RoundNotOpen`.
    """
    arrived = clock.arrived()
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        removed = session.scalar(
            delete(AnswerFile)
            .where(AnswerFile.answer_id == place.answer_id, AnswerFile.document_id == document_id)
            .returning(AnswerFile.document_id)
        )
        if removed is not None:
            session.execute(delete(PromisedFile).where(PromisedFile.document_id == document_id))
            remove_document(session.get_one(Document, document_id))
            answer = write_answer(session, place, None, arrived, by=by)
            record_change("remove_document", place, by=by, version=answer.version, document=str(document_id))


def open_document(*, application_id: int, document: Document, name: str | None = None, by: Actor) -> str:
    """A short-lived link to a document, with a line in the trail, that gives it under its own name or under
    `name`. The caller has checked the permission.

    Raises `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    with transaction():
        link = document_link(document, name=name)
        record("application.read_document", "application", application_id, by=by, document=str(document.id))
    return link


def open_copy(*, application_id: int, document: Document, by: Actor) -> IO[bytes] | None:
    """A copy of a document without the properties that name its maker, with a line in the trail; None where
    there can be none (`portal.storage.properties`). The caller has checked the permission, and closes it.

    Raises `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    copy = without_properties(document)
    if copy is not None:
        with transaction():
            record(
                "application.read_document", "application", application_id, by=by,
                document=str(document.id), copy="without properties",
            )  # fmt: skip
    return copy


def kinds_accepted(endings: Collection[str]) -> frozenset[str]:
    """The kinds of file (names in `portal.storage.inspection.KINDS`) that these endings stand for."""
    return frozenset(
        kind for kind, described in KINDS.items() if not set(described.endings).isdisjoint(endings)
    )


def record_change(action: str, place: Any, *, by: Actor, **details: Any) -> None:
    where = {"question": place.code, "lot": place.lot_id}
    record(f"application.{action}", "application", place.application_id, by=by, **where, **details)


def answer_place(
    session: Session,
    application_id: int,
    code: str,
    lot_id: int | None,
    arrived: datetime,
    *,
    by: Actor,
    locked: bool = False,
) -> Any:
    """Where an answer goes: the provider's own draft, the question, and its answer as far as there is one.

    One statement. `locked` holds the application until the end of the transaction; what is read of the answer
    may then be older than the lock that was waited for, which `write_answer` sees to. What comes too late
    leaves a line: see `keep_refusal`. Raises `NotFound`, `Submitted`, `RoundNotOpen`.
    """
    keep_refusal(application_id, by=by)
    where = {"application_id": application_id, "provider_id": by.organisation_id, "code": code}
    statement = _place_select(lot_id is not None, locked)
    place = session.execute(statement, {**where, "lot_id": lot_id}).one_or_none()
    if place is None or not by.may("application:edit"):
        raise NotFound()
    check_open(place.round_state, place.opens_at, place.closes_at, arrived)
    if place.state != "draft":
        raise Submitted()
    return place


@cache
def _place_select(per_lot: bool, locked: bool) -> Select[Any]:
    """The statement of `answer_place`, built once: only its parameters differ from save to save."""
    lot_id = bindparam("lot_id", type_=BigInteger)
    asked = and_(
        Question.round_id == Application.round_id,
        Question.code == bindparam("code"),
        Question.withdrawn_in.is_(None),
    )
    applied_for = exists().where(
        ApplicationLot.application_id == Application.id, ApplicationLot.lot_id == lot_id
    )
    statement = (
        select(
            Application.id.label("application_id"),
            Application.provider_id,
            Application.state,
            Round.state.label("round_state"),
            Round.opens_at,
            closing_time_of_application().label("closes_at"),
            Question.id.label("question_id"),
            Question.code,
            Question.kind,
            Question.options,
            Question.shape,
            Question.accepted,
            Question.max_bytes,
            lot_id.label("lot_id"),
            Answer.id.label("answer_id"),
            Answer.value,
            Answer.version,
            Answer.saved_at,
            (Answer.saved_at < asked_anew_at()).label("changed_since"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(
            Question,
            and_(asked, Question.per_lot, applied_for) if per_lot else and_(asked, ~Question.per_lot),
        )
        .outerjoin(
            Answer,
            and_(
                Answer.application_id == Application.id,
                Answer.question_id == Question.id,
                Answer.lot_id.is_not_distinct_from(lot_id),
            ),
        )
        .where(
            Application.id == bindparam("application_id"), Application.provider_id == bindparam("provider_id")
        )
    )
    return statement.with_for_update(of=Application) if locked else statement


def write_answer(
    session: Session, place: Any, value: Any, arrived: datetime, *, by: Actor, over: int | None = None
) -> Any:
    """Write the answer with its next version and return its id and version.

    With `over`, only over that version: None when somebody else wrote another one meanwhile.
    """
    values = {
        "application_id": place.application_id,
        "question_id": place.question_id,
        "lot_id": place.lot_id,
        "version": 1,
        "value": value,
        "saved_at": arrived,
        "saved_by_id": by.person_id,
    }
    guard = {} if over is None else {"over": over}
    return session.execute(_write_statement(over is not None), {**values, **guard}).one_or_none()


@cache
def _write_statement(guarded: bool) -> Insert:
    """The statement of `write_answer`, built once: to build it takes longer than to write the answer."""
    table = Answer.__table__
    statement = insert(table)  # type: ignore[arg-type]
    kept = {name: statement.excluded[name] for name in ("value", "saved_at", "saved_by_id")}
    return statement.on_conflict_do_update(
        constraint="uq_answer_application_id_question_id_lot_id",
        set_={**kept, "version": table.c.version + 1},
        where=table.c.version == bindparam("over") if guarded else None,
    ).returning(table.c.id, table.c.version)


def _clash(session: Session, place: Any, *, by: Actor) -> SavedMeanwhile:
    """The refusal that shows what was saved meanwhile."""
    standing = session.execute(
        select(Answer.value, Answer.version, Answer.saved_at, Answer.saved_by_id, Person.name)
        .join(Person, Person.id == Answer.saved_by_id)
        .where(
            Answer.application_id == place.application_id,
            Answer.question_id == place.question_id,
            Answer.lot_id.is_not_distinct_from(place.lot_id),
        )
    ).one()
    return SavedMeanwhile(
        saved_by=standing.name,
        saved_at=standing.saved_at,
        version=standing.version,
        value=standing.value,
        own=standing.saved_by_id == by.person_id,
    )
