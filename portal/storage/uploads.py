"""Files that come in parts, straight from a browser to the bucket.

A browser says what it will send (`begin_upload`) and is given an address for each part that is not there
yet; asked again after a broken line, a reload or a night, with the same name, size and SHA-256, the answer
names only the parts that are missing. Then the calling noun joins the parts (`receive_upload`), which looks
into the whole file as into any other, and files it inside its transaction (`file_upload`). Where a form says
more of the file than its bytes do, it waits for that form meanwhile (`hold_upload`, `take_upload`). Before it
is filed nobody is given a byte of it: no row names the object. The calling noun has checked the permission
and records its own audit line.
"""

import hashlib
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.database import db, transaction
from portal.errors import NotFound
from portal.storage.bucket import Part, bucket
from portal.storage.filenames import clean_filename
from portal.storage.inspection import KINDS, inspect, kind_of
from portal.storage.models import Document, Upload
from portal.storage.refusals import (
    ArrivedChanged,
    DocumentLost,
    FileRefused,
    NotHere,
    NotUploaded,
    PartsMissing,
    StorageUnavailable,
)
from portal.storage.services import PREFIX, KeptFile, Uploader, file_document, new_key

LARGEST_FILE = 100 * 1024 * 1024
"""Bytes that any one file may have."""
PART_BYTES = 8 * 1024 * 1024  # S3 wants 5 MiB at least, but for the last part
LINK_SECONDS = 15 * 60  # for one part on a slow line: 8 MiB in a quarter of an hour is 75 kbit/s
KEPT_FOR = timedelta(days=3)
"""How long parts wait for the rest of their file."""
READ_SECONDS = 20  # a store that is slower than this for one file is as good as away
_SHA256 = re.compile(r"[0-9a-f]{64}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a browser needs to send a file, or the rest of it.

    `addresses` take one PUT each, by the part's number (from 1); `arrived` bytes need not be sent again.
    """

    id: UUID
    part_size: int
    addresses: dict[int, str]
    arrived: int


def begin_upload(
    *,
    place: str,
    filename: str,
    size: int,
    sha256: str,
    organisation_id: int,
    accepted: frozenset[str],
    limit: int,
    by: Uploader,
) -> Sending:
    """Say where to send a file's parts, or the parts still missing of one that was begun before: none of one
    that was filed, and whose browser was not told so.

    `sha256` is the browser's, in lower-case hexadecimal; `limit` is in bytes. Raises a subclass of
    `FileRefused` for what its name and size tell, `NotUploaded` and `StorageUnavailable` when the store
    fails, `ValueError` for what is no SHA-256 and when nobody in particular uploads.
    """
    if by.person_id is None or not _SHA256.fullmatch(sha256):
        raise ValueError("A file is uploaded by a person, and named by its SHA-256.")
    kind = kind_of(filename, size, accepted=accepted, limit=min(limit, LARGEST_FILE))
    name = clean_filename(filename)
    with transaction() as session:
        begun = session.execute(
            select(Upload.id, Upload.key, Upload.parts_id, Upload.document_id)
            .outerjoin(Document, Document.id == Upload.document_id)
            .where(
                *_of(place, organisation_id),
                (Upload.filename == name) & (Upload.size == size) & (Upload.sha256 == sha256),
                Upload.document_id.is_(None) | (Document.id.is_not(None) & Document.removed_at.is_(None)),
            )
            .order_by(Upload.document_id.is_(None))
        ).first()
    if begun and begun.document_id:
        return Sending(begun.id, PART_BYTES, {}, size)
    if begun and (parts := _arrived(begun.key, begun.parts_id, size)) is not None:
        return _sending(begun.id, begun.key, begun.parts_id, size, parts)
    key = new_key()
    parts_id = bucket().begin_parts(key, KINDS[kind].media_type)
    with transaction() as session:
        if begun:
            session.execute(delete(Upload).where(Upload.id == begun.id, Upload.document_id.is_(None)))
        upload = Upload(
            id=uuid4(),
            organisation_id=organisation_id,
            place=place,
            key=key,
            parts_id=parts_id,
            filename=name,
            size=size,
            sha256=sha256,
            started_at=now(),
            started_by_id=by.person_id,
        )
        session.add(upload)
        sending = _sending(upload.id, key, parts_id, size, {})
    return sending


def receive_upload(
    *, upload_id: UUID, place: str, organisation_id: int, accepted: frozenset[str], limit: int
) -> KeptFile | Document:
    """Join a file's parts, read it once through and look into it; the document where that was done before.

    To be called outside a transaction, for it takes seconds. Raises a subclass of `FileRefused` for the file,
    which is then deleted; `PartsMissing`, `NotUploaded` when the store fails (to be tried again), `NotFound`.
    """
    with transaction() as session:
        upload = session.execute(
            select(Upload, Document)
            .outerjoin(Document, Document.id == Upload.document_id)
            .where(Upload.id == upload_id, *_of(place, organisation_id))
        ).one_or_none()
        if upload is None:
            raise NotFound()
        if upload.Document is not None:
            return upload.Document
        sent = upload.Upload
        key, parts_id, name, size, sha256 = sent.key, sent.parts_id, sent.filename, sent.size, sent.sha256
    _join(key, parts_id, size)
    with TemporaryFile() as spool:
        try:
            if _read_into(spool, key) != sha256:
                raise ArrivedChanged(name)
            found = inspect(spool, name, accepted=accepted, limit=min(limit, LARGEST_FILE))
        except FileRefused:
            cancel_upload(upload_id=upload_id, place=place, organisation_id=organisation_id)
            raise
    return KeptFile(key, name, found)


def hold_upload(
    *, upload_id: UUID, place: str, organisation_id: int, accepted: frozenset[str], limit: int
) -> None:
    """Look into a file whose parts have arrived, and let it wait for the form that files it, for as long as
    `KEPT_FOR`. Raises as `receive_upload` does."""
    receive_upload(
        upload_id=upload_id, place=place, organisation_id=organisation_id, accepted=accepted, limit=limit
    )
    with transaction() as session:
        waiting = (Upload.id == upload_id, Upload.document_id.is_(None), *_of(place, organisation_id))
        session.execute(update(Upload).where(*waiting).values(held_at=now()))


def held(*, place: str, organisation_id: int) -> Sequence[RowMapping]:
    """Files that wait for their form, the newest first: id, filename, size, held_at."""
    rows = db.session.execute(
        select(Upload.id, Upload.filename, Upload.size, Upload.held_at)
        .where(*_of(place, organisation_id), Upload.document_id.is_(None), Upload.held_at.is_not(None))
        .order_by(Upload.held_at.desc())
    )
    return rows.mappings().all()


def take_upload(
    *, upload_id: UUID, place: str, organisation_id: int, accepted: frozenset[str], limit: int
) -> KeptFile | Document:
    """What a form names that waits for it, to be filed by `file_upload`. Raises as `receive_upload` does, but
    `NotHere`, which stands at the form's file, where that one says `NotFound`."""
    try:
        return receive_upload(
            upload_id=upload_id, place=place, organisation_id=organisation_id, accepted=accepted, limit=limit
        )
    except NotFound as gone:
        raise NotHere from gone


def announced_sha256(*, upload_id: UUID, place: str, organisation_id: int) -> str:
    """The SHA-256 that the browser gave of a file that is on its way. Raises `NotFound`."""
    sha256 = db.session.scalar(
        select(Upload.sha256).where(Upload.id == upload_id, *_of(place, organisation_id))
    )
    if sha256 is None:
        raise NotFound()
    return sha256


def file_upload(*, upload_id: UUID, kept: KeptFile | Document, by: Uploader) -> tuple[Document, bool]:
    """File what `receive_upload` gave in the current transaction: the document, and whether this made it.

    Asked twice, by a second press or after a lost answer, it is filed once. Raises `NotFound` when the upload
    was cancelled meanwhile.
    """
    if isinstance(kept, Document):
        return kept, False
    with transaction() as session:
        upload = _locked(session, upload_id)
        if upload.document_id is not None:
            return session.get_one(Document, upload.document_id), False
        document = file_document(kept, organisation_id=upload.organisation_id, by=by)
        upload.document_id = document.id
    return document, True


def cancel_upload(*, upload_id: UUID, place: str, organisation_id: int) -> None:
    """Forget a file that was not filed yet, with what arrived of it; nothing happens where there is none."""
    with transaction() as session:
        gone = session.execute(
            delete(Upload)
            .where(Upload.id == upload_id, Upload.document_id.is_(None), *_of(place, organisation_id))
            .returning(Upload.key, Upload.parts_id)
        ).one_or_none()
    if gone:
        bucket().drop_parts(gone.key, gone.parts_id)
        bucket().delete(gone.key)


def unfinished(*, place: str, organisation_id: int) -> Sequence[RowMapping]:
    """Files of which parts may wait, the oldest first: id, filename, size, started_at."""
    rows = db.session.execute(
        select(Upload.id, Upload.filename, Upload.size, Upload.started_at)
        .where(*_of(place, organisation_id), Upload.document_id.is_(None), Upload.held_at.is_(None))
        .order_by(Upload.started_at)
    )
    return rows.mappings().all()


def sweep_uploads(older_than: timedelta = KEPT_FOR) -> list[str]:
    """Forget uploads begun longer ago than `older_than`, and parts that no row names; return their keys.

    A row whose file was filed goes with them: the document stands by itself.
    """
    before = now() - older_than
    with transaction() as session:
        old = session.execute(
            delete(Upload)
            .where(Upload.started_at < before)
            .returning(Upload.key, Upload.parts_id, Upload.document_id)
        ).all()
    swept = [row.key for row in old if row.document_id is None]
    for row in old:
        if row.document_id is None:
            bucket().drop_parts(row.key, row.parts_id)
    for key, parts_id, began_at in list(bucket().unjoined(PREFIX)):
        if began_at < before:
            bucket().drop_parts(key, parts_id)
            swept.append(key)
    return swept


def _of(place: str, organisation_id: int) -> tuple[object, ...]:
    return (Upload.place == place, Upload.organisation_id == organisation_id)


def _locked(session: Session, upload_id: UUID) -> Upload:
    upload = session.get(Upload, upload_id, with_for_update=True, populate_existing=True)
    if upload is None:
        raise NotFound()
    return upload


def _sizes(size: int) -> dict[int, int]:
    """The length of each part, by number: all alike, and the rest in the last."""
    starts = range(0, size, PART_BYTES)
    return {number: min(PART_BYTES, size - start) for number, start in enumerate(starts, 1)}


def _arrived(key: str, parts_id: str, size: int) -> dict[int, Part] | None:
    """The parts that are there and whole; None where none are waited for any more.

    All of them where they were joined already and only the answer to it was lost.
    """
    parts = bucket().parts(key, parts_id)
    if parts is None:
        return {n: Part(each, "") for n, each in _sizes(size).items()} if bucket().size(key) == size else None
    return {n: parts[n] for n, each in _sizes(size).items() if n in parts and parts[n].size == each}


def _sending(upload_id: UUID, key: str, parts_id: str, size: int, parts: dict[int, Part]) -> Sending:
    addresses = {
        number: bucket().presigned_part(key, parts_id, number, each, expires=LINK_SECONDS)
        for number, each in _sizes(size).items()
        if number not in parts
    }
    return Sending(upload_id, PART_BYTES, addresses, sum(part.size for part in parts.values()))


def _join(key: str, parts_id: str, size: int) -> None:
    """Make one object of the parts, unless it was done before. Raises `PartsMissing`."""
    parts = bucket().parts(key, parts_id)
    if parts is not None:
        if {number: part.size for number, part in parts.items()} != _sizes(size):
            raise PartsMissing
        try:
            bucket().join_parts(key, parts_id, parts)
        except DocumentLost:
            log.info("Parts were joined by another request meanwhile.", extra={"key": key})
    if bucket().size(key) != size:
        raise PartsMissing


def _read_into(spool: BinaryIO, key: str) -> str:
    """Copy the object into `spool`, piece by piece, and return its SHA-256. Raises `NotUploaded`."""
    digest, deadline = hashlib.sha256(), time.monotonic() + READ_SECONDS
    try:
        for block in bucket().blocks(key):
            digest.update(block)
            spool.write(block)
            if time.monotonic() > deadline:
                raise NotUploaded
    except (StorageUnavailable, DocumentLost) as error:
        raise NotUploaded from error
    return digest.hexdigest()
