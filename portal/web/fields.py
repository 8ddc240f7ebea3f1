"""Form fields for what people in the United Kingdom type: days, times, sums, postcodes, long answers.

Each field accepts the usual spellings, says in a sentence what is wrong with the others, and shows again
exactly what was typed. `noun` is the field's name inside such a sentence ("Closing time must …").
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import StopValidation, ValidationError

from portal import clock
from portal.web.words import WORD_RULE, count_words

__all__ = [
    "WORD_RULE",
    "DaysField",
    "MoneyField",
    "PostcodeField",
    "Required",
    "UKDateField",
    "UKDateTimeField",
    "DecimalNumberField",
    "WholeNumberField",
    "WordLimit",
    "WordLimitedTextArea",
]


class Required:
    """The field must hold something; nought pounds is something, an empty list, an unticked box, or the
    nameless file that a browser sends where none was chosen, is not."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Stop with the sentence; where something was typed but not understood, with that problem alone."""
        if field.errors and any(field.raw_data or ()):
            raise StopValidation()
        empty = field.data is None or field.data is False or field.data in ("", [], ())
        empty = empty or getattr(field.data, "filename", None) == ""
        if empty or (isinstance(field.data, str) and not field.data.strip()):
            field.errors[:] = []
            raise StopValidation(self.sentence)


