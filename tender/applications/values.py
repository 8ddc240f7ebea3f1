"""Answers' values: the one form in which each kind is kept, how it reads in words, and its SHA-256.

Kept as JSON: text for most kinds (`"95.50"`, `"12"`, `"2026-03-06"`, `"yes"`, `"M3 5BS"`), a list of texts
for `choices`, a list of objects for a `table`, an object for a `rate_card` (see `grids`), and null for a file
question, whose answer is its documents. A declaration that was made is `"yes"`. `shape` is the question's own
(`pack.SHAPES`); tables, rate cards and numbers look at it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.web.filters import money, number, uk_date
from portal.web.words import count_words
from tender.applications.grids import (
    GRIDS,
    NO_SHAPE,
    TRANSPORT,
    UNITS,
    Column,
    Grid,
    columns_of,
    prices_of,
    units_of,
)

YES = "yes"
NO = "no"
YES_OR_NO = ((YES, "Yes"), (NO, "No"))

Options = Sequence[Sequence[str]]
Shape = Mapping[str, Any]


def is_blank(value: Any) -> bool:
    """Whether nothing was answered."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def checked(kind: str, options: Options, value: Any, shape: Shape = NO_SHAPE) -> Any:
    """`value` when it is one that this kind of question can have, in its one form.

    Raises `ValueError` otherwise: forms refuse such a value with a sentence before it gets here.
    """
    if kind == "file" or is_blank(value):
        return _nothing(kind)
    if kind in GRIDS:
        return _checked_grid(kind, columns_of(kind, shape), value)
    allowed = {option[0] for option in options}
    if kind == "choices":
        chosen = set(value)
        if not isinstance(value, list) or not chosen <= allowed:
            raise ValueError(f"not among the options: {sorted(chosen - allowed)}")
        return [option[0] for option in options if option[0] in chosen]
    if not isinstance(value, str):
        raise ValueError(f"the value of a {kind} question is text, not {type(value).__name__}")
    if kind == "choice" and value not in allowed:
        raise ValueError(f"not among the options: {value}")
    if kind in ("yes_no", "declaration") and value not in (YES, NO):
        raise ValueError(f"neither yes nor no: {value}")
    if kind == "number":
        return plain_number(_parsed(kind, value, shape))
    if kind in ("money", "date"):
        _parsed(kind, value)
    return value


def plain_number(value: Any) -> str:
    """A number in its one spelling: '12.5', whether '12.5' or '12.50' was given; '1200'."""
    if isinstance(value, int):
        return str(value)
    return f"{value.normalize():f}" if value else "0"


def _nothing(kind: str) -> Any:
    """What is kept where nothing was answered."""
    if kind in ("choices", "table"):
        return []
    return {"rate_card": {}, "file": None}.get(kind, "")


def _checked_grid(kind: str, columns: Sequence[Column], value: Any) -> Any:
    """A table without its empty rows, or a rate card without the prices that were not given."""
    rows = [value] if kind == "rate_card" else value
    codes = {column.code for column in columns}
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) <= codes for row in rows):
        raise ValueError(f"the value of a {kind} question is made of its columns: {sorted(codes)}")
    found = [
        {column.code: checked(column.kind, (), row.get(column.code, "")) for column in columns}
        for row in rows
    ]
    if kind == "rate_card":
        return {code: price for code, price in found[0].items() if price}
    return [row for row in found if any(row.values())]


