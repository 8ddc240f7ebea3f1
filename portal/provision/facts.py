"""The parts of a service's page: their facts, which of them the council checks, and what is well formed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal import clock
from portal.directory.entries import ServiceEntry
from portal.directory.models import Site
from portal.directory.offer import (
    INCLUSIONS,
    MODES,
    MOST_SITES,
    NEEDS,
    QUALIFICATIONS,
    SESSIONS,
    SEXES,
    SUBJECTS,
    TIERS,
    TRANSPORT,
    names_of,
    need_names,
    session_names,
)
from portal.directory.postcodes import require_location
from portal.errors import Refusal
from portal.web.filters import money, uk_date
from portal.web.words import count_words
from tender.frameworks.models import KEY_STAGES

SUMMARY_WORDS = 60
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One page of the form. `checked` says whether the council checks it before schools see it."""

    title: str
    facts: tuple[str, ...]
    checked: bool


PARTS: Mapping[str, Part] = {
    "about": Part(
        "What children do", ("title", "summary", "subjects", "group_size", "children_per_adult"), False
    ),
    "children": Part("Whom it is for", ("key_stages", "needs", "sex", "tiers", "qualifications"), True),
    "where": Part("Where children learn", ("modes", "sites"), True),
    "when": Part(
        "When, and how they get there", ("sessions", "places", "transport", "transport_note"), False
    ),
    "prices": Part("Prices", ("price_per_day", "price_half_day", "price_hour", "price_includes"), True),
    "registration": Part(
        "Registration and inspection", ("registered_school", "urn", "inspection", "inspected_on"), True
    ),
}
CHECKED = tuple(code for code, part in PARTS.items() if part.checked)
_DATES = frozenset({"inspected_on"})
_HIGHEST_PRICE = Decimal("999999.99")
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "key_stages": KEY_STAGES,
    "needs": NEEDS,
    "tiers": TIERS,
    "qualifications": QUALIFICATIONS,
    "subjects": SUBJECTS,
    "modes": MODES,
    "sessions": SESSIONS,
    "price_includes": INCLUSIONS,
}
_MONEY = frozenset({"price_per_day", "price_half_day", "price_hour"})


def stored(values: Values) -> dict[str, Any]:
    """The facts of a part as JSON holds them."""
    return {
        name: str(value) if isinstance(value, Decimal | date) else value for name, value in values.items()
    }


def read(kept: Values) -> dict[str, Any]:
    """The facts of a part from JSON."""
    values = dict(kept)
    for name in values.keys() & _MONEY:
        values[name] = None if values[name] is None else Decimal(values[name])
    for name in values.keys() & _DATES:
        values[name] = None if values[name] is None else date.fromisoformat(values[name])
    return values


def facts_of(service: ServiceEntry, sites: Sequence[Site], part: str) -> dict[str, Any]:
    """What schools read in a part today."""
    said = {name: getattr(service, name) for name in PARTS[part].facts if name != "sites"}
    if "sites" in PARTS[part].facts:
        shown = [{"address": s.address, "postcode": s.postcode, "run_by": s.run_by} for s in sites]
        said["sites"] = shown or [{"address": "", "postcode": service.postcode, "run_by": ""}]
    return said


def require_well_formed(part: str, values: Values) -> None:
    """Raise `Refusal`, naming the field, for what schools could not use."""
    for name, known in _KNOWN.items():
        if name in values and not set(values[name]) <= set(known):
            raise Refusal("Choose from the options.", field=name)
    for name in values.keys() & _MONEY:
        if values[name] is not None and not 0 <= values[name] <= _HIGHEST_PRICE:
            raise Refusal("The price must be an amount in pounds.", field=name)
    _RULES[part](values)


def is_complete(part: str, values: Values) -> bool:
    """Whether a part holds all that the council needs to check it."""
    try:
        require_well_formed(part, values)
    except Refusal:
        return False
    return True


def _about(values: Values) -> None:
    if not values["title"].strip():
        raise Refusal("Give the service a name.", field="title")
    words = count_words(values["summary"])
    if not 0 < words <= SUMMARY_WORDS:
        raise Refusal(f"Describe it in 1 to {SUMMARY_WORDS} words. This is {words}.", field="summary")


def _children(values: Values) -> None:
    if not values["key_stages"]:
        raise Refusal("Choose at least one key stage.", field="key_stages")
    if not values["tiers"]:
        raise Refusal("Choose at least one tier.", field="tiers")


