"""The virus scan of documents: after the commit, by the worker, one document at a time.

A document is claimed for some minutes in a short transaction, sent to the scanner outside of any, and judged
in another: no row stays locked while clamd works, and a worker that is killed loses nothing but the minutes.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, update

from portal import clock
from portal.audit.services import Doer
from portal.database import transaction
from portal.storage.bucket import bucket
from portal.storage.clamd import NoVerdict, Scanner, ScannerAway
from portal.storage.models import Document
from portal.storage.refusals import DocumentLost, StorageUnavailable

log = logging.getLogger("portal.storage")
CLAIM = timedelta(minutes=5)  # longer than any scan
MOST_ATTEMPTS = 5  # of a scanner that is there and gives no verdict; one that is away is waited for
LONGEST_PAUSE = timedelta(minutes=10)


class ScannerSettings(Protocol):
    """What is read of the portal's settings. Without host and socket there is no scanner."""

    @property
    def clamd_host(self) -> str: ...
    @property
    def clamd_port(self) -> int: ...
    @property
    def clamd_socket(self) -> str: ...
    @property
    def clamd_largest_stream(self) -> int: ...
    @property
    def scan_required(self) -> bool: ...


_scanner: Scanner | None = None
_required = False
_when_infected: list[Callable[..., None]] = []


def configure(settings: ScannerSettings) -> None:
    """Name the scanner that this process uses. Called once, when the application is put together."""
    global _scanner, _required
    _required = settings.scan_required
    _scanner = None
    if settings.clamd_host or settings.clamd_socket:
        _scanner = Scanner(
            settings.clamd_host, settings.clamd_port, settings.clamd_socket, settings.clamd_largest_stream
        )


def scanner() -> Scanner | None:
    """The scanner of this process, where one is configured."""
    return _scanner


def scan_required() -> bool:
    """Whether a document without a verdict is given to nobody."""
    return _required


def when_infected(listener: Callable[..., None]) -> None:
    """Call `listener(document, by=...)` inside the transaction that finds a document infected."""
    if listener not in _when_infected:
        _when_infected.append(listener)


def scan_waiting(*, by: Doer, most: int = 50) -> int:
    """Scan up to `most` waiting documents and return how many were judged.

    Where the scanner or the store is away, the document waits for longer and longer, ten minutes at most;
    where no scanner is configured any more, it is said to be not scanned.
    """
    judged = 0
    for _ in range(most):
        document_id = _claim()
        if document_id is None:
            break
        judged += _scan(document_id, by=by)
    return judged


def scan_again() -> int:
    """Let everything that has no verdict wait for a scan, and return how many documents that are.

    For the day on which a scanner is installed, or may take larger files.
    """
    with transaction() as session:
        return len(
            session.scalars(
                update(Document)
                .where(Document.scan_state == "not_scanned")
                .values(scan_state="waiting", scan_detail="", scan_attempts=0, next_scan_at=clock.now())
                .returning(Document.id)
            ).all()
        )


def _claim() -> UUID | None:
    """Take the document that has waited longest, so that no other worker takes it for the next minutes."""
    with transaction() as session:
        at = clock.now()
        first = (
            select(Document.id)
            .where(Document.scan_state == "waiting", Document.next_scan_at <= at)
            .order_by(Document.next_scan_at)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
        return session.scalar(
            update(Document)
            .where(Document.id == first)
            .values(next_scan_at=at + CLAIM, scan_attempts=Document.scan_attempts + 1)
            .returning(Document.id)
            .execution_options(synchronize_session=False)
        )


def _scan(document_id: UUID, *, by: Doer) -> bool:
    with transaction() as session:
        key, size, attempts = session.execute(
            select(Document.key, Document.size, Document.scan_attempts).where(Document.id == document_id)
        ).one()
    try:
        found = _verdict_on(key, size)
    except (ScannerAway, StorageUnavailable) as error:
        log.warning("document %s waits for its scan: %s", document_id, error)
        _postpone(document_id, attempts)
        return False
    except NoVerdict as error:
        if not error.final and attempts < MOST_ATTEMPTS:
            log.warning("document %s is scanned again: %s", document_id, error)
            _postpone(document_id, attempts)
            return False
        log.warning("document %s stays without a scan: %s", document_id, error)
        return _judge(document_id, "not_scanned", str(error), by=by)
    return _judge(document_id, "infected" if found else "clean", found, by=by)


def _verdict_on(key: str, size: int) -> str:
    if _scanner is None:
        raise NoVerdict("no virus scanner is set up", final=True)
    try:
        with closing(bucket().open(key)) as body:
            return _scanner.scan(body, size)
    except DocumentLost as error:
        raise NoVerdict("the file is missing from the store", final=True) from error


def _judge(document_id: UUID, state: str, detail: str, *, by: Doer) -> bool:
    """Keep the verdict, unless another worker kept one meanwhile; tell those who listen of a virus."""
    with transaction() as session:
        document = session.scalar(
            select(Document)
            .where(Document.id == document_id, Document.scan_state == "waiting")
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        if document is None:
            return False
        document.scan_state, document.scan_detail = state, detail
        document.next_scan_at = None
        document.scanned_at = clock.now() if state != "not_scanned" else None
        session.flush()
        if state == "infected":
            log.warning("document %s is infected: %s", document_id, detail)
            for listener in _when_infected:
                listener(document, by=by)
    return True


def _postpone(document_id: UUID, attempts: int) -> None:
    pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
    with transaction() as session:
        session.execute(
            update(Document)
            .where(Document.id == document_id, Document.scan_state == "waiting")
            .values(next_scan_at=clock.now() + pause)
            .execution_options(synchronize_session=False)
        )
