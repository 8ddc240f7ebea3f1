"""What other nouns do with documents: store, link to, read, remove; and the sweeping of leftovers.

The object is put first and the row second, so that no row names a missing object. When the row is rolled
back, its object is deleted at once if that works, and by `sweep_orphans` if it does not or if nobody knows
whether it was rolled back.
The calling noun has checked the permission, and records what was done in the audit trail.
"""

import logging
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, Protocol
from uuid import UUID, uuid4

from botocore.response import StreamingBody
from sqlalchemy import event, select, union_all
from sqlalchemy import inspect as state_of
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from portal.clock import now
from portal.database import Base, after_commit, db, transaction
from portal.storage.bucket import bucket
from portal.storage.filenames import clean_filename
from portal.storage.inspection import Inspection, inspect
from portal.storage.models import Document
from portal.storage.refusals import (
    BeingScanned,
    DocumentWithheld,
    Infected,
    NotScanned,
    NotUploaded,
    StorageUnavailable,
)
from portal.storage.scanning import scan_required, scanner

LINK_SECONDS = 60
PREFIX = "documents/"
TRASH = "trash/"
ORPHANED_FOR = timedelta(days=30)
_KEYS_A_STATEMENT = 1000
_ANY_TYPE = "application/octet-stream"
_UNSAFE = "documents_of_this_transaction"

log = logging.getLogger(__name__)


