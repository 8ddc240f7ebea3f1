"""Seal now, finish the upload later: files that are promised before the close and delivered after it.

Where the round allows it, a provider on a slow line gives name, size and SHA-256 of a file, and submits.
Within the round's `late_upload_hours` after the close it delivers that very file into the sealed application:
the database refuses any other (`migrations/sql/0013_uploads.sql`). The tender box stays shut until then.
"""

from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.storage import uploads
from portal.storage.filenames import clean_filename
from portal.storage.inspection import kind_of, sha256_of
from portal.storage.models import Document
from portal.storage.services import file_document, keep_file
from portal.storage.uploads import Sending
from portal.web.filters import uk_datetime
from tender.applications.answer_services import (
    LARGEST_DOCUMENT,
    answer_place,
    file_asked,
    kinds_accepted,
    record_change,
    write_answer,
)
from tender.applications.holding import RoundNotOpen, keep_refusal, locked_with_round
from tender.applications.models import Answer, AnswerFile, PromisedFile
from tender.applications.queries import own_application_for
from tender.frameworks.models import Question


class NotPromised(Refusal):
    """A file that is none of those promised."""

    sentence = (
        "This is not a file that you promised: its fingerprint (SHA-256) is another. Choose the very file "
        "that you took the fingerprint of. Opening and saving it again changes it."
    )


def promise_file(
    *,
    application_id: int,
    code: str,
    filename: str,
    size: int,
    sha256: str,
    by: Actor,
    lot_id: int | None = None,
) -> None:
    """Promise a file in answer to a file question. Promised twice, it is promised once.

    `sha256` is in lower-case hexadecimal. Raises a subclass of `portal.storage.refusals.FileRefused` for what
    its name and size tell, `Refusal` where the round lets no file follow, and what `attach_document` raises.
    """
    arrived = clock.arrived()
    where: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    with transaction() as session:
        if own_application_for(by, application_id).files_follow_until is None:
            raise Refusal("In this round every file has to be uploaded before the close.")
        asked = file_asked(**where, by=by, arrived=arrived, size=size)
        kind_of(filename, size, accepted=asked.accepted, limit=asked.limit)
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        answer = write_answer(session, place, None, arrived, by=by)
        made = session.scalar(
            insert(PromisedFile)
            .values(
                answer_id=answer.id,
                filename=clean_filename(filename),
                size=size,
                sha256=sha256,
                promised_at=arrived,
                promised_by_id=by.person_id,
            )
            .on_conflict_do_nothing(index_elements=["answer_id", "sha256"])
            .returning(PromisedFile.id)
        )
        if made is not None:
            record_change("promise_file", place, by=by, version=answer.version, sha256=sha256)


def take_back(
    *, application_id: int, code: str, promise_id: int, by: Actor, lot_id: int | None = None
) -> None:
    """Promise a file no longer; nothing happens when it is not promised. Raises as `attach_document` does."""
    arrived = clock.arrived()
    with transaction() as session:
        place = answer_place(session, application_id, code, lot_id, arrived, by=by, locked=True)
        gone = session.scalar(
            delete(PromisedFile)
            .where(PromisedFile.id == promise_id, PromisedFile.answer_id == place.answer_id)
            .returning(PromisedFile.sha256)
        )
        if gone is not None:
            answer = write_answer(session, place, None, arrived, by=by)
            record_change("take_back_promise", place, by=by, version=answer.version, sha256=gone)


def deliver(*, application_id: int, stream: BinaryIO, filename: str, by: Actor) -> UUID:
    """Keep a promise by a file that the form brought; return the document's id.

    What counts is when the request arrived. Raises `NotPromised`, `RoundNotOpen` when the time is over, and
    what `portal.storage.services.keep_file` raises.
    """
    arrived = clock.arrived()
    promise = _promise(application_id, sha256_of(stream), arrived, by=by)
    if promise["document_id"]:
        return promise["document_id"]
    kept = keep_file(stream=stream, filename=filename, **_taken(promise))
    with transaction():
        document = file_document(kept, organisation_id=by.organisation_id or 0, by=by)
        _keep_promise(application_id, document, arrived, by=by)
    return document.id


