"""Lists that are typed one a line: choices, columns, group sizes, bands. Readers say which line is wrong.

A line is `label` or `code: label`; the code is what is kept with an answer, and stays when the label changes.
"""

import re
from collections.abc import Iterable, Sequence

from tender.frameworks.pack import Band
from tender.packs.codes import code_from

MOST_LINES = 50
LONGEST_LABEL = 300
COLUMN_KINDS = {"text": "short_text", "number": "number", "money": "money", "date": "date"}
"""The kinds of column by the word that stands in brackets behind the label."""

_CODED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,39}):\s*(.*)")
_BRACKETED = re.compile(rf"(.*\S)\s*\(({'|'.join(COLUMN_KINDS)})\)", re.IGNORECASE)
_BAND = re.compile(r"([0-9]{1,3})\s*[:.]?\s+([^:]+):\s*(.+)")


def pairs_in(text: str) -> tuple[tuple[str, str], ...]:
    """Codes and labels. Raises `ValueError` with a sentence that names the line."""
    pairs: list[tuple[str, str]] = []
    for number, line in _lines(text):
        found = _CODED.fullmatch(line)
        label = found[2].strip() if found else line
        if not label:
            raise ValueError(f"Line {number} has no words after “{line}”.")
        if len(label) > LONGEST_LABEL:
            raise ValueError(f"Line {number} is too long. Use at most {LONGEST_LABEL} characters.")
        codes = [code for code, _ in pairs]
        code = found[1] if found else code_from(label, codes)
        if code in codes:
            raise ValueError(f"Line {number} has the code “{code}”, which an earlier line has.")
        if label in [other for _, other in pairs]:
            raise ValueError(f"Line {number} says the same as an earlier line.")
        pairs.append((code, label))
    return tuple(pairs)


def pairs_as_lines(pairs: Iterable[Sequence[str]]) -> str:
    """The other way round."""
    return "\n".join(f"{code}: {label}" for code, label in pairs)


def columns_in(text: str) -> list[list[str]]:
    """Code, label and kind of each column: 'Cost (money)'. Raises `ValueError` as `pairs_in` does."""
    columns = []
    for code, label in pairs_in(text):
        found = _BRACKETED.fullmatch(label)
        kind = COLUMN_KINDS[found[2].lower()] if found else "short_text"
        plain = found[1] if found else label
        columns.append([code_from(plain, ()) if code == code_from(label, ()) else code, plain, kind])
    return columns


def columns_as_lines(columns: Iterable[Sequence[str]]) -> str:
    """The other way round."""
    columns = list(columns)
    coded = zip(columns, columns_in_words(columns), strict=True)
    return "\n".join(f"{code}: {words}" for (code, *_), words in coded)


def columns_in_words(columns: Iterable[Sequence[str]]) -> list[str]:
    """The columns as people read them: 'Cost (money)'."""
    words = {kind: word for word, kind in COLUMN_KINDS.items()}
    return [f"{label} ({words[kind]})" for _, label, kind in columns]


def values_in(text: str, options: Sequence[tuple[str, str]]) -> list[str]:
    """The codes of the options that are named, by code or by label. Raises `ValueError` for another."""
    by_name = {name.lower(): code for code, label in options for name in (label, code)}
    values = []
    for number, line in _lines(text):
        code = by_name.get(line.lower()) or by_name.get(line.partition(":")[0].strip().lower())
        if code is None:
            raise ValueError(f"Line {number}, “{line}”, is not one of the choices above.")
        values.append(code)
    return list(dict.fromkeys(values))


def bands_in(text: str) -> list[Band]:
    """Bands, a line each: '3 Good: Answers every part'. Raises `ValueError` with a sentence."""
    bands = []
    for number, line in _lines(text):
        found = _BAND.fullmatch(line)
        if found is None:
            raise ValueError(
                f"Line {number} must be points, label, colon, description: “3 Good: Answers every part”."
            )
        bands.append(Band(int(found[1]), found[2].strip(), found[3].strip()))
    return sorted(bands, key=lambda band: band.points)


def bands_as_lines(bands: Iterable[Band]) -> str:
    """The other way round."""
    return "\n".join(f"{band.points} {band.label}: {' '.join(band.descriptor.split())}" for band in bands)


def _lines(text: str) -> list[tuple[int, str]]:
    found = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(found) > MOST_LINES:
        raise ValueError(f"These are {len(found)} lines. Use at most {MOST_LINES}.")
    return found
