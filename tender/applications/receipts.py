"""Receipts: the number, the manifest of what was submitted, and its SHA-256.

Anyone who holds a receipt can check it: the manifest in its canonical spelling (`values.canonical_json`) has
the receipt's SHA-256, and each answer or file in it has the SHA-256 that the manifest names.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.web.filters import uk_date
from tender.applications.contents import File, Item, Promise, Tender
from tender.applications.queries import ApplicationFacts
from tender.applications.values import sha256_of
from tender.frameworks.queries import LotFacts

# Digits and capitals without those that are taken for one another: 0 O, 1 I L, U V.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
DECLARATION = (
    "I am allowed to submit this application for my organisation, and what it says is true and complete as "
    "far as I know."
)

STATEMENT = (
    "I have read the whole application. I certify for my organisation that it is true and complete, and that "
    "it can be relied on."
)


def new_number(at: datetime) -> str:
    """A receipt's number, such as AP-2026-7K3F-9QX2: the year in the UK and eight characters nobody can
    guess."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"AP-{clock.london(at).year}-{characters[:4]}-{characters[4:]}"


def manifest_of(
    facts: ApplicationFacts,
    tender: Tender,
    *,
    number: str,
    at: datetime,
    by_name: str,
    left_out: Iterable[LotFacts] = (),
    certificate: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What was submitted, as JSON: the contents, by whom and when, under which certificate, and the lots that
    were left out of it."""
    return {
        "receipt": number,
        "submitted_at": at.isoformat(),
        "submitted_by": by_name,
        "declaration": DECLARATION,
        "certificate": certificate,
        "application": facts.id,
        "provider": facts.provider_name,
        "framework": {"reference": facts.reference, "title": facts.framework_title},
        "round": facts.round_number,
        "pack_version": facts.pack_version,
        "left_out": [_lot(lot) for lot in left_out],
        **contents_of(tender),
        # Beside the contents, not among them: the vault's facts are sealed after the page was certified.
        "facts": [
            {"sha256": file.sha256, **file.facts}
            for item in tender.items
            for file in item.files
            if file.facts
        ],
    }


def contents_of(tender: Tender) -> dict[str, Any]:
    """What is certified and submitted: lots, each answer with version and SHA-256, each file with size and
    SHA-256, and the same of each file that is promised."""
    promised = [_file(item, file) for item in tender.items for file in item.promised]
    return {
        "lots": [_lot(lot) for lot in tender.chosen],
        "answers": [_answer(item) for item in tender.items if item.answered and item.asked.kind != "file"],
        "files": [_file(item, file) for item in tender.items for file in item.files],
        # Only where there are some: what was certified without any keeps its SHA-256.
        **({"promised": promised} if promised else {}),
    }


def contents_sha256(facts: ApplicationFacts, tender: Tender) -> str:
    """The SHA-256 of an application's contents under the pack's present version: a certificate is of this."""
    return sha256_of({"application": facts.id, "pack_version": facts.pack_version, **contents_of(tender)})


def _lot(lot: LotFacts) -> dict[str, Any]:
    return {"number": lot.number, "title": lot.title}


def _answer(item: Item) -> dict[str, Any]:
    return {
        "question": item.asked.code,
        "title": item.asked.title,
        "lot": item.lot.number if item.lot else None,
        "version": item.version,
        "sha256": sha256_of(item.value),
    }


def _file(item: Item, file: File | Promise) -> dict[str, Any]:
    return {
        "question": item.asked.code,
        "title": item.asked.title,
        "lot": item.lot.number if item.lot else None,
        "name": file.filename,
        "size": file.size,
        "sha256": file.sha256,
    }


def certified_at(manifest: Mapping[str, Any]) -> datetime | None:
    """When what was submitted had been certified; None for a receipt without certificate."""
    certificate = manifest.get("certificate")
    return datetime.fromisoformat(certificate["at"]) if certificate else None


def is_whole(manifest: Mapping[str, Any], sha256: str) -> bool:
    """Whether the manifest is still the one that the receipt was given for."""
    return sha256_of(manifest) == sha256


def exact_moment(moment: datetime) -> str:
    """'11:59:58.417am on Friday 6 March 2026, UK time (GMT, UTC+0)': a moment of proof."""
    local = clock.london(moment)
    half = "am" if local.hour < 12 else "pm"
    exact = f"{local.hour % 12 or 12}:{local:%M:%S}.{local.microsecond // 1000:03}{half}"
    hours = (local.utcoffset() or timedelta()) // timedelta(hours=1)
    return f"{exact} on {uk_date(moment, weekday=True)}, UK time ({local.tzname()}, UTC{hours:+d})"
