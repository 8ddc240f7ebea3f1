"""An agreement and its copy for parents as PDF, tagged for screen readers (PDF/UA-1).

The SHA-256 that was signed is among the keywords of an agreement's file.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from evaluation.reports.paper import shown
from portal import clock
from portal.agreements.parents import copy_for_parents, title_for
from portal.agreements.queries import AgreementFacts, VersionFacts
from portal.web.filters import uk_date, uk_datetime

_TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "agreements"


def agreement_pdf(
    agreement: AgreementFacts, version: VersionFacts, *, child: str | None, at: datetime
) -> bytes:
    """One version as its page shows it to this reader. `child` is the child's name, for who may read it."""
    return _written(
        "agreement.typ",
        {
            "title": f"Placement agreement {agreement.reference}, version {version.number}",
            "reference": agreement.reference,
            "standing": standing_of(agreement, version),
            "child": child,
            "sections": [{"title": each["title"], "rows": _rows(each["rows"])} for each in version.content],
            "signatures": [
                [
                    f"For the {agreement.parties.side if party == 'school' else party}",
                    f"{signed.name}, {signed.signed_as}",
                    uk_datetime(signed.signed_at),
                ]
                for party, signed in sorted(version.signatures.items(), reverse=True)
            ],
            "sha256": version.sha256,
            "author": agreement.parties.school_name,
            "made": f"Made {uk_datetime(at)}",
        },
        at,
    )


def parents_pdf(agreement: AgreementFacts, *, at: datetime) -> bytes:
    """The plain English copy of the version that counts."""
    return _written(
        "parents.typ",
        {
            "title": title_for(agreement),
            "reference": agreement.reference,
            "author": agreement.parties.school_name,
            "parts": [
                {
                    "title": part.title,
                    "paragraphs": [line for words in part.paragraphs for line in _lines(words)],
                }
                for part in copy_for_parents(agreement)
            ],
            "made": f"As agreed at {uk_datetime(agreement.shown.agreed_at)}",
        },
        at,
    )


def standing_of(agreement: AgreementFacts, version: VersionFacts) -> str:
    """What a version is worth today, in a sentence."""
    if version.state == "agreed":
        later = next((each for each in agreement.versions if _follows(each, version)), None)
        if later and not later.begins_anew and later.terms.starts_on > clock.today():
            return f"In force until version {later.number} counts, from {uk_date(later.terms.starts_on)}."
        if version.terms.began_on and version.terms.starts_on > clock.today() and not agreement.over:
            return f"Signed by both. It counts from {uk_date(version.terms.starts_on)}."
        if version.number != agreement.version_in_force:
            return "A later version has taken the place of this one."
        return "This placement is over." if agreement.over else "Signed by both, and in force."
    if version.state == "withdrawn":
        return "This version was withdrawn. It is not agreed."
    return "This version is not signed by both yet. It is not agreed."


def _follows(later: VersionFacts, version: VersionFacts) -> bool:
    return later.state == "agreed" and later.number > version.number


def _rows(rows: list[list[str]]) -> list[Mapping[str, Any]]:
    return [{"key": title, "lines": _lines(words)} for _, title, words in rows if words]


def _lines(words: str) -> list[str]:
    return [line for line in words.splitlines() if line.strip()]


def _written(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    compiler = typst.Compiler(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": shown(json.dumps(data, ensure_ascii=False))},
    )
    written = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(at.timestamp()))
    assert isinstance(written, bytes)
    return written
