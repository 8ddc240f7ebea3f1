"""Why a service fits what somebody looks for, and where it does not, in sentences."""

from collections.abc import Iterable, Mapping, Sequence

from portal.directory.entries import ServiceEntry
from portal.directory.offer import MODES, NEEDS, QUALIFICATIONS, SUBJECTS, TIERS, session_names
from portal.directory.search import SearchCriteria
from portal.web.filters import money, plural, uk_date
from tender.frameworks.models import KEY_STAGES

Sentences = tuple[str, ...]
_SAID: Sequence[tuple[str, Mapping[str, str], str, str]] = (
    ("key_stages", KEY_STAGES, "Takes {}", "Does not take {}"),
    ("needs", NEEDS, "Caters for {}", "Does not say that it caters for {}"),
    ("tiers", TIERS, "Offers {}", "Does not say that it offers {}"),
    ("modes", MODES, "Teaches {}", "Does not say that it teaches {}"),
    ("subjects", SUBJECTS | QUALIFICATIONS, "Offers {}", "Does not say that it offers {}"),
)
# What keeps its capital inside a sentence.
_NAMES = frozenset({"english", "pshe", *QUALIFICATIONS}) - {"entry", "food_safety", "unit_award"}


def fit_of(criteria: SearchCriteria, service: ServiceEntry) -> tuple[Sentences, Sentences]:
    """What fits of that which was asked for, and what does not, without full stops."""
    fits: list[str] = []
    misfits: list[str] = []
    for name, words, yes, no in _SAID:
        asked = getattr(criteria, name)
        if not asked:
            continue
        offered = {*getattr(service, name), *(service.qualifications if name == "subjects" else ())}
        meets = [code for code in asked if code in offered]
        lacks = [code for code in asked if code not in offered]
        if meets:
            fits.append(yes.format(_listed(meets, words)))
        if lacks:
            misfits.append(no.format(_listed(lacks, words)))
    if criteria.sessions:
        fits.append(f"Is open on {session_names(criteria.sessions)}")
    if criteria.highest_price is not None and service.day_price is not None:
        fits.append(f"Costs {money(service.day_price)} a day, within your {money(criteria.highest_price)}")
    _say_of_places(criteria, service, fits, misfits)
    return tuple(fits), tuple(misfits)


def _say_of_places(
    criteria: SearchCriteria, service: ServiceEntry, fits: list[str], misfits: list[str]
) -> None:
    confirmed = service.places_confirmed_at
    if service.places_free == 0:
        misfits.append(f"Had no place free on {uk_date(confirmed)}")
    elif service.places_free and service.places_stale:
        misfits.append(f"Has not confirmed its places since {uk_date(confirmed)}")
    elif service.places_free and criteria.sessions:
        full = set(criteria.sessions) - set(service.free_sessions)
        open_ones = session_names(set(criteria.sessions) - full)
        if open_ones:
            fits.append(f"Had a place free on {open_ones} when it said so on {uk_date(confirmed)}")
        if full:
            misfits.append(f"Had no place free on {session_names(full)} on {uk_date(confirmed)}")
    elif service.places_free:
        fits.append(f"Has {plural(service.places_free, 'free place')}")
    elif criteria.sessions:
        misfits.append("Has not said in which sessions it has a place: ask")


def _listed(codes: Iterable[str], words: Mapping[str, str]) -> str:
    """'social, emotional and mental health; autistic spectrum disorder': names with commas of their own."""
    return "; ".join(
        words[code] if code in _NAMES else words[code][:1].lower() + words[code][1:] for code in codes
    )
