"""What to look at in the times of a round before it is published: its close, the time to apply, the end."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from portal import clock
from portal.web.filters import plural, uk_date
from portal.working_days import bank_holiday, is_working_day
from tender.frameworks.facts import RoundFacts
from tender.regimes.reference import reference

EARLIEST, LATEST = time(9), time(17)  # the hours in which somebody answers the telephone


def time_warnings(facts: RoundFacts, cut_offs: Sequence[datetime] = ()) -> list[str]:
    """A sentence for a close when nobody is there or after the framework's end, and for little time to apply.
    None of it refuses.

    `cut_offs` are those that a draft plans after its own close: an intake is open from one to the next.
    """
    opening = (facts.closes_at, *cut_offs)
    return [
        *_about_the_close("The round closes", facts.closes_at),
        *after_the_end("The round closes", facts.ends_on, [facts.closes_at]),
        *after_the_end("An intake's cut-off is", facts.ends_on, cut_offs),
        *_about_the_time("Providers have", facts.legal_regime, facts.opens_at, facts.closes_at),
        *(
            sentence
            for opens_at, closes_at in zip(opening, cut_offs, strict=False)
            for sentence in (
                *_about_the_close(f"The cut-off of {uk_date(closes_at)} is", closes_at),
                *_about_the_time(
                    f"Before the cut-off of {uk_date(closes_at)} providers have",
                    facts.legal_regime,
                    opens_at,
                    closes_at,
                ),
            )
        ),
    ]


def after_the_end(what: str, ends_on: date, moments: Iterable[datetime]) -> list[str]:
    """A sentence for each of these moments that is after the last day of the framework's term."""
    return [
        f"{what} on {uk_date(day)}, after the framework's term, which ends on {uk_date(ends_on)}. Nobody can "
        "be admitted then. Give an earlier day, or change the term."
        for moment in moments
        if (day := clock.london(moment).date()) > ends_on
    ]


def nobody_works(day: date) -> str:
    """Why a day is not a working day: 'a Saturday', 'a bank holiday (Good Friday)'; empty for one."""
    if is_working_day(day):
        return ""
    holiday = bank_holiday(day)
    return f"a bank holiday ({holiday})" if holiday else f"a {day:%A}"


def _about_the_close(what: str, closes_at: datetime) -> list[str]:
    local = clock.london(closes_at)
    found = []
    if why := nobody_works(local.date()):
        found.append(f"{what} on {uk_date(local, weekday=True)}: {why}. Nobody may be there to help.")
    if not EARLIEST <= local.time() <= LATEST:
        found.append(f"{what} outside 9am to 5pm, when nobody may be there to help.")
    return found


def _about_the_time(who: str, legal_regime: str, opens_at: datetime, closes_at: datetime) -> list[str]:
    least = reference().times_to_apply[legal_regime]
    days = (closes_at - opens_at).days
    if days >= least.days:
        return []
    return [
        f"{who} {plural(days, 'day')} to apply. The yardstick is {least.days}. Source: {least.source}. This "
        "is a warning; a lawyer decides."
    ]
