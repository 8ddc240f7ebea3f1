"""Why a service, or its offer, fits a child's need, and where it does not: in sentences without full stops.

Higher rooms that know more of a service add what they know (`say_also`), put together in `portal/app.py`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.offers import days_of
from portal.commissioning.requests import key_stage_of
from portal.directory.entries import ServiceEntry
from portal.directory.fitting import Sentences, fit_of, offered_of
from portal.directory.offer import SEXES, session_names
from portal.directory.search import SearchCriteria
from portal.web.filters import plural, uk_date

_ONLY_FOR = {"girls": "girl", "boys": "boy"}


@dataclass(frozen=True, slots=True)
class Fit:
    """A service that could be asked for a child, with what fits and what does not."""

    service: ServiceEntry
    fits: Sentences
    misfits: Sentences


Warner = Callable[[NeedProfile, Collection[ServiceEntry]], Mapping[int, Sequence[str]]]
_warners: list[Warner] = []


def say_also(warner: Warner) -> None:
    """Let `warner(profile, services)` add to what does not fit, by service. In at most one statement."""
    if warner not in _warners:
        _warners.append(warner)


def fits_of_need(profile: NeedProfile, services: Sequence[ServiceEntry]) -> list[Fit]:
    """Each of these services, held against what a child needs."""
    also = [warner(profile, services) for warner in _warners] if services else []
    found = []
    for service in services:
        fits, misfits = fit_of(_criteria(profile, sessions=profile.sessions_wanted), service)
        of_sex = _of_sex(profile, service)
        warned = [sentence for said in also for sentence in said.get(service.id, ())]
        found.append(Fit(service, (*fits, *of_sex[0]), (*misfits, *of_sex[1], *warned)))
    return found


def fit_of_offer(
    profile: NeedProfile, service: ServiceEntry, *, start_on: date, sessions: Sequence[str]
) -> tuple[Sentences, Sentences]:
    """What of an offer, and of the service that makes it, fits what a child needs, and what does not."""
    fits, misfits = offered_of(_criteria(profile), service)
    for more in (_of_sex(profile, service), _of_start(profile, start_on), _of_half_days(profile, sessions)):
        fits, misfits = (*fits, *more[0]), (*misfits, *more[1])
    return fits, misfits


def wanted_among(profile_sessions: Sequence[str], offered: Sequence[str]) -> list[str]:
    """Which of the half days that are wanted are offered; where none are named, all that are offered."""
    return [code for code in offered if not profile_sessions or code in profile_sessions]


def _criteria(profile: NeedProfile, sessions: Sequence[str] = ()) -> SearchCriteria:
    return SearchCriteria(
        clock.today(),
        key_stages=(key_stage_of(profile.year_group),),
        needs=tuple(profile.needs),
        sessions=tuple(sessions),
    )


def _of_sex(profile: NeedProfile, service: ServiceEntry) -> tuple[Sentences, Sentences]:
    only = _ONLY_FOR.get(service.sex)
    if only is None:
        return (), ()
    if not profile.sex:
        return (), (f"Is for {service.sex} only: you have left out the sex",)
    return ((SEXES[service.sex],), ()) if profile.sex == only else ((), (f"Is for {service.sex} only",))


def _of_start(profile: NeedProfile, start_on: date) -> tuple[Sentences, Sentences]:
    late = (start_on - profile.start_wanted_on).days
    if late <= 0:
        return ("Can start when you want",), ()
    return (), (f"Can start {plural(late, 'day')} later than {uk_date(profile.start_wanted_on)}",)


def _of_half_days(profile: NeedProfile, offered: Sequence[str]) -> tuple[Sentences, Sentences]:
    if not profile.sessions_wanted:
        days = days_of(offered)
        said = f"Offers {plural(days, 'day')} of the {profile.days_a_week} a week that you want"
        return ((said,), ()) if days >= profile.days_a_week else ((), (said,))
    lacks = [code for code in profile.sessions_wanted if code not in offered]
    if not lacks:
        return ("Offers all the half days that you want",), ()
    has = wanted_among(profile.sessions_wanted, offered)
    fits = (f"Offers {session_names(has)}",) if has else ()
    return fits, (f"Does not offer {session_names(lacks)}",)
