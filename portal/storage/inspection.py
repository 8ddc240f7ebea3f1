"""Looking into a file before it is kept: is it what it says, whole, readable, and harmless?

A type detector reads the first bytes only; macros, passwords, scripts and decompression bombs sit deeper.
So each kind is opened with a parser of its own (`pdf`, `office`, `images`). Nothing here fetches,
unpacks to disk or runs anything, and no more of the file is held in memory than the parser needs.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from portal.storage import images, office, pdf
from portal.storage.filenames import clean_filename, ending_of
from portal.storage.refusals import (
    Disguised,
    EmptyFile,
    PasswordProtected,
    TooLarge,
    TypeNotAccepted,
    in_megabytes,
)

BLOCK = 1024 * 1024
_SIGNATURE_BYTES = 4096
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Kind:
    """A kind of file that the portal can look into."""

    name: str
    article_name: str
    media_type: str
    endings: tuple[str, ...]
    examine: Callable[[BinaryIO, str], None]
    signature: str


KINDS = {
    "pdf": Kind("PDF", "a PDF", "application/pdf", ("pdf",), pdf.examine, "pdf"),
    "docx": Kind(
        "Word (.docx)",
        "a Word document (.docx)",
        f"{_OFFICE}wordprocessingml.document",
        ("docx",),
        office.examine_docx,
        "docx",
    ),
    "xlsx": Kind(
        "Excel (.xlsx)",
        "an Excel workbook (.xlsx)",
        f"{_OFFICE}spreadsheetml.sheet",
        ("xlsx",),
        office.examine_xlsx,
        "xlsx",
    ),
    "jpeg": Kind(
        "JPEG (.jpg)",
        "a JPEG picture",
        "image/jpeg",
        ("jpg", "jpeg", "jpe", "jfif"),
        images.examine_jpeg,
        "jpg",
    ),
    "png": Kind("PNG", "a PNG picture", "image/png", ("png",), images.examine_png, "png"),
}
_BY_ENDING = {ending: kind for kind, described in KINDS.items() for ending in described.endings}
_CURES = {
    "doc": "Open it in Word and save it as .docx.",
    "odt": "Save it as .docx or as a PDF.",
    "rtf": "Save it as .docx or as a PDF.",
    "pages": "In Pages choose File, Export to, Word or PDF.",
    "docm": "Open it in Word and save it as .docx.",
    "xls": "Open it in Excel and save it as .xlsx.",
    "xlsm": "Open it in Excel and save it as .xlsx.",
    "ods": "Save it as .xlsx.",
    "numbers": "In Numbers choose File, Export to, Excel.",
    "heic": "Save the picture as a JPEG.",
    "zip": "Unpack it and upload the files one by one.",
    "": "Its name has no ending such as .pdf: add the right one.",
}


@dataclass(frozen=True)
class Inspection:
    """What was found: `size` in bytes, `sha256` in lower-case hexadecimal, `extension` a name in `KINDS`."""

    media_type: str
    extension: str
    size: int
    sha256: str


def inspect(stream: BinaryIO, filename: str, *, accepted: frozenset[str], limit: int) -> Inspection:
    """Examine a seekable `stream` called `filename` and leave it at its beginning.

    `accepted` holds names out of `KINDS`, `limit` is in bytes. Raises a subclass of `FileRefused`
    whose sentence says what is wrong and what to do; `ValueError` when `accepted` names an unknown kind.
    """
    name = clean_filename(filename)
    size = stream.seek(0, os.SEEK_END)
    kind = kind_of(filename, size, accepted=accepted, limit=limit)
    _check_signature(stream, name, kind)
    stream.seek(0)
    KINDS[kind].examine(stream, name)
    sha256 = sha256_of(stream)
    stream.seek(0)
    return Inspection(KINDS[kind].media_type, kind, size, sha256)


def kind_of(filename: str, size: int, *, accepted: frozenset[str], limit: int) -> str:
    """The kind that a file claims to be, by its name and `size` alone: what is known before it is sent.

    Raises as `inspect` does, for an empty file, one that is too large and one of a kind not asked for.
    """
    if not accepted or not accepted <= KINDS.keys():
        raise ValueError(f"accepted must name some of {sorted(KINDS)}, not {sorted(accepted)}")
    name = clean_filename(filename)
    if size <= 0:
        raise EmptyFile(name)
    if size > limit:
        raise TooLarge(name, size=in_megabytes(size, round_up=True), limit=in_megabytes(limit))
    return _claimed_kind(name, accepted)


def kinds_in_words(accepted: frozenset[str]) -> str:
    """The accepted kinds as a page lists them: "PDF, Word (.docx) or JPEG (.jpg)"."""
    names = [described.name for kind, described in KINDS.items() if kind in accepted]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def endings_for(accepted: frozenset[str]) -> str:
    """The value of a file field's `accept` attribute: ".pdf,.docx"."""
    return ",".join(f".{ending}" for ending, kind in _BY_ENDING.items() if kind in accepted)


def _claimed_kind(name: str, accepted: frozenset[str]) -> str:
    ending = ending_of(name)
    kind = _BY_ENDING.get(ending)
    if kind not in accepted:
        cure = _CURES.get(ending, "Save it as one of the kinds below.")
        raise TypeNotAccepted(name, cure=cure, accepted=kinds_in_words(accepted))
    return kind


def _check_signature(stream: BinaryIO, name: str, kind: str) -> None:
    """Refuse content whose first bytes are not those of the kind that the name claims."""
    stream.seek(0)
    head = stream.read(_SIGNATURE_BYTES)
    found = _signatures(head)
    if KINDS[kind].signature in found:
        return
    claimed = KINDS[kind].article_name
    if kind in ("docx", "xlsx") and "doc" in found:
        # Encrypted Office files and those from before 2007 share the OLE container.
        if office.is_encrypted(stream):
            raise PasswordProtected(name)
        raise Disguised(name, claimed=claimed, seems=": it is in the format from before 2007")
    seems = next((other.article_name for other in KINDS.values() if other.signature in found), "")
    if {"docx", "xlsx"} <= found:
        seems = "an Office or ZIP file"
    raise Disguised(name, claimed=claimed, seems=f": it seems to be {seems}" if seems else "")


def _signatures(head: bytes) -> set[str]:
    """The endings of all formats whose signature `head` carries at its very start."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return set()
    return {match.extension.lstrip(".") for match in matches if match.offset == 0}


def sha256_of(stream: BinaryIO) -> str:
    """SHA-256 of all that a seekable `stream` holds, in lower-case hexadecimal."""
    stream.seek(0)
    digest = hashlib.sha256()
    while block := stream.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()
