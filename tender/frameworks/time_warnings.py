"""What to look at in the times of a round before it is published: its close, and the time to apply."""

from datetime import date, time

from portal import clock
from portal.web.filters import plural, uk_date
from portal.working_days import bank_holiday, is_working_day
from tender.frameworks.facts import RoundFacts
from tender.regimes.reference import reference

EARLIEST, LATEST = time(9), time(17)  # the hours in which somebody answers the telephone


def time_warnings(facts: RoundFacts) -> list[str]:
    """A sentence for a close when nobody is there, and for little time to apply. None of it refuses."""
    return [*_about_the_close(facts), *_about_the_time(facts)]


def nobody_works(day: date) -> str:
    """Why a day is not a working day: 'a Saturday', 'a bank holiday (Good Friday)'; empty for one."""
    if is_working_day(day):
        return ""
    holiday = bank_holiday(day)
    return f"a bank holiday ({holiday})" if holiday else f"a {day:%A}"


def _about_the_close(facts: RoundFacts) -> list[str]:
    local = clock.london(facts.closes_at)
    found = []
    if why := nobody_works(local.date()):
        found.append(
            f"The round closes on {uk_date(local, weekday=True)}: {why}. Nobody may be there to help."
        )
    if not EARLIEST <= local.time() <= LATEST:
        found.append("The round closes outside 9am to 5pm, when nobody may be there to help.")
    return found


def _about_the_time(facts: RoundFacts) -> list[str]:
    least = reference().times_to_apply[facts.legal_regime]
    days = (facts.closes_at - facts.opens_at).days
    if days >= least.days:
        return []
    return [
        f"Providers have {plural(days, 'day')} to apply. The yardstick is {least.days}. Source: "
        f"{least.source}. This is a warning; a lawyer decides."
    ]