class Uploader(Protocol):
    """Who uploads: an `Actor` of the accounts, which stand above this room."""

    @property
    def person_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was looked into and is in the bucket, and that no row names yet."""

    key: str
    filename: str
    found: Inspection


def store_document(
    *,
    stream: BinaryIO,
    filename: str,
    organisation_id: int,
    accepted: frozenset[str],
    limit: int,
    by: Uploader,
) -> Document:
    """Look into a file, keep it, and add its row to the current transaction.

    `accepted` names kinds of `inspection.KINDS`, `limit` is in bytes. Raises a subclass of `FileRefused`
    for the file, `NotUploaded` when the store fails, and `ValueError` when nobody in particular uploads.
    """
    kept = keep_file(stream=stream, filename=filename, accepted=accepted, limit=limit)
    return file_document(kept, organisation_id=organisation_id, by=by)


def keep_file(*, stream: BinaryIO, filename: str, accepted: frozenset[str], limit: int) -> KeptFile:
    """Look into a file and keep it, as yet without a row: the long part, to be done outside a transaction.

    Raises as `store_document` does.
    """
    found = inspect(stream, filename, accepted=accepted, limit=limit)
    key = new_key()
    bucket().put(key, stream, found.media_type, found.sha256)
    if bucket().size(key) != found.size:
        raise NotUploaded
    return KeptFile(key, clean_filename(filename), found)


def file_document(kept: KeptFile, *, organisation_id: int, by: Uploader) -> Document:
    """Add the row of a kept file to the current transaction; when that is rolled back, the object goes too.

    Raises `ValueError` when nobody in particular uploads.
    """
    if by.person_id is None:
        raise ValueError("A document is uploaded by a person.")
    with transaction() as session:
        document = Document(
            id=uuid4(),
            organisation_id=organisation_id,
            key=kept.key,
            filename=kept.filename,
            media_type=kept.found.media_type,
            size=kept.found.size,
            sha256=kept.found.sha256,
            uploaded_by_id=by.person_id,
            uploaded_at=now(),
            **_state_at_first(),
        )
        _delete_unless_committed(session, document)
        session.add(document)
        session.flush()
    return document


def forget_file(kept: KeptFile) -> None:
    """Delete a kept file that gets no row. Where the store does not answer, it is an orphan for the sweep."""
    _delete_object(kept.key)


def document_link(document: Document, *, name: str | None = None) -> str:
    """An address that gives the file to a browser for a minute, under the name it was uploaded with, or under
    `name` where that one would tell too much.

    It is given as bytes of no type, to be saved: S3 cannot forbid a browser to guess at a type.

    Raises `DocumentWithheld` (its subclasses `Infected`, `BeingScanned`, `NotScanned`) for a file that is
    given to nobody.
    """
    _check_may_leave(document)
    given = name or document.filename
    return bucket().presigned_get(document.key, given, expires=LINK_SECONDS, media_type=_ANY_TYPE)


def read_document(document: Document) -> StreamingBody:
    """The file's bytes, to be read in pieces and closed. Refuses as `document_link` does.

    Raises `DocumentLost` when the store does not hold it, `StorageUnavailable` when it does not answer.
    """
    _check_may_leave(document)
    return bucket().open(document.key)


def remove_document(document: Document) -> None:
    """Withdraw a document: its row says when, nobody is given the file any more, and the file stays kept.

    The caller has deleted its own row that named the document. While another row still names it (the same
    certificate serves several applications), nothing happens. What was once part of a tender is evidence;
    deleting it is a matter of the council's retention rules.
    """
    with transaction():
        if document.removed_at is None and not _named_in(document):
            document.removed_at = now()


def erase_document(document: Document) -> None:
    """Delete a document for good, row and file, when its retention period is over and no row names it.

    The file goes after the commit. Where the store does not answer then, it is an orphan for `sweep_orphans`.
    """
    with transaction() as session:
        if _named_in(document):
            return
        session.delete(document)
        key = document.key
        after_commit(lambda: _delete_object(key))


def uses_of(document_ids: Collection[UUID], *, apart_from: Collection[str] = ()) -> set[UUID]:
    """Which of these documents a row of any table names, those of the tables `apart_from` left out.

    The tables are found by the database's own foreign keys, so that no noun can be forgotten; a row that goes
    with its document (ON DELETE) does not hold it. One statement.
    """
    named = [
        select(column.label("document_id")).where(column.in_(document_ids))
        for table in Base.metadata.sorted_tables
        if table.name not in apart_from
        for column in table.columns
        if any(key.target_fullname == "document.id" and not key.ondelete for key in column.foreign_keys)
    ]
    return set(db.session.scalars(union_all(*named))) if named and document_ids else set()


def _named_in(document: Document) -> bool:
    """Whether any row names the document, which is held so that none begins to meanwhile."""
    db.session.execute(select(Document.id).where(Document.id == document.id).with_for_update())
    return bool(uses_of([document.id]))


def orphans(older_than: timedelta = ORPHANED_FOR) -> Iterator[str]:
    """The keys of objects stored longer ago than `older_than` that no row names.

    An upload under way has an object and no committed row yet: `older_than` must be longer than any upload.
    """
    before = now() - older_than
    old = (key for key, stored_at in bucket().stored(PREFIX) if stored_at < before)
    while batch := list(islice(old, _KEYS_A_STATEMENT)):
        yield from _without_row(batch)


def sweep_orphans(older_than: timedelta = ORPHANED_FOR) -> list[str]:
    """Put the `orphans` into the trash and return their keys. Nothing is deleted.

    Beside an older copy of the database every newer document looks like an orphan: so an object waits a
    month, is then only moved, and `restore_from_trash` brings back what a row names after all. What is to
    go for good from the trash, and when, is a rule of the bucket.
    """
    swept = []
    for key in orphans(older_than):
        bucket().move(key, _in_trash(key))
        swept.append(key)
    return swept


def restore_from_trash() -> list[str]:
    """Put back every object in the trash that a row names, and return their keys."""
    trashed = (PREFIX + key.removeprefix(TRASH) for key, _ in bucket().stored(TRASH))
    restored = []
    while batch := list(islice(trashed, _KEYS_A_STATEMENT)):
        for key in sorted(set(batch) - set(_without_row(batch))):
            bucket().move(_in_trash(key), key)
            restored.append(key)
    return restored


def _without_row(keys: Sequence[str]) -> list[str]:
    with transaction() as session:
        known = set(session.scalars(select(Document.key).where(Document.key.in_(keys))))
    return [key for key in keys if key not in known]


def _in_trash(key: str) -> str:
    return TRASH + key.removeprefix(PREFIX)


def _state_at_first() -> dict[str, str | datetime]:
    """A new document waits for the scanner, where there is one."""
    if scanner() is None:
        return {"scan_state": "not_scanned", "scan_detail": "no virus scanner is set up"}
    return {"scan_state": "waiting", "next_scan_at": now()}


def new_key() -> str:
    """A key that says nothing: its folder spreads the objects, its name cannot be guessed."""
    name = uuid4().hex
    return f"{PREFIX}{name[:2]}/{name}"


def _check_may_leave(document: Document) -> None:
    if document.scan_state == "infected":
        raise Infected
    if document.scan_state == "waiting":
        raise BeingScanned
    if document.scan_state == "not_scanned" and scan_required():
        raise NotScanned
    if document.removed_at is not None:
        raise DocumentWithheld


def _delete_unless_committed(session: Session, document: Document) -> None:
    """Delete the document's object when the row is rolled back, alone (savepoint) or with everything."""
    if _UNSAFE not in session.info:
        session.info[_UNSAFE] = []
        event.listen(session, "after_soft_rollback", _delete_rolled_back)
        event.listen(session, "after_commit", _forget_committed)
    session.info[_UNSAFE].append((document, document.key))


def _delete_rolled_back(session: Session, _: SessionTransaction) -> None:
    waiting = session.info[_UNSAFE]
    session.info[_UNSAFE] = [(document, key) for document, key in waiting if state_of(document).persistent]
    for document, key in waiting:
        if not state_of(document).persistent and not _in_doubt():
            _delete_object(key)


def _in_doubt() -> bool:
    """Whether the row may have been committed all the same: the line to the database broke before it said so.

    Then the object stays. Where there is no row, it is an orphan for `sweep_orphans`.
    """
    error = sys.exc_info()[1]
    return isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError)


def _delete_object(key: str) -> None:
    try:
        bucket().delete(key)
    except StorageUnavailable:
        log.warning("An object without a row stays until the next sweep.", extra={"key": key})


def _forget_committed(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_UNSAFE] = []
