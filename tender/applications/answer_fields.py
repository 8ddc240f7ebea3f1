"""The form field for each kind of question. Nothing has to be filled: an answer is kept as far as it goes."""

from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.web.fields import DecimalNumberField, MoneyField, PostcodeField, UKDateField, WholeNumberField
from portal.web.grid_fields import GridField
from tender.applications.grids import (
    TRANSPORT,
    UNITS,
    Column,
    columns_of,
    most_rows,
    prices_of,
    rows_to_draw,
    units_of,
)
from tender.applications.values import YES_OR_NO
from tender.frameworks.pack import AskedQuestion

ONE_LINE = 20  # words: a short answer up to this limit has a box of one line
LONGEST_CELL = 500  # characters

_TYPED: dict[str, Callable[..., Field]] = {
    "money": MoneyField,
    "number": WholeNumberField,
    "date": UKDateField,
    "postcode": PostcodeField,
}


def field_for(asked: AskedQuestion, *, filled: int = 0, rows: int = 0) -> Field:
    """The field for a question that is not a file question. A table has its `filled` rows, and empty ones up
    to `rows`."""
    optional = [Optional()]
    if places := asked.kind == "number" and asked.shape.get("places"):
        return DecimalNumberField(asked.title, validators=optional, noun=asked.title, places=places)
    if asked.kind in _TYPED:
        return _TYPED[asked.kind](asked.title, validators=optional, noun=asked.title)
    if asked.kind in ("yes_no", "choice"):
        choices = dict(YES_OR_NO if asked.kind == "yes_no" else asked.options)
        return RadioField(asked.title, choices=choices, validate_choice=False, validators=optional)
    if asked.kind == "choices":
        return SelectMultipleField(asked.title, choices=dict(asked.options), validators=optional)
    if asked.kind == "declaration":
        return BooleanField(asked.text)
    if asked.kind == "table":
        return _table(asked, filled, rows)
    if asked.kind == "rate_card":
        return _rate_card(asked)
    one_line = asked.kind == "short_text" and (asked.word_limit or 0) <= ONE_LINE
    return (StringField if one_line else TextAreaField)(asked.title, validators=optional)


def _table(asked: AskedQuestion, filled: int, wanted: int) -> Field:
    parts = {column.code: _part(column, column.label) for column in columns_of(asked.kind, asked.shape)}
    rows = rows_to_draw(asked.shape, filled, wanted)
    return GridField(asked.title, parts=parts, rows=rows, most=max(filled, most_rows(asked.shape)))


def _rate_card(asked: AskedQuestion) -> Field:
    """The prices unit by unit, each under its group size."""
    columns = columns_of(asked.kind, asked.shape)
    units = {unit: prices_of(unit, asked.shape) for unit in units_of(asked.shape)}
    legends = [(UNITS[unit], [code for code, _ in prices]) for unit, prices in units.items()]
    legends += [(column.label, [TRANSPORT]) for column in columns if column.code == TRANSPORT]
    groups = {code: group for prices in units.values() for code, group in prices}
    parts = {column.code: _part(column, groups.get(column.code) or "Price") for column in columns}
    return GridField(asked.title, parts=parts, legends=legends)


def _part(column: Column, label: str) -> Field:
    """One part of a row; it may stay empty, and does not say so at every box."""
    named: dict[str, Any] = {"noun": column.label}
    if column.kind in _TYPED:
        return _TYPED[column.kind](label, **named)
    too_long = Length(max=LONGEST_CELL, message=f"Use at most {LONGEST_CELL} characters in one box.")
    return StringField(label, filters=[_stripped], validators=[too_long])


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
