"""What a school is warned of before it offers an agreement: soft limits, as data. Nothing here refuses."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from portal.agreements.terms import Terms
from portal.web.filters import uk_date
from portal.working_days import add_working_days

NOTICE_SCHOOL_DAYS = 2
"""Written notice to parents of an off-site direction: Education (Educational Provision for Improving
Behaviour) Regulations 2010, under section 29A of the Education Act 2002."""
REVIEWED_WITHIN = timedelta(weeks=7)
"""The longest half term. Half-termly reviews: DfE, Arranging alternative provision, February 2025."""
CONFIRMED_WITHIN = timedelta(days=365)
"""How old a written confirmation of safeguarding checks may be before a school is told."""


Warner = Callable[[int, Terms], Iterable[str]]
_warners: list[Warner] = []


def warn_with(warner: Warner) -> None:
    """Let a higher room add what it warns of: called with the id of a version and what it says."""
    if warner not in _warners:
        _warners.append(warner)


_weeks: list[Callable[[], int]] = []


def propose_weeks_with(setting: Callable[[], int]) -> None:
    """Let a higher room say for how many weeks a placement is proposed. Called when the application is put
    together."""
    _weeks[:] = [setting]


def weeks_proposed() -> int:
    """For how many weeks a placement is proposed, and after how many it ends at the latest: the council's
    figure for an intensive one. The school changes both."""
    return _weeks[0]()


def warnings_of(version_id: int, terms: Terms, *, today: date) -> Sequence[str]:
    """What to think about before a version with these terms is offered on this day, in sentences."""
    others = (sentence for warner in _warners for sentence in warner(version_id, terms))
    return (*_warnings(terms, today), *others)


def _warnings(terms: Terms, today: date) -> Iterator[str]:
    told_in_time = add_working_days(today, NOTICE_SCHOOL_DAYS)
    if terms.starts_on < told_in_time:
        yield (
            f"{'The change counts from' if terms.began_on else 'The first day is'}"
            f" {uk_date(terms.starts_on, weekday=True)}. If you direct the child off site, parents"
            f" get written notice at least {NOTICE_SCHOOL_DAYS} school days before: today that is for"
            f" {uk_date(told_in_time, weekday=True)} at the earliest."
        )
    days = [terms.first_day, *sorted(terms.reviews_on), terms.ends_on]
    if any(later - earlier > REVIEWED_WITHIN for earlier, later in zip(days, days[1:], strict=False)):
        yield "There are more than seven weeks without a review. Review at least once in every half term."
    if terms.vetting_confirmed_on and today - terms.vetting_confirmed_on > CONFIRMED_WITHIN:
        yield "The provider’s written confirmation of its safeguarding checks is more than a year old."
