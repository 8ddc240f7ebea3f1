"""What an answer has to keep to, said before it is given and when it does not.

An answer that is too long, too large or incomplete is kept as it is and put right before the application is
submitted: nothing typed is lost.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.evidence.document_types import type_name
from portal.evidence.facts import Facts
from portal.web.filters import money, plural, uk_date
from tender.applications.grids import columns_of
from tender.applications.values import Options, is_blank, words_in
from tender.frameworks.words import RANGES, and_, between, rows_between


def words_over(value: Any, word_limit: int | None) -> int:
    """By how many words a text passes its limit; 0 when it does not."""
    return max(0, words_in(value) - word_limit) if word_limit else 0


def fault_of(
    kind: str, shape: Mapping[str, Any], value: Any, *, word_limit: int | None = None, whole: bool = True
) -> str:
    """What is to be put right in a kept answer, to be read after "Your answer is"; empty when nothing is.

    '23 words over the limit of 500. Shorten it before you submit.' A rate card that need not be `whole` may
    leave prices out.
    """
    if is_blank(value):
        return ""
    if over := words_over(value, word_limit):
        return f"{plural(over, 'word')} over the limit of {word_limit:,}. Shorten it before you submit."
    if kind == "table":
        return _wrong_rows(shape, len(value))
    if kind == "rate_card" and whole:
        lacking = [column.label for column in columns_of(kind, shape) if column.code not in value]
        return f"not complete. Still to fill: {'; '.join(lacking)}." if lacking else ""
    if kind in RANGES and _is_outside(kind, shape, value):
        return f"out of range. It must be {between(kind, shape)}. Change it before you submit."
    return ""


def choices_gone(kind: str, known: Options, offered: Options, value: Any) -> str:
    """What is to be put right in an answer from choices that a later version of the pack has taken out, to be
    read as of `fault_of`; empty where it has none. `known` are all that were ever offered."""
    if kind not in ("choice", "choices") or is_blank(value):
        return ""
    there, labels = {code for code, _ in offered}, {code: label for code, label in known}
    given = value if isinstance(value, list) else [value]
    if not (gone := [f"“{labels.get(each, each)}”" for each in given if each not in there]):
        return ""
    taken = f"no longer among the choices: the council has taken {and_(gone)} out"
    return f"{taken}. Choose again before you submit."


def fault_of_documents(shape: Mapping[str, Any], given: Sequence[Facts]) -> str:
    """What is to be put right in the documents of an answer, to be read as of `fault_of`; empty when one of
    them says all that a question of this shape asks for, and where none is given yet."""
    lacking = [facts.lacking(shape) for facts in given]
    if not all(lacking):
        return ""
    named = next(iter(lacking), ())
    return f"not complete. {' '.join(named)} Say it beside the document, or give another." if named else ""


def allowed(kind: str, shape: Mapping[str, Any]) -> str:
    """The sentence beside the box that says what is allowed: 'From 1 to 100.'; empty where all is."""
    if kind == "table":
        rows = rows_between(shape)
        return f"Give {rows}." if rows else ""
    words = between(kind, shape) if kind in RANGES else ""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def needed_of_document(shape: Mapping[str, Any], starts_on: date) -> list[str]:
    """What a document must be, show and cover, a sentence each. `starts_on` is when the framework starts."""
    needed = []
    if code := shape.get("document_type"):
        needed.append(f"We ask for this document: {type_name(code)}.")
    if shape.get("needs_expiry"):
        needed.append(
            "It must say until when it is valid, and be valid until the framework starts, "
            f"on {uk_date(starts_on)}, or longer."
        )
    if cover := shape.get("least_cover"):
        needed.append(f"It must show cover of at least {money(Decimal(cover))}.")
    return needed


def _wrong_rows(shape: Mapping[str, Any], rows: int) -> str:
    least, most = shape.get("least_rows") or 0, shape.get("most_rows") or rows
    has = f"it has {plural(rows, 'row')}"
    if rows < least:
        return f"too short: {has} and needs at least {least}. Add to it before you submit."
    if rows > most:
        return f"too long: {has}, and {most} are the most. Shorten it before you submit."
    return ""


def _is_outside(kind: str, shape: Mapping[str, Any], value: str) -> bool:
    least, most = (shape.get(name) for name in RANGES[kind][:2])
    exact: Any = date.fromisoformat if kind == "date" else Decimal
    return bool((least and exact(value) < exact(least)) or (most and exact(value) > exact(most)))
