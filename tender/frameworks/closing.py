"""When a round closes: its published closing time, or the latest extension of it. One rule for every reader.

The published time is frozen; more time is only ever a further row. An intake of an always-open framework
opens when the one before it closes for everyone, so more time for that one lets it open later: two are never
open at once, and nobody wonders into which an application goes. Who asks for an application's own closing
time, which an extension for named applicants moves, uses `tender.applications.closing`.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from portal.database import db
from tender.frameworks.models import Extension, Round


def later_of(extensions: ColumnElement[bool], name: str = "closes_at") -> ColumnElement[datetime]:
    """SQL for a round's closing time, or its other time with this `name`, with those of its extensions that
    meet the condition."""
    latest = (
        select(func.max(getattr(Extension, name)))
        .where(Extension.round_id == Round.id, extensions)
        .correlate_except(Extension)
        .scalar_subquery()
    )
    moment: Any = TIMESTAMP(timezone=True)
    return func.greatest(getattr(Round, name), latest, type_=moment)


def closing_time() -> ColumnElement[datetime]:
    """SQL for the moment at which a round closes for everyone."""
    return later_of(Extension.for_everyone)


def questions_end() -> ColumnElement[datetime]:
    """SQL for the moment until which a round takes questions; null where it takes none."""
    return later_of(Extension.questions_until.is_not(None), "questions_until")


def answers_end() -> ColumnElement[datetime]:
    """SQL for the moment by which the questions about a round are answered; null where it takes none."""
    return later_of(Extension.answers_by.is_not(None), "answers_by")


def last_closing_time() -> ColumnElement[datetime]:
    """SQL for the moment at which a round has closed for everybody, the named applicants included."""
    return later_of(Extension.id.is_not(None))


def opening_time() -> ColumnElement[datetime]:
    """SQL for the moment at which a round opens: later than published where the intake before it was given
    more time."""
    before = aliased(Round)
    latest = (
        select(func.max(Extension.closes_at))
        .join(before, before.id == Extension.round_id)
        .where(
            Extension.for_everyone,
            Round.always_open,
            before.always_open,
            before.framework_id == Round.framework_id,
            before.closes_at <= Round.opens_at,
        )
        .correlate(Round)
        .scalar_subquery()
    )
    moment: Any = TIMESTAMP(timezone=True)
    return func.greatest(Round.opens_at, latest, type_=moment)


def opens_at(round_id: int) -> datetime | None:
    """When a round opens, the intake before it being closed for everyone."""
    return db.session.scalar(select(opening_time()).where(Round.id == round_id))


def closes_for_everyone_at(round_id: int) -> datetime | None:
    """When the round closes for everyone."""
    return db.session.scalar(select(closing_time()).where(Round.id == round_id))


def closed_for_all_at(round_id: int) -> datetime | None:
    """When the round has closed for everybody: before that its tender box stays shut."""
    return db.session.scalar(select(last_closing_time()).where(Round.id == round_id))


def box_opens_from(round_id: int) -> datetime | None:
    """When the tender box may be opened: the round has closed for all, and no promised file may follow."""
    closed_at = closed_for_all_at(round_id)
    hours = db.session.scalar(select(Round.late_upload_hours).where(Round.id == round_id))
    return closed_at + timedelta(hours=hours or 0) if closed_at else None
