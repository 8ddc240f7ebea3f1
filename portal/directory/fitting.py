"""Why a service fits what somebody looks for, and where it does not, in sentences."""

from collections.abc import Iterable, Mapping, Sequence

from portal.directory.entries import ServiceEntry
from portal.directory.naming import Typed, codes_named, typed_words
from portal.directory.offer import MODES, NEEDS, QUALIFICATIONS, SUBJECTS, TIERS, session_names
from portal.directory.postcodes import METRES_A_MILE, distance_words
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


def fit_of(
    criteria: SearchCriteria, service: ServiceEntry, metres: float | None = None
) -> tuple[Sentences, Sentences]:
    """What fits of that which was asked for, and what does not, without full stops.

    `metres` is how far its nearest site is, as the search measures. Of words it says where the page has them;
    nothing of one that it cannot place, as the search compares more than a card holds.
    """
    offered, lacking = offered_of(criteria, service)
    fits, misfits = list(offered), list(lacking)
    if criteria.words:
        _say_of_words(typed_words(criteria.words), service, fits)
    _say_of_limits(criteria, service, metres, fits, misfits)
    _say_of_places(criteria, service, fits, misfits)
    return tuple(fits), tuple(misfits)


def offered_of(criteria: SearchCriteria, service: ServiceEntry) -> tuple[Sentences, Sentences]:
    """What the page offers of the children, needs, tiers, ways and subjects that were asked for, and what it
    does not say."""
    fits: list[str] = []
    misfits: list[str] = []
    named = codes_named(criteria.words)
    for name, words, yes, no in _SAID:
        asked = getattr(criteria, name)
        if not asked and words.keys().isdisjoint(named):
            continue
        offered = {*getattr(service, name), *(service.qualifications if name == "subjects" else ())}
        meets = [code for code in asked if code in offered]
        meets += [code for code in named if code in words and code in offered and code not in asked]
        lacks = [code for code in asked if code not in offered]
        if meets:
            fits.append(yes.format(_listed(meets, words)))
        if lacks:
            misfits.append(no.format(_listed(lacks, words)))
    return tuple(fits), tuple(misfits)


def _say_of_words(typed: Iterable[Typed], service: ServiceEntry, fits: list[str]) -> None:
    """Where the page has the words that name nothing which it offers, as the page spells them."""
    offered = {*service.key_stages, *service.needs, *service.subjects, *service.qualifications}
    texts = (
        ("title", service.title),
        ("name", service.provider_name),
        ("lot’s name", service.lot_title),
        ("summary", service.summary),
    )
    said: dict[str, list[str]] = {}
    for word in typed:
        if not offered.isdisjoint(word.codes):
            continue
        for where, text in texts:
            if quoted := word.in_text(text):
                said.setdefault(where, []).append(f"“{quoted}”")
                break
        else:
            if word.root.upper() == service.area:
                fits.append(f"Is in {service.area}")
    fits += [f"Says {' and '.join(dict.fromkeys(words))} in its {where}" for where, words in said.items()]


def _say_of_limits(
    criteria: SearchCriteria,
    service: ServiceEntry,
    metres: float | None,
    fits: list[str],
    misfits: list[str],
) -> None:
    """Lot, registration, days, price and distance. The search finds none that do not fit here, but services
    that are compared may not fit, or no longer."""
    if criteria.lot_ids and service.lot_id in criteria.lot_ids:
        fits.append(f"In lot {service.lot_number}, as you asked")
    elif criteria.lot_ids:
        misfits.append(f"In lot {service.lot_number}, for which you did not ask")
    if len(criteria.registration) == 1:
        as_asked = service.registered_school == (criteria.registration[0] == "registered")
        is_school = f"Is {'' if service.registered_school else 'not '}a registered school"
        (fits if as_asked else misfits).append(is_school + (", as you asked" if as_asked else ""))
    closed = [code for code in criteria.sessions if code not in service.sessions]
    if closed:
        misfits.append(f"Does not say that it is open on {session_names(closed)}")
    elif criteria.sessions:
        fits.append(f"Is open on {session_names(criteria.sessions)}")
    if criteria.highest_price is not None and service.day_price is not None:
        costs, most = f"Costs {money(service.day_price)} a day", money(criteria.highest_price)
        if service.day_price <= criteria.highest_price:
            fits.append(f"{costs}, within your {most}")
        else:
            misfits.append(f"{costs}, above your {most}")
    if criteria.near and criteria.within_miles and metres is not None:
        away = distance_words(metres)
        away = away[:1].upper() + away[1:]
        if metres <= criteria.within_miles * METRES_A_MILE:
            fits.append(f"{away}, within your {criteria.within_miles}")
        else:
            misfits.append(f"{away}, beyond your {criteria.within_miles}")


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
        since = (
            f", and {plural(service.placed_since, 'agreement')} signed since" if service.placed_since else ""
        )
        fits.append(f"Had {plural(service.places_free, 'free place')} on {uk_date(confirmed)}{since}")
    elif criteria.sessions:
        misfits.append("Has not said in which sessions it has a place: ask")


def _listed(codes: Iterable[str], words: Mapping[str, str]) -> str:
    """'social, emotional and mental health; autistic spectrum disorder': names with commas of their own."""
    return "; ".join(
        words[code] if code in _NAMES else words[code][:1].lower() + words[code][1:] for code in codes
    )
