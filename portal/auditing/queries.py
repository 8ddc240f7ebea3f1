"""Reading the whole trail, newest first, without what is still sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, text
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.models import Person
from portal.audit.models import AuditLine
from portal.database import db
from tender.applications.sealed_queries import sealed_line

LINES_A_PAGE = 50
_HIGHEST = 2**63 - 1
LINES_A_STATEMENT = 2000
MOST_PEOPLE = 50


@dataclass(frozen=True)
class Wanted:
    """Which lines. Days are of the United Kingdom, both included; an empty text wants all."""

    subject_type: str = ""
    subject_id: str = ""
    person: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


def actions() -> Sequence[str]:
    """Every action in the trail, in alphabetical order: one look into the index for each."""
    return db.session.scalars(text(_ACTIONS)).all()


def lines(wanted: Wanted, *, before: int | None = None, most: int = LINES_A_PAGE) -> Sequence[Row[Any]]:
    """The newest `most` lines that are wanted, older than the line `before`.

    Columns: id, at, actor_id, actor_name, action, subject_type, subject_id, details, request_id, hash.
    """
    statement = _lines(wanted).order_by(AuditLine.id.desc()).limit(most)
    if before is not None:
        statement = statement.where(AuditLine.id < before)
    return db.session.execute(statement).all()


def every_line(wanted: Wanted) -> Iterator[Row[Any]]:
    """All lines that are wanted, newest first, read a few at a time: no statement lasts long."""
    before: int | None = None
    while batch := lines(wanted, before=before, most=LINES_A_STATEMENT):
        yield from batch
        before = batch[-1].id


def _lines(wanted: Wanted) -> Select[Any]:
    line = AuditLine.__table__.c
    statement = select(
        line.id,
        line.at,
        line.actor_id,
        line.actor_name,
        line.action,
        line.subject_type,
        line.subject_id,
        line.details,
        line.request_id,
        line.hash,
    ).where(~sealed_line())
    if wanted.subject_type:
        statement = statement.where(line.subject_type == wanted.subject_type)
    if wanted.subject_id:
        statement = statement.where(line.subject_id == wanted.subject_id)
    if wanted.action:
        statement = statement.where(line.action == wanted.action)
    if wanted.person:
        statement = statement.where(line.actor_id.in_(_people(wanted.person)))
    # Lines are numbered in the order of their times: days become numbers, by which the trail is read anyway.
    if wanted.since:
        statement = statement.where(line.id >= _first_line_at(_start_of(wanted.since)))
    if wanted.until:
        beyond = _first_line_at(_start_of(wanted.until + timedelta(days=1)))
        statement = statement.where(line.id < func.coalesce(beyond, _HIGHEST))
    return statement


def _first_line_at(moment: datetime) -> Any:
    """The number of the first line from `moment` on; null when there is none."""
    line = aliased(AuditLine)
    return select(line.id).where(line.at >= moment).order_by(line.at, line.id).limit(1).scalar_subquery()


def _people(words: str) -> Sequence[int]:
    """The ids of people with this e-mail address or with these words in their name.

    Asked for first: knowing them, the database reads their lines alone.
    """
    pattern = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return db.session.scalars(
        select(Person.id)
        .where(or_(func.lower(Person.email) == words.strip().lower(), Person.name.ilike(f"%{pattern}%")))
        .limit(MOST_PEOPLE)
    ).all()


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LONDON)


# A plain DISTINCT would read a million lines to find some sixty actions.
_ACTIONS = """
    WITH RECURSIVE found AS (
      (SELECT action FROM audit_line ORDER BY action LIMIT 1)
      UNION ALL
      SELECT (SELECT action FROM audit_line WHERE action > found.action ORDER BY action LIMIT 1)
      FROM found WHERE found.action IS NOT NULL
    )
    SELECT action FROM found WHERE action IS NOT NULL
"""
