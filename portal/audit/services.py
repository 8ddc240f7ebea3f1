"""Recording what happened, and proving that the record is whole."""

from contextvars import ContextVar
from typing import Any, Protocol

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.audit.models import AuditLine
from portal.database import before_commit, db, of_this_transaction, transaction

# Set by the web edge for each request, so that a line can be found from the log and the other way round.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class Doer(Protocol):
    """Whoever does a thing: a person's id (None for the portal itself) and name."""

    @property
    def person_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


def record(action: str, subject_type: str, subject_id: object, *, by: Doer, **details: Any) -> None:
    """Add a line to the trail when the current transaction commits.

    `details` must be JSON-able and must hold no answer's text and no fact about a child.
    """
    line = {
        "actor_id": by.person_id,
        "actor_name": getattr(by, "signature", by.name),
        "action": action,
        "subject_type": subject_type,
        "subject_id": str(subject_id),
        "details": details,
        "request_id": request_id.get(),
    }
    waiting = of_this_transaction().setdefault("audit_lines", [])
    if not waiting:
        before_commit(_write)
    waiting.append(line)


def record_read(action: str, subject_type: str, subject_id: object, *, by: Doer, **details: Any) -> None:
    """Add a line about a reading, in a transaction of its own. `action` is a noun and `read`.

    It goes into the same chain as what was done: one order of all things, one proof. But it does not wait for
    the disk, so that whoever saves or submits does not wait behind those who read: a machine that loses power
    may lose the readings of its last second, and never a line between two others.
    """
    with transaction() as session:
        session.execute(text("SET LOCAL synchronous_commit = off"))
        record(action, subject_type, subject_id, by=by, **details)


def is_new_refusal(action: str, subject_type: str, subject_id: object, *, reason: str) -> bool:
    """Whether nothing was refused to this subject for this `reason` in the present minute, by the database's
    clock: whoever presses a thousand times leaves one line.

    The trail stands still from here to the end of the transaction where it is new, so that of two at once the
    second sees the first; whoever presses on keeps nobody else from writing.
    """
    facts = {"action": action, "type": subject_type, "id": str(subject_id), "reason": reason}
    if not _is_new(facts):
        return False
    db.session.execute(_HOLD)
    return _is_new(facts)


def _is_new(facts: dict[str, str]) -> bool:
    return not db.session.scalar(_REFUSED, facts)


def _write(session: Session) -> None:
    lines = of_this_transaction().pop("audit_lines", [])
    if lines:
        # Inline: nobody asks for the numbers that the database gives them.
        session.connection().execute(insert(AuditLine.__table__).inline(), lines)  # type: ignore[arg-type]


def first_broken_line(lines_a_statement: int = 20_000) -> int | None:
    """The id of the first line whose hash is not that of its content and its predecessor; None when whole.

    A long trail is read in stretches, as one statement over all of it would meet the time limit.
    """
    last_id, last_hash = 0, b""
    while True:
        found = db.session.execute(
            text(_STRETCH), {"after": last_id, "previous": last_hash, "most": lines_a_statement}
        ).one()
        if found.broken is not None or found.last_id is None:
            return found.broken
        last_id, last_hash = found.last_id, found.last_hash


def newest_line() -> tuple[int, bytes] | None:
    """The id and hash of the newest line: whoever keeps them can tell later that the end was not cut off."""
    line = AuditLine.__table__.c
    found = db.session.execute(select(line.id, line.hash).order_by(line.id.desc()).limit(1)).one_or_none()
    return None if found is None else (found.id, found.hash)


_STRETCH = """
    WITH stretch AS MATERIALIZED (
      SELECT id, hash, previous_hash, audit_line_hash(line.*) AS expected,
             lag(hash, 1, CAST(:previous AS bytea)) OVER (ORDER BY id) AS expected_previous
      FROM (SELECT * FROM audit_line WHERE id > :after ORDER BY id LIMIT :most) AS line
    )
    SELECT (SELECT min(id) FROM stretch
            WHERE hash <> expected OR previous_hash <> expected_previous) AS broken,
           newest.id AS last_id, newest.hash AS last_hash
    FROM (SELECT 1) AS one
    LEFT JOIN (SELECT id, hash FROM stretch ORDER BY id DESC LIMIT 1) AS newest ON true
"""

# The lock under which the database chains the lines: see migrations/sql/0001_people_and_documents.sql.
_HOLD = text("SELECT pg_advisory_xact_lock(7260321)")
_REFUSED = text(
    """
    SELECT EXISTS (
      SELECT FROM audit_line
      WHERE at >= date_trunc('minute', clock_timestamp()) AND action = :action
        AND subject_type = :type AND subject_id = :id AND details ->> 'reason' = :reason
    )
    """
)
