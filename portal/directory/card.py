"""What a result says of a service in one glance, in words: for its card, and for whoever keeps what was
found.

The page of a service and the table that compares several say the same with the same words.
"""

from portal.directory.entries import ServiceEntry
from portal.directory.offer import HALVES
from portal.directory.postcodes import distance_words
from portal.directory.queries import Hit
from portal.web.filters import money, plural, uk_date


def places_words(service: ServiceEntry) -> str:
    """How many places there are, free ones with the day on which they were confirmed."""
    if service.places_free is not None:
        of_all = f", of {service.places}" if service.places else ""
        stale = " (not confirmed since: ask)" if service.places_stale else ""
        confirmed = uk_date(service.places_confirmed_at)
        return (
            f"{plural(service.places_free, 'place')} free{of_all}, as confirmed on {confirmed}"
            f"{placed_words(service)}{stale}"
        )
    if service.places:
        return f"Takes {plural(service.places, 'child', 'children')} at a time; free places not confirmed yet"
    return "Ask the provider"


def placed_words(service: ServiceEntry) -> str:
    """'; 2 agreements signed since': what may have taken a place since they were counted."""
    return f"; {plural(service.placed_since, 'agreement')} signed since" if service.placed_since else ""


def free_words(service: ServiceEntry) -> str:
    """'Mon 2, Wed am 1, Fri pm 5': the places free in each day or half day with any, or that nobody said."""
    if service.free_by_session is None:
        return "Not confirmed yet: ask"
    said: list[str] = []
    for day, numbers in service.free_by_day:
        if len(set(numbers)) == 1:
            said += [f"{day[:3]} {numbers[0]}"] * bool(numbers[0])
        else:
            said += [f"{day[:3]} {half} {n}" for half, n in zip(HALVES, numbers, strict=True) if n]
    return ", ".join(said) or "None"


def registration_words(service: ServiceEntry) -> str:
    """A registered school with its number, or not."""
    if not service.registered_school:
        return "Not a registered school"
    return "Registered school" + (f", URN {service.urn}" if service.urn else "")


def price_words(service: ServiceEntry) -> str:
    """'£95 a day, £52 half a day': the units that have a price, without VAT."""
    units = (
        (service.price_per_day, "a day"),
        (service.price_half_day, "half a day"),
        (service.price_hour, "an hour"),
    )
    said = [f"{money(amount)} {unit}" for amount, unit in units if amount is not None]
    return ", ".join(said) or "Ask the provider"


def checked_words(service: ServiceEntry) -> str:
    """What the council verified, and when."""
    if service.verified:
        return f"By the council {service.verified_words}"
    return "As the provider’s tender said it; not verified since"


def card_facts(hit: Hit) -> list[tuple[str, str]]:
    """The lines of a result's card, what each is about and what is said: whom it is for, where, when there is
    a place, what it costs, who checked it."""
    service = hit.service
    sex = f"; {service.sex_name.lower()}" if service.sex != "any" else ""
    free = f": {free_words(service)}" if service.free_sessions else ""
    included = f", with {service.included.lower()}" if service.included else ""
    inspected = f". {service.inspection}, {uk_date(service.inspected_on)}" if service.inspection else ""
    return _said(
        ("Takes", service.key_stage_names + sex),
        ("Needs", service.need_names or "None named: ask the provider"),
        ("Where", _where(hit) + (f". {service.mode_names}" if service.modes else "")),
        ("Places", places_words(service) + free),
        ("Open", service.session_names),
        ("Price", price_words(service) + included),
        ("School", registration_words(service) + inspected),
        ("Checked", checked_words(service)),
    )


def further_facts(hit: Hit) -> list[tuple[str, str]]:
    """What a card says to whoever wants more of it than a glance."""
    service = hit.service
    return _said(
        ("Learns", "; ".join(filter(None, (service.taught, service.qualification_names)))),
        ("Tier", service.tier_names),
        (
            "Admitted",
            f"On {uk_date(service.admitted_at)} to lot {service.lot_number}, {service.lot_title}; "
            f"term to {uk_date(service.ends_on)}",
        ),
    )


def _said(*lines: tuple[str, str]) -> list[tuple[str, str]]:
    return [(about, said) for about, said in lines if said]


def _where(hit: Hit) -> str:
    """The area of the main site, and of the nearest one where that is another, with its distance."""
    away = f", {distance_words(hit.metres)}" if hit.metres is not None else ""
    if not hit.site:
        return hit.service.area + away
    run_by = f", run by {hit.site.run_by}" if hit.site.run_by else ""
    return f"{hit.service.area}. Nearest site: {hit.site.area}{away}{run_by}"