class WordLimit:
    """At most `words` words, by the one rule (`portal.web.words`)."""

    def __init__(self, words: int) -> None:
        self.words = words
        self.field_flags = {"max_words": words}

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` saying by how much the text is too long."""
        over = count_words(field.data) - self.words
        if over > 0:
            raise ValidationError(
                f"This is {over + self.words:,} words. The limit is {self.words:,}: "
                f"take out {over:,} {'word' if over == 1 else 'words'}."
            )


class WordLimitedTextArea(TextAreaField):
    """A long answer of at most `words` words."""

    def __init__(self, label: str, words: int, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, [*validators, WordLimit(words)], **kwargs)


class _Typed(Field):
    """A one-line field whose value is not text, and which shows again what was typed."""

    expects = "must be filled in another way"
    noun: str

    def __init__(self, label: str, validators: Sequence[Any] = (), *, noun: str = "", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.noun = noun or label

    def _value(self) -> str:
        """What the box shows: what was typed, else the stored value as people write it."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written(self.data)

    def written(self, value: Any) -> str:
        """A stored value as people write it."""
        return str(value)

    def read(self, typed: str) -> Any:
        """The value of what was typed. Raises `ValueError` with a sentence."""
        raise NotImplementedError

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; nothing typed is None."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if typed:
            self.data = self.read(typed)

    def wrong(self, expectation: str) -> ValueError:
        """The refusal of this field."""
        return ValueError(f"{self.noun} {expectation}.")


class MoneyField(_Typed):
    """Pounds as a `Decimal` with two places: '£1,250.50', '1250.5' and '1,250' are understood."""

    def __init__(self, label: str, validators: Sequence[Any] = (), *, most: Decimal = Decimal("999999999.99"),
                 least: Decimal = Decimal(0), **kwargs: Any) -> None:  # fmt: skip
        super().__init__(label, validators, **kwargs)
        self.least, self.most = least, most

    def written(self, value: Decimal) -> str:
        """'1,250' or '1,250.50'."""
        return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"

    def read(self, typed: str) -> Decimal:
        """Pounds and at most two digits of pence."""
        found = re.fullmatch(r"£?\s*((?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2})?)", typed, re.ASCII)
        if found is None:
            raise self.wrong("must be an amount in pounds, such as 1,250 or 1,250.50")
        amount = Decimal(found[1].replace(",", "")).quantize(Decimal("0.01"))
        if not self.least <= amount <= self.most:
            raise self.wrong(f"must be between £{self.written(self.least)} and £{self.written(self.most)}")
        return amount


class WholeNumberField(_Typed):
    """A whole number between `least` and `most`: '1,200' is understood."""

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 999_999,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.least, self.most = least, most

    def read(self, typed: str) -> int:
        """Digits, with or without commas between thousands."""
        if not re.fullmatch(r"\d{1,3}(,\d{3})+|\d{1,9}", typed, re.ASCII):
            raise self.wrong("must be a whole number, such as 12")
        if not self.least <= (value := int(typed.replace(",", ""))) <= self.most:
            raise self.wrong(f"must be between {self.least:,} and {self.most:,}")
        return value


class DecimalNumberField(_Typed):
    """A number with at most so many decimal `places` as a `Decimal`: '1,200.5' is understood."""

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        places: int,
        most: Decimal = Decimal(999_999),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.places, self.most = places, most

    def read(self, typed: str) -> Decimal:
        """Digits, with or without commas between thousands, and what follows a point."""
        found = re.fullmatch(r"((?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d+))?)", typed, re.ASCII)
        if found is None:
            raise self.wrong("must be a number, such as 12 or 12.5")
        if len(found[2] or "") > self.places:
            places = "1 decimal place" if self.places == 1 else f"{self.places} decimal places"
            raise self.wrong(f"must have at most {places}")
        value = Decimal(found[1].replace(",", ""))
        if value > self.most:
            raise self.wrong(f"must be at most {self.most:,f}")
        return value


class OfHundredField(WholeNumberField):
    """A weight in per cent, or a total out of 100: whole or with up to two decimals."""

    def written(self, value: Decimal) -> str:
        """'20' or '12.5'."""
        return f"{value.normalize():f}"

    def read(self, typed: str) -> Decimal:  # type: ignore[override]
        """More than 0 and at most 100."""
        number = typed.removesuffix("%").strip()
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", number, re.ASCII) or not 0 < Decimal(number) <= 100:
            raise self.wrong("must be a number above 0 and up to 100, such as 20 or 12.5")
        return Decimal(number)


class PostcodeField(_Typed):
    """A full UK postcode in capitals with one space: 'm3 5bs' becomes 'M3 5BS'."""

    def read(self, typed: str) -> str:
        """The normalised postcode. The pattern is that of BS 7666 as the government publishes it, loosely."""
        packed = re.sub(r"[\s.\-]", "", typed).upper()
        if not re.fullmatch(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", packed, re.ASCII):
            raise self.wrong("must be a full UK postcode, such as M3 5BS")
        return f"{packed[:-3]} {packed[-3:]}"


class DaysField(TextAreaField):
    """Several days, one on each line, as a list of `date` in order.

    '27 3 2026', '27/3/2026' and 'Friday 27 March 2026' are understood.
    """

    def __init__(self, label: str, validators: Sequence[Any] = (), *, most: int = 30, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.most = most

    def _value(self) -> str:
        """What was typed, else the stored days as people write them."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{day.day} {day:%B %Y}" for day in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines, naming the first that is no day."""
        lines = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]
        self.data = []
        if len(lines) > self.most:
            raise ValueError(f"Enter at most {self.most} days, one on each line.")
        self.data = sorted({self._day(line) for line in lines})

    def _day(self, line: str) -> date:
        parts = re.fullmatch(
            r"(?:[A-Za-z]+,?\s+)?([0-9]{1,2})[\s/.-]+(\w+)[\s/.-]+([12][0-9]{3})", line, re.ASCII
        )
        number = _month_number(parts[2]) if parts else None
        try:
            if parts is None or number is None:
                raise ValueError
            return date(int(parts[3]), number, int(parts[1]))
        except ValueError:
            raise ValueError(
                f"“{line}” is not a day. Write it like 27 3 2026, one day on each line."
            ) from None


class _InParts(Field):
    """A value typed into several boxes, named `<name>-<part>`."""

    parts_asked: tuple[str, ...] = ("day", "month", "year")

    def __init__(self, label: str, validators: Sequence[Any] = (), *, noun: str = "", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.noun = noun or label
        self.parts: dict[str, str] = {}
        self.wrong_parts: set[str] = set()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Gather the boxes. All empty counts as nothing typed."""
        gathered: MultiDict[str, str] | None = None
        if formdata is not None:
            self.parts = {
                part: str(formdata.get(f"{self.name}-{part}", "")).strip() for part in self.parts_asked
            }
            typed = " ".join(filter(None, self.parts.values()))
            gathered = MultiDict({self.name: typed} if typed else {})
        super().process(gathered, data, extra_filters)
        if not any(self.parts.values()) and self.data is not None and not self.raw_data:
            self.parts = self.parts_of(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the boxes, naming those that are empty."""
        self.data = None
        if not valuelist:
            return
        missing = [part for part in self.parts_asked if not self.parts[part]]
        if missing:
            names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
            raise self.wrong(f"must include a {names}", *missing)
        self.data = self.read()

    def wrong(self, expectation: str, *parts: str) -> ValueError:
        """The refusal of this field, marking the boxes that it is about (all of them when none is named)."""
        self.wrong_parts = set(parts or self.parts_asked)
        return ValueError(f"{self.noun} {expectation}.")

    @property
    def first_wrong_id(self) -> str:
        """The id of the box that the error summary leads to."""
        wrong = [part for part in self.parts_asked if part in self.wrong_parts]
        return f"{self.id}-{wrong[0] if wrong else self.parts_asked[0]}"

    def _value(self) -> str:
        """What was typed, in one line."""
        return " ".join(filter(None, self.parts.values()))

    def read(self) -> Any:
        """The value of the boxes. Raises `ValueError` with a sentence."""
        raise NotImplementedError

    def parts_of(self, value: Any) -> dict[str, str]:
        """A stored value, by box."""
        raise NotImplementedError

    def read_day(self) -> date:
        """The day in the first three boxes; months by number or by name, years with four digits."""
        day, month, year = (self.parts[part] for part in ("day", "month", "year"))
        number = _month_number(month)
        if not re.fullmatch(r"[12][0-9]{3}", year):
            raise self.wrong("must have a year of four digits, such as 2026", "year")
        if number is None:
            raise self.wrong("must have a month from 1 to 12", "month")
        if not re.fullmatch(r"[0-9]{1,2}", day):
            raise self.wrong("must have a day from 1 to 31", "day")
        try:
            return date(int(year), number, int(day))
        except ValueError:
            raise self.wrong(f"must be a real day: there is no {day} in that month", "day") from None


class UKDateField(_InParts):
    """A day, in three boxes, as a `date`."""

    def read(self) -> date:
        """The day typed."""
        return self.read_day()

    def parts_of(self, value: date) -> dict[str, str]:
        """Day, month and year as numbers."""
        return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}


class UKDateTimeField(_InParts):
    """A moment, as day and clock time in the United Kingdom, kept as an aware UTC `datetime`."""

    parts_asked = ("day", "month", "year", "time")

    def read(self) -> datetime:
        """The moment typed. A clock time that a clock change leaves out or brings twice is refused."""
        day, at = self.read_day(), _clock_time(self.parts["time"])
        if at is None:
            raise self.wrong("must have a time on the 24-hour clock, such as 12:00 or 17:30", "time")
        first = datetime.combine(day, at, clock.LONDON)
        if first.astimezone(UTC).astimezone(clock.LONDON).replace(tzinfo=None) != first.replace(tzinfo=None):
            raise self.wrong("does not exist: the clocks go forward from 1am to 2am on that day", "time")
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            raise self.wrong(
                "comes twice: the clocks go back from 2am to 1am on that day. Give another", "time"
            )
        return first.astimezone(UTC)

    def parts_of(self, value: datetime) -> dict[str, str]:
        """Day, month, year and time on a clock in the United Kingdom."""
        local = clock.london(value)
        return {
            "day": str(local.day),
            "month": str(local.month),
            "year": str(local.year),
            "time": f"{local:%H:%M}",
        }


_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def _month_number(typed: str) -> int | None:
    """1 to 12 from '3', '03', 'Mar' or 'march'; None for anything else."""
    if re.fullmatch(r"[0-9]{1,2}", typed):
        return int(typed) if 1 <= int(typed) <= 12 else None
    name = typed.lower().rstrip(".")
    starts = [number for number, month in enumerate(_MONTHS, 1) if len(name) >= 3 and month.startswith(name)]
    return starts[0] if starts else None


def _clock_time(typed: str) -> time | None:
    """A time of day from '9:30', '09.30', '5pm' or '12 noon'; None for all else, '12' and midnight too."""
    words = typed.lower().replace(" ", "")
    if words in ("noon", "12noon", "midday"):
        return time(12)
    found = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?", words)
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None
