"""Answers of several parts: the columns of a table, the prices of a rate card.

A table is kept as a list of rows, a rate card as one row; a row is an object of kept values by the column's
code, in which a rate card leaves out the prices that were not given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tender.frameworks.kinds import MOST_ROWS

GRIDS = ("table", "rate_card")
UNITS = {"day": "A day", "half_day": "A half day", "hour": "An hour"}
DAY = "day"
TRANSPORT = "transport"
NO_SHAPE: Mapping[str, Any] = {}

ROWS_DRAWN = 3  # at least, however few are asked for


@dataclass(frozen=True, slots=True)
class Column:
    """A part of a row: its code, its label and the kind of its value."""

    code: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Grid:
    """An answer as a table of words: the heads of its columns, and its rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def columns_of(kind: str, shape: Mapping[str, Any]) -> tuple[Column, ...]:
    """The parts of a row: a table's columns as the pack has them, a rate card's prices unit by unit."""
    if kind == "table":
        return tuple(Column(*column) for column in shape.get("columns", ()))
    prices = [
        Column(code, f"{UNITS[unit]}, {group}" if group else UNITS[unit], "money")
        for unit in units_of(shape)
        for code, group in prices_of(unit, shape)
    ]
    transport = [Column(TRANSPORT, "Transport for one child, there and back", "money")]
    return (*prices, *(transport if shape.get(TRANSPORT) else ()))


def units_of(shape: Mapping[str, Any]) -> tuple[str, ...]:
    """The units that a rate card asks a price for, the longest first."""
    return tuple(unit for unit in UNITS if unit in shape.get("units", ("day",)))


def prices_of(unit: str, shape: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The code of each price of a rate card's unit, with its group size in words ("" where there is one)."""
    return tuple((f"{unit}.{code}", label) for code, label in shape.get("group_sizes") or ()) or ((unit, ""),)


def rates_of(unit: str, shape: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Decimal]]:
    """What a rate card says for a unit: each group size in words with pounds, in the order of asking.

    Only what was given as the price of this unit; nothing is worked out from another.
    """
    if unit in units_of(shape) and isinstance(value, Mapping):
        yield from ((group, Decimal(value[code])) for code, group in prices_of(unit, shape) if code in value)


def rows_to_draw(shape: Mapping[str, Any], kept: int, wanted: int = 0) -> int:
    """How many rows of a table are drawn when `kept` are filled and somebody asks for `wanted`."""
    drawn = max(ROWS_DRAWN, shape.get("least_rows") or 0, kept, wanted)
    return max(kept, min(drawn, most_rows(shape)))


def most_rows(shape: Mapping[str, Any]) -> int:
    """The most rows that a table may have."""
    return min(shape.get("most_rows") or MOST_ROWS, MOST_ROWS)
