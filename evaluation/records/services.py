"""Asking for a record file, letting one be tried again, and the link to one that is ready."""

from sqlalchemy import func, select

from evaluation.records.access import kinds_for
from evaluation.records.lifecycle import RECORD_FILE
from evaluation.records.models import RecordFile
from evaluation.records.pieces import MADE_AS
from evaluation.records.queries import file_for, round_with_records
from evaluation.reports.queries import NoReportYet, has_results
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record, record_read
from portal.database import transaction
from portal.errors import Refusal
from portal.lifecycle import move
from portal.storage.bucket import bucket
from portal.storage.services import LINK_SECONDS

MOST_UNDER_WAY = 5
MOST_CHARACTERS = 500


class KindMissing(Refusal):
    """No file was chosen, or one that this person may not have."""

    sentence = "Choose the file that you need."


class PurposeMissing(Refusal):
    """A disclosure pack leaves with everything: the record says what for."""

    sentence = "Say what the disclosure pack is for. It is kept in the record."


class TooManyUnderWay(Refusal):
    """The worker has enough to do for this person."""

    sentence = f"{MOST_UNDER_WAY} files of yours are being made. Wait until one of them is ready."


class NotReady(Refusal):
    """The file is not made yet, or not there any more."""

    sentence = "This file is not there. Ask for it again."


def ask_for(*, round_id: int, kind: str, purpose: str, by: Actor) -> int:
    """Ask for a file about a round; the worker makes it. Its id, which is that of the one already under way
    when the same person has asked for the same.

    Raises `NotFound`, `NotAllLocked`, `HasConflict`, `KindMissing`, `NoReportYet`, `PurposeMissing`,
    `TooManyUnderWay`.
    """
    with transaction() as session:
        round_with_records(by, round_id)
        if kind not in kinds_for(by) or kind not in MADE_AS:
            raise KindMissing(field="kind")
        if kind == "report" and not has_results(round_id):
            raise NoReportYet(field="kind")
        purpose = purpose.strip()[:MOST_CHARACTERS] if kind == "disclosure" else ""
        if kind == "disclosure" and not purpose:
            raise PurposeMissing(field="purpose")
        # Two clicks at once take turns, and the second finds what the first asked for.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"record_file {by.person_id}"))))
        under_way = session.execute(
            select(RecordFile.id, RecordFile.round_id, RecordFile.kind).where(
                RecordFile.asked_by_id == by.person_id, RecordFile.state.in_(("waiting", "building"))
            )
        ).all()
        if same := [row.id for row in under_way if (row.round_id, row.kind) == (round_id, kind)]:
            return same[0]
        if len(under_way) >= MOST_UNDER_WAY:
            raise TooManyUnderWay
        row = RecordFile(
            round_id=round_id,
            kind=kind,
            purpose=purpose,
            asked_at=clock.now(),
            asked_by_id=by.person_id,
            steps=MADE_AS[kind].steps,
        )
        session.add(row)
        session.flush()
        record("record_file.ask", "record_file", row.id, by=by, round=round_id, kind=kind, purpose=purpose)
        return row.id


def try_again(*, round_id: int, file_id: int, by: Actor) -> None:
    """Let a file that failed be made once more. Raises `NotFound`, `MoveRefused`, `NotAllLocked`,
    `HasConflict`."""
    with transaction() as session:
        round_with_records(by, round_id)
        file_for(by, round_id, file_id)
        row = session.get_one(RecordFile, file_id, with_for_update=True, populate_existing=True)
        move(RECORD_FILE, row, "try_again", by=by, round=round_id)
        row.failure, row.attempts, row.done = "", 0, 0


def link_to(*, round_id: int, file_id: int, by: Actor) -> str:
    """An address that gives the file for a minute; that it was fetched is recorded.

    Raises `NotFound`, `NotReady`, `NotAllLocked`, `HasConflict`.
    """
    facts = round_with_records(by, round_id)
    found = file_for(by, round_id, file_id)
    if found["state"] != "ready":
        raise NotReady
    made_as = MADE_AS[found["kind"]]
    record_read(
        "record_file.read", "record_file", file_id, by=by, round=round_id, kind=found["kind"],
        sha256=found["sha256"],
    )  # fmt: skip
    name = (
        f"{made_as.title} - {facts.name} - {clock.london(found['ready_at']):%Y-%m-%d %H%M}.{made_as.ending}"
    )
    return bucket().presigned_get(
        found["key"], name, expires=LINK_SECONDS, media_type="application/octet-stream"
    )