def _where(values: Values) -> None:
    if not values["modes"]:
        raise Refusal("Choose at least one way.", field="modes")
    if not 1 <= len(values["sites"]) <= MOST_SITES:
        raise Refusal(f"Give 1 to {MOST_SITES} sites, the main one first.", field="sites")
    for number, site in enumerate(values["sites"], 1):
        if not site["address"].strip():
            raise Refusal(f"Enter the address in row {number}.", field="sites")
        try:
            require_location(site["postcode"])
        except Refusal as refusal:
            refusal.field = "sites"
            raise


def _when(values: Values) -> None:
    if values["places"] is None:
        raise Refusal("Enter how many children you can take.", field="places")
    if not 0 <= values["places"] <= 999:
        raise Refusal("The number of places must be between 0 and 999.", field="places")
    if not values["sessions"]:
        raise Refusal("Choose the sessions in which you are open.", field="sessions")


def _prices(values: Values) -> None:
    if all(values[name] is None for name in _MONEY):
        raise Refusal("Enter a price for a day, for half a day or for an hour.", field="price_per_day")


def _registration(values: Values) -> None:
    urn = values["urn"] or ""
    if values["registered_school"] and not re.fullmatch(r"[0-9]{6}", urn):
        raise Refusal("Enter the six digits of the school’s URN.", field="urn")
    if values["inspected_on"] and values["inspected_on"] > clock.today():
        raise Refusal("The date of the inspection must not be in the future.", field="inspected_on")
    if bool(values["inspection"].strip()) != bool(values["inspected_on"]):
        raise Refusal("Give both who inspected with what result, and the date.", field="inspection")


_RULES: Mapping[str, Callable[[Values], None]] = {
    "about": _about,
    "children": _children,
    "where": _where,
    "when": _when,
    "prices": _prices,
    "registration": _registration,
}


def in_words(part: str, values: Values) -> list[tuple[str, str]]:
    """(what, said) of each fact of a part, for those who check or read it."""
    return _WORDS[part](values)


def _about_in_words(values: Values) -> list[tuple[str, str]]:
    return [
        ("Name", values["title"]),
        ("In a few words", values["summary"]),
        ("Children learn", names_of(values["subjects"], SUBJECTS) or "Not said"),
        ("Largest group", str(values["group_size"] or "Not said")),
        ("Children for each adult", str(values["children_per_adult"] or "Not said")),
    ]


def _when_in_words(values: Values) -> list[tuple[str, str]]:
    brings = (TRANSPORT.get(values["transport"], "Not said"), values["transport_note"])
    return [
        ("Open", session_names(values["sessions"]) or "Not said"),
        ("Places in all", "Not said" if values["places"] is None else str(values["places"])),
        ("Brings the child", ". ".join(filter(None, brings))),
    ]


def _children_in_words(values: Values) -> list[tuple[str, str]]:
    return [
        ("Key stages", names_of(values["key_stages"], KEY_STAGES)),
        ("Needs", need_names(values["needs"]) or "None named"),
        ("Boys and girls", SEXES[values["sex"]]),
        ("Tiers", names_of(values["tiers"], TIERS) or "None named"),
        ("Qualifications", names_of(values["qualifications"], QUALIFICATIONS) or "None"),
    ]


def _where_in_words(values: Values) -> list[tuple[str, str]]:
    said = [("Children learn", names_of(values["modes"], MODES) or "Not said")]
    for number, site in enumerate(values["sites"]):
        by = f", run by {site['run_by']}" if site["run_by"] and number else ""
        where = ", ".join(filter(None, (site["address"], site["postcode"])))
        said.append((f"Site {number + 1}" if number else "Main site", where + by))
    return said


def _prices_in_words(values: Values) -> list[tuple[str, str]]:
    units = {"price_per_day": "A day", "price_half_day": "Half a day", "price_hour": "An hour"}
    said = [(unit, money(values[name], empty="Not offered")) for name, unit in units.items()]
    return [*said, ("Included", names_of(values["price_includes"], INCLUSIONS) or "Nothing more")]


def _registration_in_words(values: Values) -> list[tuple[str, str]]:
    registered = f"Registered school, URN {values['urn']}" if values["registered_school"] else "Not a school"
    inspected = (
        f"{values['inspection']}, {uk_date(values['inspected_on'])}" if values["inspection"] else "None"
    )
    return [("Registration", registered), ("Newest inspection", inspected)]


_WORDS: Mapping[str, Callable[[Values], list[tuple[str, str]]]] = {
    "about": _about_in_words,
    "when": _when_in_words,
    "children": _children_in_words,
    "where": _where_in_words,
    "prices": _prices_in_words,
    "registration": _registration_in_words,
}
