"""What an acceptance offers: from when, in which half days, at what price; and what that costs a week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from portal import clock
from portal.commissioning.models import PRICE_UNITS
from portal.directory.offer import HOURS_A_DAY, SESSIONS, in_week_order, session_names
from portal.errors import Refusal

_CENT = Decimal("0.01")
_HALF_DAYS = {"day": Decimal(2), "half_day": Decimal(1), "hour": Decimal(2) / HOURS_A_DAY}
"""How many half days one unit of a price pays for. A half day that stands alone counts as half of a day, and
where hours are paid a half day is half of `HOURS_A_DAY`: so that every offer is compared by the same rule."""


class Priced(Protocol):
    """A service with the prices of its page, in pounds without VAT."""

    @property
    def price_per_day(self) -> Decimal | None: ...
    @property
    def price_half_day(self) -> Decimal | None: ...
    @property
    def price_hour(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider's yes. `price` is pounds without VAT for one `unit` (`PRICE_UNITS`), `sessions` half days of
    a week (`portal.directory.offer.SESSIONS`), `price_reason` why it is above the price of the page."""

    start_on: date
    sessions: Sequence[str]
    price: Decimal
    unit: str
    note: str = ""
    price_reason: str = ""

    @property
    def tidy(self) -> "Offer":
        """With the half days in the order of the week and no spaces around the words."""
        return Offer(
            self.start_on,
            in_week_order(self.sessions),
            self.price,
            self.unit,
            self.note.strip(),
            self.price_reason.strip(),
        )


class HalfDaysAtAPrice:
    """What is said of `sessions` (half days of a week) at a `price` in pounds without VAT for one
    `price_unit` (`PRICE_UNITS`), which whoever inherits this holds."""

    __slots__ = ()
    sessions: Sequence[str]
    price: Decimal
    price_unit: str

    @property
    def session_names(self) -> str:
        """'Monday, Tuesday morning'."""
        return session_names(self.sessions)

    @property
    def unit(self) -> str:
        """'a day': what the price is for."""
        return PRICE_UNITS[self.price_unit]

    @property
    def week_price(self) -> Decimal:
        """What a week of them costs, in pounds without VAT."""
        return week_price(self.sessions, self.price, self.price_unit)


def check_offer(offer: Offer) -> None:
    """Raise `Refusal`, with the form's field, for what no school could take up."""
    if offer.start_on < clock.today():
        raise Refusal("The start date must not be in the past.", field="start_on")
    if not offer.sessions:
        raise Refusal("Choose the half days that you offer: at least one.", field="sessions")
    if not set(offer.sessions) <= set(SESSIONS):
        raise Refusal("Choose half days from the table.", field="sessions")
    if offer.unit not in PRICE_UNITS:
        raise Refusal("Choose what the price is for.", field="unit")
    if offer.price < 0:
        raise Refusal("The price must not be below £0.", field="price")


def check_price(offer: Offer, service: Priced) -> str:
    """The reason to keep for a price above the page's; empty where it is not above it.

    Raises `Refusal` where it is, and nobody says why. A page without prices is above nothing.
    """
    stated = stated_price(service, offer.unit)
    if stated is None or offer.price <= stated:
        return ""
    if not offer.price_reason:
        raise Refusal(
            f"Your page says £{stated:,.2f} for {PRICE_UNITS[offer.unit]}. Offer at most that, or say why it "
            "costs more for this child.",
            field="price_reason",
        )
    return offer.price_reason


def stated_price(service: Priced, unit: str) -> Decimal | None:
    """What a service's page asks for one unit; from its price of another unit where it does not say."""
    stated = {"day": service.price_per_day, "half_day": service.price_half_day, "hour": service.price_hour}
    if stated[unit] is not None:
        return stated[unit]
    other = first_price(service)
    if other is None:
        return None
    price, its_unit = other
    return (price / _HALF_DAYS[its_unit] * _HALF_DAYS[unit]).quantize(_CENT)


def first_price(service: Priced) -> tuple[Decimal, str] | None:
    """The first price (and its unit) that a service's page states: a day's, a half day's or an hour's."""
    prices = (
        (service.price_per_day, "day"),
        (service.price_half_day, "half_day"),
        (service.price_hour, "hour"),
    )
    return next(((price, unit) for price, unit in prices if price is not None), None)


def week_price(sessions: Sequence[str], price: Decimal, unit: str) -> Decimal:
    """What a week of these half days costs, in pounds without VAT: how offers in several units compare."""
    return half_days_price(len(sessions), price, unit)


def half_days_price(number: int, price: Decimal, unit: str) -> Decimal:
    """What so many half days cost, in pounds without VAT: exact, and rounded to pence once, half up."""
    return (price * number / _HALF_DAYS[unit]).quantize(_CENT, ROUND_HALF_UP)


def days_of(sessions: Iterable[str]) -> int:
    """On how many days of a week these half days lie."""
    return len({code.split("_")[0] for code in sessions})


def suggested_sessions(free: Sequence[str], days_a_week: int, wanted: Sequence[str] = ()) -> list[str]:
    """The half days with a free place that are wanted. Where none are named, those with a free place, if the
    child could have them all; where there are more, the provider chooses: a box that nobody looked at must
    not sell a child more days than were asked for."""
    if wanted:
        return [code for code in free if code in wanted]
    return list(free) if days_of(free) <= days_a_week else []
