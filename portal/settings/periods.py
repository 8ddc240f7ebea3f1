"""Periods that the council sets: until when referrals are answered, how long a school's own check is fresh.

No statute gives them; what is usual holds until the council has set another. From the sixth school day of an
exclusion a child must be taught somewhere: two days to answer leave time to ask again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from portal.database import db
from portal.settings.models import PERIOD_BOUNDS, SettingsVersion


@dataclass(frozen=True, slots=True)
class Period:
    """One period: its name on the settings page, what it counts, what is usual, and its bounds."""

    label: str
    unit: str
    usual: int
    least: int
    most: int


def _period(name: str, label: str, unit: str, usual: int) -> Period:
    return Period(label, unit, usual, *PERIOD_BOUNDS[name])


PERIODS: Mapping[str, Period] = {
    "answer_working_days": _period("answer_working_days", "Time to answer a referral", "working days", 2),
    "emergency_hours": _period("emergency_hours", "Time to answer in an emergency", "hours", 4),
    "fresh_days_visit": _period("fresh_days_visit", "A visit to the site is in date for", "days", 365),
    "fresh_days_registration": _period(
        "fresh_days_registration", "A check of the registration is in date for", "days", 120
    ),
    "fresh_days_insurance": _period(
        "fresh_days_insurance", "A check of the insurance is in date for", "days", 365
    ),
    "fresh_days_safeguarding": _period(
        "fresh_days_safeguarding", "A written confirmation of safeguarding checks is in date for", "days", 365
    ),
}


def periods_in_force() -> dict[str, int]:
    """What holds now, by name. One statement."""
    own = own_periods()
    return {name: own[name] or period.usual for name, period in PERIODS.items()}


def own_periods() -> dict[str, int | None]:
    """What the council has set itself; None where what is usual holds."""
    table = SettingsVersion.__table__.c
    row = db.session.execute(
        select(*(table[name] for name in PERIODS)).order_by(table.id.desc()).limit(1)
    ).one_or_none()
    return row._asdict() if row else dict.fromkeys(PERIODS)


def period_sql(name: str) -> ColumnElement[int]:
    """The same of one period, inside a statement."""
    table = SettingsVersion.__table__.c
    newest = select(table[name]).order_by(table.id.desc()).limit(1).scalar_subquery()
    return func.coalesce(newest, PERIODS[name].usual)
