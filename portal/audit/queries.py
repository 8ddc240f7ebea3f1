"""Reading the trail."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from portal.audit.models import AuditLine
from portal.database import db

# What leaves a line without changing anything: `application.read`, `application.read_document`.
# A word of its own: to readmit is not to read.
READS = r"\.read(_|$)"


def trail_of(subject_type: str, subject_id: object, *, most: int = 100) -> Sequence[RowMapping]:
    """The newest `most` lines about what was done to one subject: at, actor_name, action, details.

    Reading it is told apart (`reads_of`), or a week of marking would hide what happened.
    """
    return _newest(subject_type, subject_id, ~AuditLine.action.regexp_match(READS), most)


def reads_of(subject_type: str, subject_id: object, *, most: int = 20) -> Sequence[RowMapping]:
    """The newest `most` lines about who read one subject: at, actor_name, action, details."""
    return _newest(subject_type, subject_id, AuditLine.action.regexp_match(READS), most)


def subject_of(action: str, **details: Any) -> str | None:
    """The subject (id) of the newest line of this action with these details, or None.

    What was taken away for good leaves nothing but its line: by that a second press knows the first.
    """
    line = AuditLine.__table__.c
    return db.session.scalar(
        select(line.subject_id)
        .where(line.action == action, line.details.contains(details))
        .order_by(line.id.desc())
        .limit(1)
    )


def _newest(
    subject_type: str, subject_id: object, kind: ColumnElement[bool], most: int
) -> Sequence[RowMapping]:
    line = AuditLine.__table__.c
    return (
        db.session.execute(
            select(line.at, line.actor_name, line.action, line.details)
            .where(line.subject_type == subject_type, line.subject_id == str(subject_id), kind)
            .order_by(line.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )
