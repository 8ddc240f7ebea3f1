"""How figures, dates and sums read on a page, in a letter and in an e-mail: one wording for each.

Plain functions, so that letters and exports use the same words as pages; `FILTERS` names them for templates.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from portal import clock
from portal.audit.words import happened

NOT_SET = "not set"


def uk_datetime(moment: datetime | None, empty: str = NOT_SET) -> str:
    """'12 noon on Friday 6 March 2026, UK time'. Raises `ValueError` for a moment without a zone."""
    if moment is None:
        return empty
    local = _local(moment)
    if (local.hour, local.minute) == (0, 0):
        return f"midnight at the start of {_long_day(local)}, UK time"
    return f"{_time(local)} on {_long_day(local)}, UK time"


def uk_time(moment: datetime | None, empty: str = NOT_SET) -> str:
    """'9:30am': the time of day in the United Kingdom, for use beside its date."""
    return empty if moment is None else _time(_local(moment))


def uk_date(day: date | datetime | None, weekday: bool = False, empty: str = NOT_SET) -> str:
    """'6 March 2026', or 'Friday 6 March 2026' with `weekday`. A moment gives its day in the UK."""
    if day is None:
        return empty
    local = _local(day) if isinstance(day, datetime) else day
    return _long_day(local) if weekday else f"{local.day} {local:%B %Y}"


def time_left(moment: datetime | None, now: datetime | None = None, empty: str = NOT_SET) -> str:
    """'3 days 4 hours left' until `moment`; the two largest units, rounded down. Past: 'time has passed'."""
    if moment is None:
        return empty
    left = moment - (now or clock.now())
    if left <= timedelta(0):
        return "time has passed"
    minutes = int(left.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    first = next((index for index, (count, _) in enumerate(units) if count), None)
    if first is None:
        return "less than a minute left"
    return " ".join(plural(count, word) for count, word in units[first : first + 2] if count) + " left"


def money(amount: Decimal | int | None, pence: bool | None = None, empty: str = NOT_SET) -> str:
    """'£1,250' or '£1,250.50'; `pence=True` always shows two digits, as columns of figures need."""
    if amount is None:
        return empty
    exact = Decimal(amount)
    show = pence if pence is not None else exact != exact.to_integral_value()
    return f"{'-' if exact < 0 else ''}£{abs(exact):,.{2 if show else 0}f}"


def number(value: int | Decimal | None, empty: str = NOT_SET) -> str:
    """'1,234'."""
    return empty if value is None else f"{value:,}"


def points(value: Decimal | Fraction | int | None, places: int = 2, empty: str = "not marked") -> str:
    """A mark or a total, rounded half up to `places` from its exact value, without needless noughts: '12.35'.

    Floats are refused with `TypeError`: a float has already lost what decides a tie.
    """
    if value is None:
        return empty
    if isinstance(value, float):
        raise TypeError("Marks are exact: give a Decimal, a Fraction or an int, not a float.")
    exact = Fraction(value) * 10**places
    rounded = int(abs(exact) + Fraction(1, 2)) * (-1 if exact < 0 else 1)
    text = f"{Decimal(rounded).scaleb(-places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hours(count: Decimal | int) -> str:
    """'5 hours', '2.5 hours', '1 hour'."""
    return f"{points(count)} {'hour' if count == 1 else 'hours'}"


def plural(count: int, singular: str, many: str | None = None) -> str:
    """'1 file', '3 files', '1,234 people' (`many` where an s does not do)."""
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("This moment has no zone, so it cannot be told to anyone.")
    return clock.london(moment)


def _long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _time(local: datetime) -> str:
    """'12 noon', '9am', '9:30am'; in the hour that comes twice in October, also which of the two it is."""
    if (local.hour, local.minute) == (12, 0):
        return "12 noon"
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02}" if local.minute else ""
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}{f' ({local.tzname()})' if twice else ''}"


FILTERS: dict[str, Any] = {
    "uk_datetime": uk_datetime,
    "uk_date": uk_date,
    "uk_time": uk_time,
    "time_left": time_left,
    "money": money,
    "number": number,
    "points": points,
    "plural": plural,
    "hours": hours,
    "happened": happened,
}
