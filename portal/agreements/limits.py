"""What a school is warned of before it offers an agreement: soft limits, as data. Nothing here refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.agreements.terms import Terms
from portal.web.filters import plural, uk_date
from portal.working_days import add_working_days

NOTICE_SCHOOL_DAYS = 2
"""Written notice to parents of an off-site direction: Education (Educational Provision for Improving
Behaviour) Regulations 2010, under section 29A of the Education Act 2002."""
REVIEWED_WITHIN = timedelta(weeks=7)
"""The longest half term. Half-termly reviews: DfE, Arranging alternative provision, February 2025."""
CONFIRMED_WITHIN = timedelta(days=365)
"""How old a written confirmation of safeguarding checks may be before a school is told."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """From a day on: more than `sessions` half days a week for longer than `weeks` weeks is too much."""

    applies_from: date
    sessions: int
    weeks: int
    source: str


TIME_LIMITS = (
    TimeLimit(
        date(2025, 8, 27),
        4,
        12,
        "the government’s response on unregistered alternative provision, August 2025: up to 12"
        " weeks, or up to"
        " 4 half days a week beside school",
    ),
)
"""Announced, not yet law. A later limit is another row; the newest that has begun counts."""


def warnings_of(terms: Terms, *, today: date) -> Sequence[str]:
    """What to think about before these terms are offered on this day, in sentences."""
    return tuple(_warnings(terms, today))


def _warnings(terms: Terms, today: date) -> Iterator[str]:
    told_in_time = add_working_days(today, NOTICE_SCHOOL_DAYS)
    if terms.starts_on < told_in_time:
        yield (
            f"The first day is {uk_date(terms.starts_on, weekday=True)}. If you direct the child off"
            " site, parents"
            f" get written notice at least {NOTICE_SCHOOL_DAYS} school days before: today that is for"
            f" {uk_date(told_in_time, weekday=True)} at the earliest."
        )
    begun = [limit for limit in TIME_LIMITS if limit.applies_from <= terms.starts_on]
    if begun:
        limit = max(begun, key=lambda each: each.applies_from)
        if len(terms.sessions) > limit.sessions and terms.weeks > limit.weeks:
            yield (
                f"{plural(len(terms.sessions), 'half day')} a week for {plural(terms.weeks, 'week')}"
                " is more than"
                f" {limit.source}. You can go on: say in the aims why the child needs it."
            )
    days = [terms.starts_on, *sorted(terms.reviews_on), terms.ends_on]
    if any(later - earlier > REVIEWED_WITHIN for earlier, later in zip(days, days[1:], strict=False)):
        yield "There are more than seven weeks without a review. Review at least once in every half term."
    if terms.vetting_confirmed_on and today - terms.vetting_confirmed_on > CONFIRMED_WITHIN:
        yield "The provider’s written confirmation of its safeguarding checks is more than a year old."
