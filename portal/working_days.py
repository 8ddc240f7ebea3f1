"""Working days in England: Monday to Friday, without the bank holidays of England and Wales.

The bank holidays are those that the government has published (gov.uk/bank-holidays), as the package
`govuk-bank-holidays` carries them: nothing is asked of the network. Beyond `KNOWN_UNTIL` only weekends are
known, and a page that counts so far says it.
"""

from datetime import date, timedelta

from govuk_bank_holidays.bank_holidays import BankHolidays

_HOLIDAYS: dict[date, str] = {
    holiday["date"]: holiday["title"]
    for holiday in BankHolidays(use_cached_holidays=True).get_holidays(division="england-and-wales")
}
KNOWN_UNTIL = date(max(_HOLIDAYS).year, 12, 31)
"""The last day for which bank holidays are known."""


def bank_holiday(day: date) -> str | None:
    """The name of the bank holiday on this day, if it is one: 'Good Friday'."""
    return _HOLIDAYS.get(day)


def is_working_day(day: date) -> bool:
    """Whether people are at work on this day."""
    return day.weekday() < 5 and day not in _HOLIDAYS


def weekdays_between(first: date, last: date, weekday: int) -> int:
    """How many of this weekday (0: Monday) lie from `first` to `last`, both counted, no bank holidays."""
    start = first + timedelta(days=(weekday - first.weekday()) % 7)
    if start > last:
        return 0
    holidays = sum(start <= day <= last and day.weekday() == weekday for day in _HOLIDAYS)
    return (last - start).days // 7 + 1 - holidays


def add_working_days(day: date, count: int) -> date:
    """The working day that is `count` working days after `day`, which itself is not counted.

    With 0 the day itself, or the next working day after a weekend or holiday. Raises `ValueError` for a
    negative count.
    """
    if count < 0:
        raise ValueError(f"working days are counted forwards, not by {count}")
    left = count or (0 if is_working_day(day) else 1)
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first` up to and including `last`; negative when it is earlier."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))
