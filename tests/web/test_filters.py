"""Dates, sums and marks read one way everywhere."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from portal.web.filters import money, number, plural, points, time_left, uk_date, uk_datetime, uk_time

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 6, 12, tzinfo=UTC), "12 noon on Friday 6 March 2026, UK time"),
        (datetime(2026, 7, 1, 8, 30, tzinfo=UTC), "9:30am on Wednesday 1 July 2026, UK time"),
        (datetime(2026, 7, 1, 16, tzinfo=UTC), "5pm on Wednesday 1 July 2026, UK time"),
        (datetime(2026, 6, 30, 23, tzinfo=UTC), "midnight at the start of Wednesday 1 July 2026, UK time"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "1:30am (BST) on Sunday 25 October 2026, UK time"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "1:30am (GMT) on Sunday 25 October 2026, UK time"),
        (None, "not set"),
    ],
)
def test_a_moment_is_told_on_a_clock_in_the_united_kingdom(moment: datetime | None, words: str) -> None:
    assert uk_datetime(moment) == words


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        uk_datetime(datetime(2026, 3, 6, 12))  # noqa: DTZ001 - the subject of the test


def test_a_day_is_the_day_in_the_united_kingdom() -> None:
    assert uk_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"
    assert uk_date(date(2026, 3, 6), weekday=True) == "Friday 6 March 2026"
    assert uk_time(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "12:30am"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=3, hours=4, minutes=59), "3 days 4 hours left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute left"),
        (timedelta(days=2, minutes=5), "2 days left"),
        (timedelta(seconds=59), "less than a minute left"),
        (timedelta(0), "time has passed"),
        (timedelta(days=-1), "time has passed"),
    ],
)
def test_time_left_gives_the_two_largest_units_and_never_rounds_up(left: timedelta, words: str) -> None:
    assert time_left(NOW + left, now=NOW) == words


def test_sums_show_pence_only_where_there_are_some() -> None:
    assert [money(Decimal("1250.5")), money(Decimal(1250)), money(Decimal(-3))] == [
        "£1,250.50",
        "£1,250",
        "-£3",
    ]
    assert money(Decimal(95), pence=True) == "£95.00"


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Fraction(23, 160) * 100, "14.38"),
        (Decimal("12.345"), "12.35"),
        (Decimal("4.50"), "4.5"),
        (Decimal(40), "40"),
        (Fraction(1, 3), "0.33"),
        (Decimal("-0.005"), "-0.01"),
        (0, "0"),
        (None, "not marked"),
    ],
)
def test_marks_round_half_up_from_their_exact_value(
    mark: Fraction | Decimal | int | None, words: str
) -> None:
    assert points(mark) == words


def test_a_mark_that_is_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="exact"):
        points(0.1)  # type: ignore[arg-type]


def test_counts_agree_with_their_noun() -> None:
    assert [plural(1, "file"), plural(0, "file"), plural(1234, "person", "people")] == [
        *("1 file", "0 files", "1,234 people")
    ]
    assert number(1234567) == "1,234,567"
