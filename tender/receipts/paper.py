"""A receipt as PDF: tagged for screen readers (PDF/UA-1), the same bytes each time, readable by machines.

Its number and SHA-256 are among its keywords, so that the file alone can be checked.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import typst

from portal.storage.refusals import in_megabytes
from portal.web.filters import plural
from tender.applications.receipts import certified_at, exact_moment

TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "receipts" / "receipt.typ"
PROVES = (
    "What counts is the moment at which the application reached the portal, by the portal's own clock, "
    "before any other work was done. One that reaches it at the closing time itself is too late.",
    "A SHA-256 is a fingerprint: it changes when a single character does. With the fingerprints below you "
    "and we can show that what is judged is what was submitted. Anyone who has this receipt can check it in "
    "the portal, under “Check a receipt”.",
)


def receipt_pdf(receipt: Mapping[str, Any], *, council: str) -> bytes:
    """The PDF of a receipt (a row of `applications.queries.receipts_of`)."""
    data = json.dumps(_data(receipt, council))
    compiler = typst.Compiler(
        str(TEMPLATE), root=str(TEMPLATE.parent), ignore_system_fonts=True, sys_inputs={"data": data}
    )
    last = receipt["withdrawn_at"] or receipt["submitted_at"]
    written = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(last.timestamp()))
    assert isinstance(written, bytes)
    return written


def code_in(stream: BinaryIO) -> tuple[str, str] | None:
    """The number and SHA-256 that a receipt's PDF carries; None for any other file."""
    try:
        with pikepdf.open(stream) as document:
            keywords = str(document.docinfo.get("/Keywords", ""))
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return None
    number = re.search(r"\bAP-\d{4}-\w{4}-\w{4}\b", keywords)
    digest = re.search(r"\b[0-9a-f]{64}\b", keywords)
    return (number[0], digest[0]) if number and digest else None


def _data(receipt: Mapping[str, Any], council: str) -> dict[str, Any]:
    manifest = receipt["manifest"]
    withdrawn = receipt["withdrawn_at"]
    return {
        "title": f"Receipt {receipt['number']}: application submitted",
        "council": council,
        "number": receipt["number"],
        "sha256": receipt["sha256"],
        "code": [receipt["number"], receipt["sha256"]],
        "withdrawn": f"It was withdrawn at {exact_moment(withdrawn)}." if withdrawn else None,
        "facts": _facts(receipt, manifest),
        "proves": PROVES,
        "answers": [[_named(each), str(each["version"]), each["sha256"]] for each in manifest["answers"]],
        "files": [_file(each) for each in manifest["files"]],
        "promised": [_file(each) for each in manifest.get("promised", ())],
    }


def _facts(receipt: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[list[str]]:
    certified = certified_at(manifest)
    certificate = manifest.get("certificate") or {}
    facts = [
        ("Submitted", exact_moment(receipt["submitted_at"])),
        ("By", f"{manifest['submitted_by']}, {manifest['provider']}"),
        ("For", f"{manifest['framework']['title']}, round {manifest['round']}"),
        ("Reference", manifest["framework"]["reference"]),
        ("Pack", f"Version {manifest['pack_version']}" if manifest.get("pack_version") else ""),
        ("Lots", _lots(manifest["lots"])),
        ("Left out", _lots(manifest.get("left_out", ()))),
        (
            "Certified",
            f"By {certificate['by']}, {exact_moment(certified)}. “{certificate['statement']}”"
            if certified
            else "",
        ),
        ("Declared", f"“{manifest['declaration']}”"),
        (
            "We hold",
            f"{plural(len(manifest['answers']), 'answer')} and {plural(len(manifest['files']), 'file')}",
        ),
    ]
    return [[key, value] for key, value in facts if value]


def _file(each: Mapping[str, Any]) -> list[str]:
    return [each["name"], _named(each), in_megabytes(each["size"]), each["sha256"]]


def _lots(lots: Any) -> str:
    return "; ".join(f"Lot {lot['number']}: {lot['title']}" for lot in lots)


def _named(each: Mapping[str, Any]) -> str:
    return str(each["title"]) + (f" (lot {each['lot']})" if each["lot"] else "")
