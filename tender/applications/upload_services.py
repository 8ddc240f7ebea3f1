"""A file question's documents that come in parts: begun, gone on with, finished or given up.

A file counts as arrived with the request that finishes it: that request is before the close or it is not, and
parts that were there earlier do not count.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from portal import clock
from portal.accounts.access import Actor
from portal.database import transaction
from portal.storage import uploads
from portal.storage.uploads import Sending
from tender.applications.answer_services import file_asked, give_document
from tender.applications.contents import Item
from tender.applications.queries import ApplicationFacts


def place_of(application_id: int, code: str, lot_id: int | None = None) -> str:
    """The name under which the store keeps the unfinished uploads of a file question."""
    return f"application {application_id}, {code}, lot {lot_id or '-'}"


def begin(
    *,
    application_id: int,
    code: str,
    filename: str,
    size: int,
    sha256: str,
    by: Actor,
    lot_id: int | None = None,
) -> Sending:
    """Say where the browser sends the parts of a file, or what is missing of one that was begun before.

    Raises as `answer_services.attach_document` does, for what is known before a byte is sent.
    """
    arrived = clock.arrived()
    where: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    asked = file_asked(**where, by=by, arrived=arrived, size=size)
    return uploads.begin_upload(
        place=place_of(**where),
        filename=filename,
        size=size,
        sha256=sha256,
        organisation_id=asked.provider_id,
        accepted=asked.accepted,
        limit=asked.limit,
        by=by,
    )


def finish(*, application_id: int, code: str, upload_id: UUID, by: Actor, lot_id: int | None = None) -> UUID:
    """Look into a file whose parts have arrived, and add it to the question's documents; return its id.

    Finished twice, or begun and finished again after a lost answer, it is there once. Raises as
    `answer_services.attach_document` does, and `PartsMissing`.
    """
    arrived = clock.arrived()
    where: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    asked = file_asked(**where, by=by, arrived=arrived)
    kept = uploads.receive_upload(
        upload_id=upload_id,
        place=place_of(**where),
        organisation_id=asked.provider_id,
        accepted=asked.accepted,
        limit=asked.limit,
    )
    with transaction():
        document, _ = uploads.file_upload(upload_id=upload_id, kept=kept, by=by)
        give_document(**where, document=document, by=by, arrived=arrived)
    return document.id


def cancel(*, application_id: int, code: str, upload_id: UUID, by: Actor, lot_id: int | None = None) -> None:
    """Forget what arrived of a file. Raises `NotFound` for somebody who may not edit."""
    file_asked(application_id=application_id, code=code, lot_id=lot_id, by=by, arrived=clock.arrived())
    uploads.cancel_upload(
        upload_id=upload_id,
        place=place_of(application_id, code, lot_id),
        organisation_id=by.organisation_id or 0,
    )


def unfinished_at(facts: ApplicationFacts, item: Item) -> Sequence[RowMapping]:
    """The uploads to a file question that can be gone on with; see `portal.storage.uploads.unfinished`."""
    if item.asked.kind != "file":
        return ()
    return uploads.unfinished(
        place=place_of(facts.id, item.asked.code, item.lot_id), organisation_id=facts.provider_id
    )