def _parsed(kind: str, value: str, shape: Shape = NO_SHAPE) -> Decimal | int | date:
    """The number, sum or day that `value` spells; a number with no more decimal places than its question's
    shape allows. Raises `ValueError`."""
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "number":
        places = shape.get("places") or 0
        if not places:
            return int(value)
        if not re.fullmatch(rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?", value):
            raise ValueError(f"not a number with up to {places} decimal places: {value}")
        return Decimal(value)
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", value):
        raise ValueError(f"not a sum of money: {value}")
    return Decimal(value)


def typed_value(kind: str, value: Any, shape: Shape = NO_SHAPE) -> Any:
    """What a form field of this kind works with: a `Decimal`, an `int` (a whole number), a `date`, a bool,
    text or a list; for tables and rate cards, a list of rows of such values by the column's code."""
    if kind == "declaration":
        return value == YES
    if is_blank(value):
        return [] if kind == "choices" else None
    if kind in GRIDS:
        columns = columns_of(kind, shape)
        return [
            {column.code: typed_value(column.kind, row.get(column.code)) for column in columns}
            for row in (value if kind == "table" else [value])
        ]
    return _parsed(kind, value, shape) if kind in ("money", "number", "date") else value


def kept_value(kind: str, data: Any, shape: Shape = NO_SHAPE) -> Any:
    """What is kept of what a form field gave: the other way round from `typed_value`."""
    if kind == "declaration":
        return YES if data else ""
    if data is None:
        return _nothing(kind)
    if kind in GRIDS:
        columns = columns_of(kind, shape)
        rows = [
            {column.code: kept_value(column.kind, row.get(column.code)) for column in columns} for row in data
        ]
        return _checked_grid(kind, columns, rows if kind == "table" else rows[0])
    if kind == "date":
        return data.isoformat()
    if kind == "number":
        return plain_number(data)
    return list(data) if kind == "choices" else str(data)


def in_words(kind: str, options: Options, value: Any, shape: Shape = NO_SHAPE) -> tuple[str, ...]:
    """The answer as people read it, in one line or several; empty when nothing was answered."""
    if is_blank(value) or kind == "file":
        return ()
    if kind == "table":
        columns = _columns_filled(shape, value)
        return tuple("; ".join(_parts(columns, row)) for row in value)
    if kind == "rate_card":
        return tuple(_parts(columns_of(kind, shape), value))
    labels = {option[0]: option[1] for option in (YES_OR_NO if kind == "yes_no" else options)}
    if kind == "choices":
        return tuple(labels.get(chosen, chosen) for chosen in value)
    if kind in ("choice", "yes_no"):
        return (labels.get(value, value),)
    if kind == "declaration":
        return ("Confirmed" if value == YES else "Not confirmed",)
    if kind == "money":
        return (money(Decimal(value)),)
    if kind == "number":
        return (number(Decimal(value)),)
    return (uk_date(date.fromisoformat(value)),) if kind == "date" else (value,)


def grid_of(kind: str, shape: Shape, value: Any) -> Grid | None:
    """An answer of several parts as a table of words; None for the other kinds, and for nothing answered."""
    if kind not in GRIDS or is_blank(value):
        return None
    columns = _columns_filled(shape, value) if kind == "table" else columns_of(kind, shape)
    if kind == "table":
        rows = [tuple(_word(column, row) for column in columns) for row in value]
        return Grid(tuple(column.label for column in columns), tuple(rows))
    units = units_of(shape)
    priced = {column.code: _word(column, value) for column in columns}
    rows = [(UNITS[unit], *(priced[code] for code, _ in prices_of(unit, shape))) for unit in units]
    groups = [group or "Price" for _, group in prices_of("day", shape)]
    if TRANSPORT in priced:
        rows.append((columns[-1].label, priced[TRANSPORT], *[""] * (len(groups) - 1)))
    return Grid(("Price for", *groups), tuple(rows))


def _columns_filled(shape: Shape, rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """A table's columns, and behind them those that a later version of the pack has taken out and in which
    something was typed, named by their codes."""
    columns = columns_of("table", shape)
    known = {column.code for column in columns}
    gone = dict.fromkeys(code for row in rows for code in row if code not in known and row[code])
    return (*columns, *(Column(code, code.replace("_", " ").capitalize(), "short_text") for code in gone))


def _word(column: Column, row: Mapping[str, Any]) -> str:
    """One cell in words."""
    return next(iter(in_words(column.kind, (), row.get(column.code))), "")


def _parts(columns: Sequence[Column], row: Mapping[str, Any]) -> list[str]:
    """The cells of a row that hold something, each after its column's label."""
    return [f"{column.label}: {word}" for column in columns if (word := _word(column, row))]


def words_in(value: Any) -> int:
    """How many words the answer holds, by the one rule (`portal.web.words`)."""
    return count_words(value) if isinstance(value, str) else 0


def canonical_json(value: Any) -> bytes:
    """`value` as JSON in one fixed spelling: keys in order, no needless spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
