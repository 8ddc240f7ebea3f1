"""The counts beside the choices of a search: how many services there would be with each.

PostgreSQL groups what is found by lot and by the one filter that each service fails (0: none, it is a hit),
and hands over the bits of all of them in one string. Counting them there by one expression for each of the
half hundred choices took two thirds of a search; here a column of bits is counted at once, as one number.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.directory.offer import (
    FREE_NOW,
    MODES,
    NEEDS,
    QUALIFICATIONS,
    REGISTRATIONS,
    SUBJECTS,
    TIERS,
    trait_bit,
)
from tender.frameworks.models import KEY_STAGES

FACETS: Mapping[str, Mapping[str, str]] = {
    "key_stages": KEY_STAGES,
    "needs": NEEDS,
    "tiers": TIERS,
    "modes": MODES,
    "subjects": {**SUBJECTS, **QUALIFICATIONS},
    "registration": REGISTRATIONS,
}
"""The filters whose choices are counted, with the words of each choice; lots are counted beside them."""

_WIDTH = 8  # bytes of `traits`, the most significant first


@dataclass(frozen=True, slots=True)
class LotFound:
    """A lot in which something is found, or which was asked for."""

    id: int
    number: str
    title: str
    framework_title: str
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many hits there are, how many of them have a free place, and how many there would be with each
    choice, by filter and code."""

    total: int
    free: int
    lots: tuple[LotFound, ...]
    choices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def read_counts(row: Sequence[Any], filters: Sequence[str], chosen: Collection[int]) -> Counts:
    """What the first three columns of the statement's first row hold.

    They are (lot, filter failed, number) triples, the bits of all in the order of the filter failed, and the
    lots by name. `filters` are those that are on, in the order in which they are numbered from 1; a lot
    without a service is left out unless it was `chosen`.
    """
    numbers, traits, lots = row[0] or (), bytes(row[1] or b""), row[2] or ()
    failing = [0] * (len(filters) + 1)
    for _, failed, number in numbers:
        failing[failed] += number
    columns = list(_columns(traits, failing))
    hits, choices = columns[0], {}
    for name, codes in FACETS.items():
        others = columns[filters.index(name) + 1] if name in filters else None
        choices[name] = {code: hits.holding(code) + (others.holding(code) if others else 0) for code in codes}
    return Counts(failing[0], hits.with_bit(FREE_NOW), _lots(numbers, lots, filters, chosen), choices)


def _lots(
    numbers: Iterable[Sequence[int]],
    lots: Iterable[Sequence[Any]],
    filters: Sequence[str],
    chosen: Collection[int],
) -> tuple[LotFound, ...]:
    """A service counts for its lot when it fails no filter but that of lots."""
    counted = {0, filters.index("lots") + 1} if "lots" in filters else {0}
    by_lot: dict[int, int] = {}
    for lot_id, failed, number in numbers:
        if failed in counted:
            by_lot[lot_id] = by_lot.get(lot_id, 0) + number
    found = (LotFound(*lot, count=by_lot.get(lot[0], 0)) for lot in lots)
    return tuple(lot for lot in found if lot.count or lot.id in chosen)


@dataclass(frozen=True, slots=True)
class _Column:
    """The bits of so many services: for each byte of `traits`, that byte of all as one number."""

    services: int
    bytes_of_all: tuple[int, ...]

    def holding(self, code: str) -> int:
        """How many of them have a code."""
        if code == "not_registered":
            return self.services - self.holding("registered")
        return self.with_bit(trait_bit(code))

    def with_bit(self, wanted: int) -> int:
        """How many of them have a bit."""
        bit = wanted.bit_length() - 1
        place, within = _WIDTH - 1 - bit // 8, bit % 8
        return (self.bytes_of_all[place] & _mask(self.services, within)).bit_count()


def _columns(traits: bytes, failing: Iterable[int]) -> Iterable[_Column]:
    begin = 0
    for services in failing:
        part = traits[begin : begin + services * _WIDTH]
        begin += len(part)
        yield _Column(services, tuple(int.from_bytes(part[place::_WIDTH], "big") for place in range(_WIDTH)))


@lru_cache(maxsize=16)
def _mask(services: int, within: int) -> int:
    """The number that has this bit set in each of so many bytes."""
    return int.from_bytes(bytes([1 << within]) * services, "big")
