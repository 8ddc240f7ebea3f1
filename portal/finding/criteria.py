"""What somebody looks for, as it is kept: whole for a saved search, impersonal for unmet need."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from portal.directory.counting import FACETS
from portal.directory.naming import codes_named
from portal.directory.offer import session_names
from portal.directory.postcodes import Location
from portal.directory.search import SearchCriteria
from portal.web.filters import money, plural

_LISTS = ("lot_ids", *FACETS, "sessions")


def kept(criteria: SearchCriteria) -> dict[str, Any]:
    """A search as JSON holds it."""
    said: dict[str, Any] = {name: list(getattr(criteria, name)) for name in _LISTS}
    return {
        **said,
        "words": criteria.words,
        "places_now": criteria.places_now,
        "highest_price": None if criteria.highest_price is None else str(criteria.highest_price),
        "near": asdict(criteria.near) if criteria.near else None,
        "within_miles": criteria.within_miles,
    }


def search_from(said: Mapping[str, Any], today: date) -> SearchCriteria:
    """A kept search, for `today`. Codes that no longer exist are left out."""
    lists = {name: tuple(said.get(name) or ()) for name in _LISTS}
    for name, codes in FACETS.items():
        lists[name] = tuple(code for code in lists[name] if code in codes)
    price, near = said.get("highest_price"), said.get("near")
    return SearchCriteria(
        today=today,
        words=said.get("words") or "",
        highest_price=None if price is None else Decimal(price),
        places_now=bool(said.get("places_now")),
        near=Location(**near) if near else None,
        within_miles=said.get("within_miles"),
        **lists,
    )


def without_persons(criteria: SearchCriteria) -> dict[str, Any]:
    """What may be kept of a search that found nothing: choices and the first half of the postcode.

    The words are left out whatever they are (people type names). What they name of the filters' choices is
    kept in their place, or that there were some where they name none.
    """
    named = codes_named(criteria.words)
    for name in ("key_stages", "needs", "subjects"):
        chosen = {*getattr(criteria, name), *named}
        criteria = criteria.but(**{name: tuple(code for code in FACETS[name] if code in chosen)})
    said = {name: value for name, value in kept(criteria).items() if value and name not in ("words", "near")}
    if criteria.near:
        said["area"] = criteria.near.outcode
    if criteria.words.strip() and not named:
        said["with_words"] = True
    return said


def in_words(said: Mapping[str, Any], lots: Mapping[int, str]) -> list[str]:
    """What was looked for, choice by choice, for people. Of a place the first half of its postcode."""
    area = said.get("area") or (said.get("near") or {}).get("outcode")
    words = [f"“{said['words'].strip()}”"] if said.get("words", "").strip() else []
    words += [lots[lot] for lot in said.get("lot_ids", ()) if lot in lots]
    for name, names in FACETS.items():
        words += [names[code] for code in said.get(name, ()) if code in names]
    if said.get("sessions"):
        words.append(session_names(said["sessions"]))
    if said.get("places_now"):
        words.append("Has a free place")
    if said.get("highest_price"):
        words.append(f"{money(Decimal(said['highest_price']))} a day or less")
    if said.get("within_miles"):
        words.append(f"Within {plural(said['within_miles'], 'mile')} of {area or 'a postcode'}")
    elif area:
        words.append(f"Near {area}")
    if said.get("with_words"):
        words.append("Words, which are not kept")
    return words
