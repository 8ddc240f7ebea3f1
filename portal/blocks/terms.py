"""What is bought, and what that costs altogether."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.commissioning.offers import HalfDaysAtAPrice, half_days_price
from portal.directory.offer import half_days_between


class PlacesAtAPrice(HalfDaysAtAPrice):
    """`places` of these half days of every week from `starts_on` to `ends_on`, at a price for one place:
    whoever inherits this holds them."""

    __slots__ = ()
    places: int
    starts_on: date
    ends_on: date

    @property
    def half_days(self) -> int:
        """How many half days one place has from the first day to the last. Bank holidays are left out; school
        holidays are not, since each school has its own."""
        return half_days_between(self.sessions, self.starts_on, self.ends_on)

    @property
    def total(self) -> Decimal:
        """What all places cost over the whole term, in pounds without VAT."""
        return half_days_price(self.places * self.half_days, self.price, self.price_unit)


@dataclass(frozen=True, slots=True)
class Terms(PlacesAtAPrice):
    """What is bought: places, the half days of each, first and last day, the price of one place."""

    places: int
    sessions: Sequence[str]
    starts_on: date
    ends_on: date
    price: Decimal
    price_unit: str
    reason: str
