"""The worker's part: it takes what was asked for, builds it in pieces, sends it, and sweeps what is old.

Several workers may run: each takes rows with SKIP LOCKED. Building happens outside any transaction, and a
worker that died leaves a row whose beat has stopped, which is given back.
"""

import logging
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, text, update

from evaluation.records.access import READ
from evaluation.records.lifecycle import RECORD_FILE
from evaluation.records.models import RecordFile
from evaluation.records.pieces import MADE_AS
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer
from portal.database import db, transaction
from portal.lifecycle import move
from portal.storage.bucket import bucket
from portal.storage.refusals import StorageUnavailable
from portal.storage.sending import Sending
from portal.worker import Job
from tender.frameworks.models import Framework, Round

log = logging.getLogger(__name__)
PREFIX = "records/"
KEPT_FOR = timedelta(days=7)
# No piece of a round takes as long: a worker that has said nothing for so long is dead.
DEAD_AFTER = timedelta(minutes=10)
LEFTOVER_AFTER = timedelta(days=1)
MOST_ATTEMPTS = 3
_SLOW_STATEMENTS = text("SET LOCAL statement_timeout = '5min'")

STORE_FAILED = "The file store did not take the file. Nothing you did is wrong: try again in a few minutes."
BUILD_FAILED = (
    "The file could not be made, and the portal's log says why. Try again; if it fails again, tell the "
    "people who run the portal."
)
GAVE_UP = "The portal was stopped three times while it made this file. Try again."


def build_waiting(*, by: Doer) -> int:
    """Build every file that waits, one after the other; how many there were."""
    count = 0
    give_back_abandoned(by=by)
    while (taken := _take(by)) is not None:
        _build(*taken, by=by)
        count += 1
    return count


def give_back_abandoned(*, by: Doer) -> int:
    """Let files wait again whose worker has died; the third time they fail. How many there were."""
    with transaction() as session:
        abandoned = session.scalars(
            select(RecordFile)
            .where(RecordFile.state == "building", RecordFile.beat_at < clock.now() - DEAD_AFTER)
            .with_for_update(skip_locked=True)
        ).all()
        for row in abandoned:
            if row.attempts >= MOST_ATTEMPTS:
                row.failure = GAVE_UP
                move(RECORD_FILE, row, "fail", by=by, round=row.round_id)
            else:
                move(RECORD_FILE, row, "give_back", by=by, round=row.round_id)
    return len(abandoned)


def _take(by: Doer) -> tuple[int, int, Actor] | None:
    """The next file that waits, now ours: its id, which attempt this is, and whom it is read for."""
    with transaction() as session:
        row = session.scalars(
            select(RecordFile)
            .where(RecordFile.state == "waiting")
            .order_by(RecordFile.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        move(RECORD_FILE, row, "take", by=by, round=row.round_id)
        row.attempts += 1
        row.beat_at, row.done, row.step = clock.now(), 0, ""
        row.steps = MADE_AS[row.kind].steps
        council = session.scalar(
            select(Framework.council_id)
            .join(Round, Round.framework_id == Framework.id)
            .where(Round.id == row.round_id)
        )
        # Whoever asked was allowed to; whoever fetches the file is asked again.
        reader = Actor(
            None, by.name, organisation_id=council, organisation_kind="council", permissions=frozenset({READ})
        )
        return row.id, row.attempts, reader


def _build(file_id: int, attempt: int, reader: Actor, *, by: Doer) -> None:
    row = db.session.get_one(RecordFile, file_id)
    made_as, round_id = MADE_AS[row.kind], row.round_id
    key = f"{PREFIX}{uuid4().hex}"
    done = -1

    def say(title: str) -> None:
        nonlocal done
        done += 1
        _beat(file_id, attempt, title, done)

    try:
        with Sending(key, made_as.media_type) as sending:
            warning = made_as.write(reader, round_id, sending, say)
    except StorageUnavailable:
        log.warning("The store did not take a record file.", exc_info=True)
        db.session.rollback()
        _fail(file_id, attempt, STORE_FAILED, by)
    except Exception:  # Whatever it is, whoever asked is told and may try again; the other files are built.
        log.exception("A record file could not be built.")
        db.session.rollback()
        _fail(file_id, attempt, BUILD_FAILED, by)
    else:
        _finish(file_id, attempt, sending, warning, by)


def _beat(file_id: int, attempt: int, title: str, done: int) -> None:
    """Say how far it is. What was read so far is read: the next piece begins a transaction of its own."""
    with transaction() as session:
        session.execute(
            update(RecordFile)
            .where(RecordFile.id == file_id, RecordFile.attempts == attempt, RecordFile.state == "building")
            .values(step=title, done=done, beat_at=clock.now())
        )
    db.session.execute(_SLOW_STATEMENTS)


def _ours(file_id: int, attempt: int) -> RecordFile | None:
    """The row, locked, while this attempt is still the one that counts."""
    return db.session.scalars(
        select(RecordFile)
        .where(RecordFile.id == file_id, RecordFile.attempts == attempt, RecordFile.state == "building")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _finish(file_id: int, attempt: int, sent: Sending, warning: str, by: Doer) -> None:
    with transaction():
        row = _ours(file_id, attempt)
        if row is not None:
            row.key, row.size, row.sha256, row.ready_at = sent.key, sent.size, sent.sha256, clock.now()
            row.done, row.step, row.warning = row.steps, "", warning
            move(
                RECORD_FILE, row, "finish", by=by,
                round=row.round_id, kind=row.kind, sha256=sent.sha256, warning=warning,
            )  # fmt: skip
    if row is None:
        bucket().delete(sent.key)


def _fail(file_id: int, attempt: int, sentence: str, by: Doer) -> None:
    with transaction():
        row = _ours(file_id, attempt)
        if row is not None:
            row.failure = sentence
            move(RECORD_FILE, row, "fail", by=by, round=row.round_id)


def sweep(*, by: Doer) -> int:
    """Remove files after their week, and what no row names; how many files there were."""
    with transaction() as session:
        old = session.scalars(
            select(RecordFile)
            .where(
                RecordFile.state.in_(("ready", "failed")),
                RecordFile.asked_at < clock.now() - KEPT_FOR,
            )
            .with_for_update(skip_locked=True)
        ).all()
        for row in old:
            row.key, row.failure = None, ""
            move(RECORD_FILE, row, "remove", by=by, round=row.round_id)
    _sweep_bucket()
    return len(old)


def _sweep_bucket() -> None:
    """Delete objects that no row names and parts that were never joined, a day after they came."""
    before = clock.now() - LEFTOVER_AFTER
    named = set(db.session.scalars(select(RecordFile.key).where(RecordFile.key.is_not(None))))
    for key, stored_at in list(bucket().stored(PREFIX)):
        if key not in named and stored_at < before:
            bucket().delete(key)
    for key, parts_id, begun_at in list(bucket().unjoined(PREFIX)):
        if begun_at < before:
            bucket().drop_parts(key, parts_id)


BUILDING = Job("build record files", lambda settings, by: build_waiting(by=by), pause=1)
SWEEPING = Job("sweep record files", lambda settings, by: sweep(by=by), pause=60 * 60, delay=600)