def begin_delivery(*, application_id: int, filename: str, size: int, sha256: str, by: Actor) -> Sending:
    """Say where the browser sends the parts of a promised file. Raises as `deliver` does."""
    promise = _promise(application_id, sha256, clock.arrived(), by=by)
    return uploads.begin_upload(
        place=delivered_to(application_id),
        filename=filename,
        size=size,
        sha256=sha256,
        organisation_id=by.organisation_id or 0,
        by=by,
        **_taken(promise),
    )


def finish_delivery(*, application_id: int, upload_id: UUID, by: Actor) -> UUID:
    """Keep a promise by a file whose parts have arrived; return the document's id.

    What counts is when this request arrives. Raises as `deliver` does, and `PartsMissing`.
    """
    arrived = clock.arrived()
    own = {"place": delivered_to(application_id), "organisation_id": by.organisation_id or 0}
    promise = _promise(application_id, uploads.announced_sha256(upload_id=upload_id, **own), arrived, by=by)
    kept = uploads.receive_upload(upload_id=upload_id, **own, **_taken(promise))
    with transaction():
        document, new = uploads.file_upload(upload_id=upload_id, kept=kept, by=by)
        if new:
            _keep_promise(application_id, document, arrived, by=by)
    return document.id


def cancel_delivery(*, application_id: int, upload_id: UUID, by: Actor) -> None:
    """Forget what arrived of a promised file; the promise stands. Raises `NotFound`."""
    own_application_for(by, application_id)
    uploads.cancel_upload(
        upload_id=upload_id,
        place=delivered_to(application_id),
        organisation_id=by.organisation_id or 0,
    )


def delivered_to(application_id: int) -> str:
    """The name under which the store keeps unfinished uploads of promised files."""
    return f"application {application_id}, promised"


def _promise(application_id: int, sha256: str, arrived: datetime, *, by: Actor) -> RowMapping:
    """The promise of a file with this SHA-256, as long as it can be kept at the moment `arrived`.

    Of several (the same file for two questions) one that is not kept yet. Raises `NotFound`, `NotPromised`,
    `RoundNotOpen`.
    """
    with transaction() as session:
        keep_refusal(application_id, by=by)
        facts = own_application_for(by, application_id)
        if facts.state != "submitted" or facts.files_follow_until is None or not by.may("application:edit"):
            raise NotFound()
        if facts.round_state != "published" or arrived >= facts.files_follow_until:
            raise RoundNotOpen(
                f"The time for promised files ended at {uk_datetime(facts.files_follow_until)}, "
                "so nothing can be added.",
                closed_at=facts.files_follow_until,
            )
        found = (
            session.execute(
                select(
                    PromisedFile.id,
                    PromisedFile.answer_id,
                    PromisedFile.document_id,
                    Question.code,
                    Question.accepted,
                    Question.max_bytes,
                )
                .join(Answer, Answer.id == PromisedFile.answer_id)
                .join(Question, Question.id == Answer.question_id)
                .where(Answer.application_id == application_id, PromisedFile.sha256 == sha256)
                .order_by(PromisedFile.document_id.is_not(None), PromisedFile.id)
                .limit(1)
                .with_for_update(of=PromisedFile)
            )
            .mappings()
            .one_or_none()
        )
    if found is None:
        raise NotPromised
    return found


def _taken(promise: RowMapping) -> dict[str, Any]:
    """What the question of a promise takes."""
    limit = promise["max_bytes"] or LARGEST_DOCUMENT
    return {"accepted": kinds_accepted(promise["accepted"]), "limit": limit}


def _keep_promise(application_id: int, document: Document, arrived: datetime, *, by: Actor) -> None:
    """Put a delivered document into the sealed application, once."""
    with transaction() as session:
        locked_with_round(session, application_id, by=by)
        promise = _promise(application_id, document.sha256, arrived, by=by)
        if promise["document_id"]:
            raise Refusal("This file is here already.")
        kept = session.get_one(PromisedFile, promise["id"])
        kept.document_id, kept.delivered_at = document.id, arrived
        session.flush()
        session.add(AnswerFile(answer_id=kept.answer_id, document_id=document.id))
        record(
            "application.deliver_file",
            "application",
            application_id,
            by=by,
            question=promise["code"],
            document=str(document.id),
            sha256=document.sha256,
        )
