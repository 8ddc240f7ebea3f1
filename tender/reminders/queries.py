"""Drafts whose time is nearly over, and who wants to be reminded."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, Text, cast, exists, select

from portal.accounts.access import Actor
from portal.database import db
from tender.applications.closing import closing_time_of_application
from tender.applications.item_queries import lots_applied_for
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round
from tender.reminders.models import Reminder, RemindersOff


def drafts_closing(now: datetime, within: timedelta) -> Sequence[RowMapping]:
    """Drafts of open rounds whose time is over `within` this, the nearest first.

    Columns: id, provider_id, started_at, closes_at, name, buyer_name, lot_ids.
    """
    closes_at = closing_time_of_application()
    return (
        db.session.execute(
            select(
                Application.id,
                Application.provider_id,
                Application.started_at,
                closes_at.label("closes_at"),
                (Framework.title + ", round " + cast(Round.number, Text)).label("name"),
                Framework.buyer_name,
                lots_applied_for().label("lot_ids"),
            )
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .where(Application.state == "draft", Round.state == "published", Round.opens_at <= now)
            .where(closes_at > now, closes_at <= now + within)
            .order_by(closes_at, Application.id)
        )
        .mappings()
        .all()
    )


def written(application_ids: Sequence[int]) -> set[tuple[str, int, datetime]]:
    """What was reminded of before: rule, application and closing time."""
    rows = db.session.execute(
        select(Reminder.rule, Reminder.application_id, Reminder.closes_at).where(
            Reminder.application_id.in_(application_ids)
        )
    )
    return {(rule, application_id, closes_at) for rule, application_id, closes_at in rows}


def who_want_none(person_ids: Sequence[int]) -> set[int]:
    """Those of these people who turned reminders off."""
    return {*db.session.scalars(select(RemindersOff.person_id).where(RemindersOff.person_id.in_(person_ids)))}


def wants_reminders(viewer: Actor) -> bool:
    """Whether the viewer is reminded."""
    return not db.session.scalar(select(exists().where(RemindersOff.person_id == viewer.person_id)))
