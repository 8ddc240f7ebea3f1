"""Until when a provider answers a referral: within two working days, or on the same day in an emergency.

Both are the portal's own periods, so that a school knows when to ask somebody else; no statute gives one.
From the sixth school day of an exclusion a child must be taught somewhere: two days leave time to ask again.
"""

from datetime import datetime, time, timedelta

from portal import clock
from portal.working_days import add_working_days, is_working_day

WORKING_DAYS = 2
END_OF_DAY = time(17, 0)
EMERGENCY = timedelta(hours=4)
FIRST_THING = time(10, 0)


def answer_by(sent_at: datetime, *, urgent: bool) -> datetime:
    """When the window of a referral ends that is sent at this moment.

    An emergency is answered within four hours of a working day that ends at 5pm, or else by 10am on the next.
    """
    local = clock.london(sent_at)
    if not urgent:
        day = add_working_days(local.date(), WORKING_DAYS)
        return datetime.combine(day, END_OF_DAY, clock.LONDON)
    soon = local + EMERGENCY
    in_hours = is_working_day(local.date()) and soon.date() == local.date() and soon.time() <= END_OF_DAY
    if in_hours:
        return soon
    return datetime.combine(add_working_days(local.date(), 1), FIRST_THING, clock.LONDON)
