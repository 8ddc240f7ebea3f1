"""The file of a published notice, opened and read key by key, with a sentence for all that can be wrong.

``open_release`` finds the release to read in an Open Contracting Data Standard (OCDS) 1.1 release package;
``Section`` reads the values of one object in it and refuses those of the wrong kind by their full name, so
that whoever uploaded the file can tell its publisher what to correct.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.clock import LONDON
from portal.errors import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_RELEASES = 1000
_LARGEST_AMOUNT = Decimal(10) ** 12
_YEARS = range(1990, 2200)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?P<time>[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
# What no database column or page can carry: control characters but line breaks and tabs, half surrogates.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DOWNLOAD = (
    "Download the notice again as OCDS (JSON) from Find a Tender or Contracts Finder, and upload that file."
)
_LIKELY_FILES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a Word, Excel or zip file"),
    (b"<", "a web page or XML"),
)


class NoticeUnreadable(Refusal):
    """The file cannot be read as a published notice; the sentence says why and what to do."""

    sentence = f"This file cannot be read as a published notice. {_DOWNLOAD}"


@dataclass(frozen=True, slots=True)
class Section:
    """One object of the notice, and its name in the file (``tender.value``) for sentences about it.

    Every reader gives None for a key that is absent or null and raises NoticeUnreadable for a value of the
    wrong kind.
    """

    name: str
    values: Mapping[str, Any]

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.values.get(key) is not None

    def text(self, key: str, longest: int = 255) -> str | None:
        """Text without surrounding space and unprintable characters; a number counts. None when blank."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | Decimal):
            raise self._wrong(key, "text")
        cleaned = _UNPRINTABLE.sub("", str(value)).replace("\u00a0", " ").strip()
        if len(cleaned) > longest:
            raise NoticeUnreadable(
                f"{self._full(key)} is longer than {longest:,} characters. Shorten it in the file, "
                "or ask who published the notice."
            )
        return cleaned or None

    def line(self, key: str, longest: int = 500) -> str | None:
        """Text on one line, as a title is."""
        return " ".join((self.text(key, longest) or "").split()) or None

    def flag(self, key: str) -> bool:
        """True for a JSON true; False for false and where nothing stands."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value is True

    def amount(self, key: str) -> Decimal | None:
        """An amount of money, exact to the penny."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise self._wrong(key, "a number")
        if not 0 <= value < _LARGEST_AMOUNT:
            raise NoticeUnreadable(
                f"{self._full(key)} is {_shown(value)}, which cannot be the value of a framework. "
                "Correct it in the file and upload it again."
            )
        return abs(value.quantize(Decimal("0.01")))

    def moment(self, key: str, *, day_ends: bool = False) -> datetime | None:
        """A date and time, aware, in UTC.

        Where the notice gives no zone it is UK time; where it gives a day alone, the start of that day or,
        with     ``day_ends``, its last second.
        """
        value = self.values.get(key)
        if value is None:
            return None
        found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise self._wrong(key, "a date like 2026-03-04T11:00:00Z")
        try:
            moment = datetime.fromisoformat(found[0].upper())
        except ValueError:
            raise self._wrong(key, "a date that exists") from None
        if moment.year not in _YEARS:
            raise self._wrong(key, "a date of our time")
        if not found["time"] and day_ends:
            moment = datetime.combine(moment, time(23, 59, 59))
        return (moment if found["zone"] else moment.replace(tzinfo=LONDON)).astimezone(UTC)

    def gives_day_alone(self, key: str) -> bool:
        """Whether the key holds a day without a time of day."""
        return len(str(self.values.get(key) or "")) == len("2026-03-04")

    def section(self, key: str) -> "Section":
        """The object under the key; an empty one where nothing stands."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            raise self._wrong(key, "an object with named values")
        return Section(self._full(key), value or {})

    def sections(self, key: str, most: int = 500) -> "list[Section]":
        """The objects of the list under the key, numbered from 1 in their names."""
        value = self._list(key, most)
        named = [(f"{self._full(key)}[{number}]", item) for number, item in enumerate(value, start=1)]
        for name, item in named:
            if not isinstance(item, dict):
                raise NoticeUnreadable(f"{name} is {_shown(item)}, where an object belongs. {_DOWNLOAD}")
        return [Section(name, item) for name, item in named]

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the list under the key."""
        items = {str(number): item for number, item in enumerate(self._list(key, 100), start=1)}
        found = (Section(self._full(key), items).text(number) for number in items)
        return tuple(text for text in found if text)

    def _list(self, key: str, most: int) -> list[Any]:
        value = self.values.get(key)
        if value is not None and not isinstance(value, list):
            raise self._wrong(key, "a list")
        if value and len(value) > most:
            raise NoticeUnreadable(
                f"{self._full(key)} holds {len(value):,} entries; at most {most:,} can be read."
            )
        return value or []

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _wrong(self, key: str, wanted: str) -> NoticeUnreadable:
        shown = _shown(self.values.get(key))
        return NoticeUnreadable(
            f"{self._full(key)} is {shown}, which is not {wanted}. "
            "Correct it in the file and upload it again."
        )


