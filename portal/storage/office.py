"""Word and Excel files (Office Open XML, ECMA-376): a ZIP of parts, with relations between them.

Looked at: the size before unpacking, checksums, the content types (what the file really is), macros, parts
that are other files, and relations that make a reader's computer fetch something.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote
from xml.parsers import expat

from portal.storage.refusals import (
    Damaged,
    Disguised,
    EmbeddedFiles,
    ExternalLinks,
    Macros,
    PasswordProtected,
    UnpacksTooLarge,
)

MOST_PARTS = 5_000
LARGEST_UNPACKED = 256 * 1024 * 1024  # bytes, all parts together
LARGEST_INDEX = 8 * 1024 * 1024  # bytes: the content types, or the relations of one part
HIGHEST_RATIO = 100
SMALL_ENOUGH = 16 * 1024 * 1024  # bytes: below this a high ratio harms nobody

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED_FLAG = 0x1
_BLOCK = 1024 * 1024
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
_MACRO_TYPES = ("macroenabled", "vbaproject", "macrosheet")
# A drive letter, or a relative path: neither two slashes (another computer) nor a scheme such as https.
_ON_THIS_COMPUTER = re.compile(r"(file:/{3})?[a-z]:|(?![/\\]{2}|[a-z][a-z0-9+.-]+:)", re.IGNORECASE)
_WHAT = {
    "attachedtemplate": "its template",
    "oleobject": "an object",
    "image": "a picture",
    "externallinkpath": "figures of another workbook",
}


@dataclass(frozen=True)
class Package:
    """What one kind of Office file is called and where its content types say so."""

    claimed: str
    main_type: str


DOCX = Package(
    "a Word document (.docx)",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
)
XLSX = Package(
    "an Excel workbook (.xlsx)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
)


def examine_docx(stream: BinaryIO, name: str) -> None:
    """Raise the refusal that fits, or return when the Word document is fit to be kept."""
    _examine(stream, name, DOCX)


def examine_xlsx(stream: BinaryIO, name: str) -> None:
    """Raise the refusal that fits, or return when the Excel workbook is fit to be kept."""
    _examine(stream, name, XLSX)


def is_encrypted(stream: BinaryIO) -> bool:
    """Whether an OLE container holds an Office file encrypted with a password ([MS-OFFCRYPTO] 2.3.1).

    Its directory then names a stream "EncryptedPackage", in UTF-16.
    """
    wanted = "EncryptedPackage".encode("utf-16-le")
    stream.seek(0)
    rest = b""
    while block := stream.read(_BLOCK):
        if wanted in rest + block:
            return True
        rest = block[-len(wanted) :]
    return False


def _examine(stream: BinaryIO, name: str, package: Package) -> None:
    size = stream.seek(0, 2)
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            _check_sizes(parts, size, name)
            _check_parts(parts, name)
            _check_content_types(archive, name, package)
            for part in parts:
                if part.filename.lower().endswith(".rels"):
                    _check_relations(archive, part, name)
            _check_whole(archive, parts)
    except _BROKEN as error:
        raise Damaged(name) from error


def _check_sizes(parts: list[zipfile.ZipInfo], size: int, name: str) -> None:
    """Refuse a bomb by what the directory announces; a part that lies about its size fails its checksum."""
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
        raise UnpacksTooLarge(name)
    if unpacked > SMALL_ENOUGH and unpacked > HIGHEST_RATIO * size:
        raise UnpacksTooLarge(name)
    indexes = [part for part in parts if part.filename.lower().endswith((".rels", "[content_types].xml"))]
    if any(part.file_size > LARGEST_INDEX for part in indexes):
        raise UnpacksTooLarge(name)


def _check_parts(parts: list[zipfile.ZipInfo], name: str) -> None:
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise PasswordProtected(name)
    # Two parts of one name: this check would read one, the reader's program the other.
    if len(set(names)) != len(names) or any(part.compress_type not in _METHODS for part in parts):
        raise Damaged(name)
    if any("vbaproject" in part or "/macrosheets/" in part for part in names):
        raise Macros(name, claimed=_claimed(name))
    # A chart keeps its figures as a workbook inside; anything else in that folder is somebody's file.
    if any("/embeddings/" in part and not part.endswith((".xlsx", "/")) for part in names):
        raise EmbeddedFiles(name)


def _check_content_types(archive: zipfile.ZipFile, name: str, package: Package) -> None:
    part = next((p for p in archive.infolist() if p.filename.lower() == "[content_types].xml"), None)
    if part is None:
        raise Disguised(name, claimed=package.claimed, seems=": it seems to be a ZIP file")
    given = _elements(archive, part, ("Override", "Default"))
    types = {element.get("ContentType", "").lower() for element in given}
    if any(macro in content_type for content_type in types for macro in _MACRO_TYPES):
        raise Macros(name, claimed=package.claimed)
    if package.main_type not in types:
        other = XLSX if package is DOCX else DOCX
        seems = f": it seems to be {other.claimed}" if other.main_type in types else ""
        raise Disguised(name, claimed=package.claimed, seems=seems)


def _check_relations(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Refuse what a reader's program would fetch by itself; a hyperlink waits for a click.

    A template or a linked workbook on the writer's own disk is common and reaches nobody.
    """
    for relation in _elements(archive, part, ("Relationship",)):
        kind = relation.get("Type", "").rpartition("/")[2].lower()
        if kind == "vbaproject":
            raise Macros(name, claimed=_claimed(name))
        if relation.get("TargetMode", "").lower() != "external" or kind == "hyperlink":
            continue
        if kind == "oleobject" or not _ON_THIS_COMPUTER.match(unquote(relation.get("Target", "")).strip()):
            raise ExternalLinks(name, what=_WHAT.get(kind, "something"))


def _claimed(name: str) -> str:
    return (XLSX if name.lower().endswith(".xlsx") else DOCX).claimed


def _elements(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, wanted: tuple[str, ...]
) -> list[dict[str, str]]:
    """The attributes of the wanted elements of a part, whatever their namespace.

    A document type declaration counts as broken: Office writes none, and entities make XML a bomb.
    """
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] in wanted:
            found.append(attributes)

    def refuse(*_: object) -> None:
        raise ValueError("a document type declaration")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    with archive.open(part) as content:
        parser.ParseFile(content)
    return found


def _check_whole(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Read every part once, a block at a time: `zipfile` raises when the checksum or the length is wrong."""
    for part in parts:
        with archive.open(part) as content:
            while content.read(_BLOCK):
                pass
