"""The terms of a round: how to apply, and what each lot asks of a price and of a total.

They are published with the pack and change with it, by its versions alone. A version's document holds them:
lots by the notice's numbers, amounts as decimal text. Pure: no database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from portal.web.differences import differences
from portal.web.filters import money, points
from tender.frameworks.facts import LotFacts
from tender.frameworks.models import PRICE_UNITS
from tender.frameworks.pack import fingerprint_of
from tender.packs.differences import Aspect


@dataclass(frozen=True, slots=True)
class LotTerms:
    """The highest price of a lot (pounds, for one `price_unit`) and its minimum total; None for none."""

    price_ceiling: Decimal | None
    price_unit: str
    minimum_total: Decimal | None

    @property
    def highest_price(self) -> str:
        """'£120 a day', 'any price'."""
        unit = PRICE_UNITS[self.price_unit]
        return "any price" if self.price_ceiling is None else f"{money(self.price_ceiling)} {unit}"

    @property
    def least_total(self) -> str:
        """'60 out of 100', 'any total'."""
        return "any total" if self.minimum_total is None else f"{points(self.minimum_total)} out of 100"


@dataclass(frozen=True, slots=True)
class Terms:
    """How to apply, and the terms of each lot by its number."""

    how_to_apply: str
    lots: Mapping[str, LotTerms]

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody changed them since a page was drawn."""
        return fingerprint_of(*_read(self))

    def of(self, lots: Sequence[LotFacts]) -> tuple[LotFacts, ...]:
        """These lots as a round under these terms would offer them."""
        return tuple(
            replace(
                lot,
                price_ceiling=terms.price_ceiling,
                price_unit=terms.price_unit,
                minimum_total=terms.minimum_total,
            )
            for lot in lots
            if (terms := self.lots[lot.number])
        )

    def changed_as(self, before: "Terms", after: "Terms") -> "Terms":
        """These terms with what another round changed from `before` to `after`, in the lots of both."""
        moved = {number: terms for number, terms in after.lots.items() if before.lots.get(number) != terms}
        words = self.how_to_apply if before.how_to_apply == after.how_to_apply else after.how_to_apply
        lots = {number: moved.get(number, terms) for number, terms in self.lots.items()}
        return Terms(words, lots)


def terms_of(how_to_apply: str, lots: Sequence[LotFacts]) -> Terms:
    """The terms that a round has now."""
    return Terms(
        how_to_apply,
        {lot.number: LotTerms(lot.price_ceiling, lot.price_unit, lot.minimum_total) for lot in lots},
    )


def terms_document(terms: Terms) -> dict[str, Any]:
    """The terms as plain values that JSON can hold."""
    return {
        "how_to_apply": terms.how_to_apply,
        "lots": {
            number: {
                "price_ceiling": _text(lot.price_ceiling),
                "price_unit": lot.price_unit,
                "minimum_total": _text(lot.minimum_total),
            }
            for number, lot in terms.lots.items()
        },
    }


def terms_in(document: Mapping[str, Any]) -> Terms:
    """The terms of a version's or an amendment's document."""
    found = document["terms"]
    return Terms(
        found["how_to_apply"],
        {
            number: LotTerms(_amount(lot["price_ceiling"]), lot["price_unit"], _amount(lot["minimum_total"]))
            for number, lot in found["lots"].items()
        },
    )


def terms_between(before: Terms, after: Terms) -> tuple[Aspect, ...]:
    """What differs, each as it read and as it reads."""
    old, new = dict(_read(before)), dict(_read(after))
    names = dict.fromkeys((*old, *new))
    return tuple(
        Aspect(name, *differences(old.get(name, ""), new.get(name, "")))
        for name in names
        if old.get(name) != new.get(name)
    )


def _read(terms: Terms) -> Iterator[tuple[str, str]]:
    yield "How to apply", terms.how_to_apply
    for number, lot in terms.lots.items():
        yield f"Highest price of lot {number}", lot.highest_price
        yield f"Minimum total of lot {number}", lot.least_total


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
