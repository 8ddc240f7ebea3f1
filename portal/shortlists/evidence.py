"""What a shortlist holds of a search, in words that stay as they are, and the digests over it.

Everything is text and whole numbers, so that what the database gives back is what was digested. The file of a
signed shortlist is exactly the bytes of its digest: whoever has it can compute that with any program.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from portal.directory.card import card_facts, further_facts
from portal.directory.queries import Hit, SearchResult
from portal.directory.search import LONGEST_ADDRESS, SORTS, SearchCriteria
from portal.finding.criteria import in_words, kept
from portal.web.filters import uk_date

MOST_KEPT = 50
"""So many results are kept of a search, the first in its order."""
_OF_THE_PAGE = ("page", "view")


def found_by(
    criteria: SearchCriteria, result: SearchResult, *, school: str, by: str, at: datetime
) -> dict[str, Any]:
    """What was looked for, and every result of the page in words, as JSON holds it.

    Of the place that distances are from it holds the first half of the postcode: it may be a child's home.
    """
    return {
        "school": school,
        "frozen_by": by,
        "frozen_at": moment(at),
        "looked_for": looked_for(criteria, result),
        "order": SORTS[criteria.sort],
        "instead": result.instead,
        "total": result.total,
        "entries": [_entry(hit) for hit in result.hits],
    }


def looked_for(criteria: SearchCriteria, result: SearchResult) -> list[str]:
    """The choices of a search in words."""
    lots = {lot.id: f"Lot {lot.number}, {lot.title}" for lot in result.lots}
    return in_words(kept(criteria), lots)


def _entry(hit: Hit) -> dict[str, Any]:
    service = hit.service
    return {
        "service_id": service.id,
        "provider_id": service.provider_id,
        "provider": service.provider_name,
        "title": service.title,
        "summary": service.summary,
        "facts": [
            *([about, said] for about, said in card_facts(hit) + further_facts(hit)),
            ["Until", f"New children may come until {uk_date(service.open_until)}"],
            ["Under", f"{service.framework_title} ({service.framework_reference})"],
        ],
        "fits": list(hit.fits),
        "misfits": list(hit.misfits),
    }


def address_without_home(address: str, criteria: SearchCriteria) -> str:
    """The search's address with the first half of its postcode, and without what belongs to a page of it."""
    area = criteria.near.outcode if criteria.near else ""
    said = parse_qsl(address[:LONGEST_ADDRESS])
    return urlencode(
        [
            (name, area if name == "postcode" else value)
            for name, value in said
            if name not in _OF_THE_PAGE and (name != "postcode" or area)
        ]
    )


def record_of(
    found: Mapping[str, Any],
    *,
    label: str,
    choices: Iterable[tuple[int, str, str]],
    signed_by: str,
    signed_at: datetime,
) -> dict[str, Any]:
    """The whole record of a signed shortlist; `choices` are (place, verdict, reason)."""
    return {
        "list": dict(found),
        "list_sha256": digest_of(found),
        "label": label,
        "choices": [
            {"place": place, "verdict": verdict, "reason": reason} for place, verdict, reason in choices
        ],
        "signed_by": signed_by,
        "signed_at": moment(signed_at),
    }


def written(said: Mapping[str, Any]) -> bytes:
    """The bytes over which a digest goes: JSON with sorted names, without spaces, in UTF-8."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(said: Mapping[str, Any]) -> str:
    """The SHA-256 of these bytes."""
    return hashlib.sha256(written(said)).hexdigest()


def moment(at: datetime) -> str:
    """A moment in UTC, to the microsecond (ISO 8601)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
