"""When a mini-competition closes: 48 hours after it started, and never on a day on which nobody works.

The 48 hours are the portal's own; no statute gives a period. A close that would fall on a weekend or a bank
holiday is moved to 12 noon of the next working day.
"""

from datetime import datetime, time, timedelta

from portal import clock
from portal.working_days import add_working_days, is_working_day

LASTS = timedelta(hours=48)
NOON = time(12, 0)


def closes_at(started_at: datetime) -> datetime:
    """The moment at which a competition that starts now closes."""
    end = clock.london(started_at + LASTS)
    if is_working_day(end.date()):
        return end
    return datetime.combine(add_working_days(end.date(), 1), NOON, clock.LONDON)