def open_release(data: bytes) -> tuple[Section, Section, list[str]]:
    """The package, the newest release in it that has a tender, and warnings about the choice.

    A file that holds a single release without a package is read too. Raises NoticeUnreadable.
    """
    content = _parsed(_decoded(data))
    if not isinstance(content, dict):
        raise NoticeUnreadable(f"The file is JSON, but not an OCDS release package. {_DOWNLOAD}")
    package = Section("", content)
    if "records" in content and "releases" not in content:
        raise NoticeUnreadable(
            f"The file is an OCDS record package; a release package is needed. {_DOWNLOAD}"
        )
    if "releases" not in content:
        if "ocid" not in content and "tender" not in content:
            raise NoticeUnreadable(f"The file is JSON, but not an OCDS release package. {_DOWNLOAD}")
        releases = [package]
    else:
        releases = package.sections("releases", MAX_RELEASES)
    if not releases:
        raise NoticeUnreadable(
            f"The release package holds no releases, so there is no notice to read. {_DOWNLOAD}"
        )
    return package, *_newest(releases)


def _newest(releases: list[Section]) -> tuple[Section, list[str]]:
    """The newest of the releases that have a tender; between equals the later in the file."""
    with_tender = [release for release in releases if release.section("tender").values]
    if not with_tender:
        raise NoticeUnreadable(
            "The notice has no tender section, so it names no lots and no dates. "
            "Upload the tender or contract notice, not a planning or award notice."
        )
    long_ago = datetime.min.replace(tzinfo=UTC)
    newest = max(reversed(with_tender), key=lambda release: release.moment("date") or long_ago)
    if len(releases) == 1:
        return newest, []
    warnings = [f"The file holds {len(releases)} releases. We read the newest one with a tender."]
    if len({release.text("ocid") for release in releases}) > 1:
        warnings.append(
            "The releases in the file belong to different procurements. Check that this is the right one."
        )
    return newest, warnings


def _decoded(data: bytes) -> str:
    """The text of the file, in whichever of UTF-8, UTF-16 and UTF-32 it is."""
    if len(data) > MAX_BYTES:
        raise NoticeUnreadable(
            f"The file is larger than {MAX_BYTES // 1024**2} MB, which no notice is. "
            "Check that you chose the notice and not an export of many."
        )
    for start, kind in _LIKELY_FILES:
        if data.lstrip().startswith(start):
            raise NoticeUnreadable(f"This looks like {kind}, not a notice in JSON. {_DOWNLOAD}")
    try:
        text = data.decode(json.detect_encoding(data)).lstrip("\ufeff")
    except UnicodeDecodeError:
        raise NoticeUnreadable(f"The file is not text in UTF-8 or UTF-16. {_DOWNLOAD}") from None
    if not text.strip():
        raise NoticeUnreadable(f"The file is empty. {_DOWNLOAD}")
    return text


def _parsed(text: str) -> Any:
    """The JSON value in the text, every number in it a Decimal or, when it cannot be one, its text."""
    try:
        return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=str)
    except json.JSONDecodeError as error:
        raise NoticeUnreadable(
            f"The file is not valid JSON: something is wrong or missing at line {error.lineno}, "
            f"column {error.colno}. {_DOWNLOAD}"
        ) from None
    except RecursionError:
        raise NoticeUnreadable(f"The JSON is nested far deeper than any notice is. {_DOWNLOAD}") from None


def _number(literal: str) -> Decimal | str:
    try:
        return Decimal(literal)
    except InvalidOperation:
        return literal


def _shown(value: object) -> str:
    """A short form of a wrong value for a sentence."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    shown = _UNPRINTABLE.sub("", str(value))
    return f"“{shown[:60]}…”" if len(shown) > 60 else f"“{shown}”"
