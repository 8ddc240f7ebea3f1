"""A signed shortlist as PDF: tagged for screen readers (PDF/UA-1), the same bytes each time.

Its SHA-256 is that of the record, which can be downloaded beside it.
"""

import json
from pathlib import Path
from typing import Any

import typst

from evaluation.reports.paper import shown
from portal.shortlists.queries import ListedService, ShortlistFacts
from portal.web.filters import plural, uk_datetime

TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "shortlists" / "shortlist.typ"
MEANS = (
    "This is what the council’s register of approved providers answered at that moment. The list was kept "
    "then and has not been changed since; the decisions have not been changed since they were signed.",
    "Being listed means that the council has admitted the provider to a lot. It is not a recommendation.",
    "The SHA-256 is a fingerprint of the record file, which the portal gives to the school beside this page. "
    "Any program that computes a SHA-256 shows whether a copy of that file is the one that was signed.",
)


def shortlist_pdf(shortlist: ShortlistFacts) -> bytes:
    """The PDF of a signed shortlist. Raises `ValueError` for a draft."""
    if shortlist.closed_at is None:
        raise ValueError("a draft is no evidence")
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"data": shown(json.dumps(_said(shortlist), ensure_ascii=False))},
    )
    written = compiler.compile(
        format="pdf", pdf_standards=["ua-1"], timestamp=int(shortlist.closed_at.timestamp())
    )
    assert isinstance(written, bytes)
    return written


def _said(shortlist: ShortlistFacts) -> dict[str, Any]:
    found = shortlist.found
    listed = len(shortlist.listed)
    total = f"{plural(found['total'], 'service')} found" + (
        f", of which the first {listed} are listed" if shortlist.not_listed else ""
    )
    facts = [
        ("School", found["school"]),
        ("Label", shortlist.label),
        ("Searched", f"{uk_datetime(shortlist.frozen_at)}, by {found['frozen_by']}"),
        ("Looked for", "; ".join(found["looked_for"]) or "Any service"),
        ("Searched for instead", found["instead"]),
        ("Order", found["order"]),
        ("Found", total),
        ("Signed", f"{uk_datetime(shortlist.closed_at)}, by {shortlist.closed_by_name}"),
        ("SHA-256 of the record", shortlist.closed_sha256),
    ]
    return {
        "title": f"Shortlist: {shortlist.name}",
        "school": found["school"],
        "sha256": shortlist.closed_sha256,
        "facts": [[key, value] for key, value in facts if value],
        "means": MEANS,
        "kept": [_service(each) for each in shortlist.kept],
        "left_out": [_service(each) for each in shortlist.left_out],
    }


def _service(each: ListedService) -> dict[str, Any]:
    found = each.found
    return {
        "name": f"{each.place}. {each.name}",
        "reason": each.reason,
        "summary": found["summary"],
        "facts": [
            *found["facts"],
            *([about, ". ".join(said) + "."] for about, said in _fits(found) if said),
        ],
    }


def _fits(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [("Fits", found["fits"]), ("Does not fit", found["misfits"])]
