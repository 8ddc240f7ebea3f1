"""Days on which a council works."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.working_days import (
    KNOWN_UNTIL,
    add_working_days,
    bank_holiday,
    is_working_day,
    working_days_between,
)

THURSDAY_BEFORE_EASTER = date(2026, 4, 2)


def test_easter_lengthens_a_period_by_two_bank_holidays_and_a_weekend() -> None:
    assert add_working_days(THURSDAY_BEFORE_EASTER, 1) == date(2026, 4, 7)
    assert working_days_between(THURSDAY_BEFORE_EASTER, date(2026, 4, 7)) == 1


def test_the_day_from_which_one_counts_is_not_counted() -> None:
    assert add_working_days(date(2026, 3, 6), 10) == date(2026, 3, 20)
    assert working_days_between(date(2026, 3, 6), date(2026, 3, 6)) == 0


def test_no_days_after_a_saturday_is_the_monday() -> None:
    assert add_working_days(date(2026, 3, 7), 0) == date(2026, 3, 9)
    assert add_working_days(date(2026, 3, 6), 0) == date(2026, 3, 6)


def test_a_holiday_on_a_weekend_is_kept_on_its_substitute_day() -> None:
    assert bank_holiday(date(2026, 12, 28)) == "Boxing Day"
    assert not is_working_day(date(2026, 12, 28))


def test_a_bank_holiday_of_scotland_alone_is_a_working_day() -> None:
    assert is_working_day(date(2026, 1, 2))


def test_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(THURSDAY_BEFORE_EASTER, -1)
    assert working_days_between(date(2026, 4, 7), THURSDAY_BEFORE_EASTER) == -1


def test_holidays_are_known_for_the_years_to_come() -> None:
    assert date(2027, 12, 31) <= KNOWN_UNTIL


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 60))
def test_adding_and_counting_agree(day: date, count: int) -> None:
    assert working_days_between(day, add_working_days(day, count)) == count
