"""Until when a provider answers a referral: within some working days, or within hours in an emergency.

The council sets how long (`portal.settings.periods`), so that a school knows when to ask somebody else. A
window is fixed when the referral is sent.
"""

from datetime import datetime, time, timedelta

from portal import clock
from portal.settings.periods import periods_in_force
from portal.web.filters import plural
from portal.working_days import add_working_days, is_working_day

END_OF_DAY = time(17, 0)
FIRST_THING = time(10, 0)


def answer_by(sent_at: datetime, *, urgent: bool, working_days: int, hours: int) -> datetime:
    """When the window of a referral ends that is sent at this moment.

    An emergency is answered within `hours` of a working day that ends at 5pm, or else by 10am on the next.
    """
    local = clock.london(sent_at)
    if not urgent:
        day = add_working_days(local.date(), working_days)
        return datetime.combine(day, END_OF_DAY, clock.LONDON)
    soon = local + timedelta(hours=hours)
    in_hours = is_working_day(local.date()) and soon.date() == local.date() and soon.time() <= END_OF_DAY
    if in_hours:
        return soon
    return datetime.combine(add_working_days(local.date(), 1), FIRST_THING, clock.LONDON)


def in_words(*, urgent: bool, working_days: int, hours: int) -> str:
    """'within 2 working days', inside a sentence."""
    if urgent:
        return f"within {plural(hours, 'hour')}, or by 10am on the next working day"
    return f"within {plural(working_days, 'working day')}"


def windows_in_force() -> dict[str, int]:
    """The council's periods, as the functions above take them. One statement."""
    periods = periods_in_force()
    return {"working_days": periods["answer_working_days"], "hours": periods["emergency_hours"]}
