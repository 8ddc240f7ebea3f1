"""Prices that are scored by a formula, one by one and exact: which count, which wait for a person, and what
each adds to its total. `totals` says the same in SQL, by its own road.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import and_, any_, func, or_, select

from evaluation.outcomes.models import PriceCheck
from portal.database import db
from tender.applications.grids import columns_of
from tender.applications.models import Answer
from tender.frameworks.kinds import LOWEST_PRICE
from tender.frameworks.models import Question, RoundLot


class Price(NamedTuple):
    """A price in pounds (None: missing), what a person decided of it (None: nothing), and how often."""

    pounds: Decimal | None
    counts: bool | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a lot's prices are scored: weight and formula, the lot's ceiling in pounds, and from how many per
    cent below the average a price is looked at (None: never); and the prices by application."""

    weight: Decimal
    formula: str
    ceiling: Decimal | None
    low: Decimal | None
    prices: Mapping[int, Price] = field(default_factory=dict)

    def given(self) -> dict[int, Fraction]:
        """The prices above nothing."""
        return {
            application: Fraction(price.pounds) for application, price in self.prices.items() if price.pounds
        }

    def referred(self) -> frozenset[int]:
        """The applications whose price a person must look at: missing, nothing, or low."""
        given = self.given()
        if self.low is None or not given:
            return frozenset(self.prices.keys() - given.keys())
        bar = sum(given.values()) / len(given) * (1 - Fraction(self.low) / 100)
        return frozenset(self.prices.keys() - {each for each, pounds in given.items() if pounds >= bar})

    def counting(self) -> dict[int, Fraction]:
        """The prices that count: what a person said, or else those that nobody need look at."""
        referred = self.referred()
        said = {application: price.counts for application, price in self.prices.items()}
        return {
            application: pounds
            for application, pounds in self.given().items()
            if said[application] or (said[application] is None and application not in referred)
        }

    def share(self, pounds: Fraction, lowest: Fraction) -> Fraction:
        """What a price adds to the total, where `lowest` is the lowest that counts."""
        if self.formula == LOWEST_PRICE:
            return Fraction(self.weight) * lowest / pounds
        ceiling = Fraction(self.ceiling or 0)
        if pounds > ceiling:
            return Fraction(0)
        if pounds == lowest:
            return Fraction(self.weight)
        return Fraction(self.weight) * (ceiling - pounds) / (ceiling - lowest)


def pricing_of(round_id: int, standing: Iterable[tuple[int, int]]) -> dict[int, Pricing]:
    """How prices are scored, by lot, with the prices of the tenders that stand there."""
    asked = db.session.execute(
        select(
            RoundLot.lot_id,
            RoundLot.price_ceiling,
            Question.id,
            Question.kind,
            Question.shape,
            Question.weight,
            Question.rule,
            Question.rule_value,
        )
        .join(Question, Question.round_id == RoundLot.round_id)
        .where(
            RoundLot.round_id == round_id,
            Question.judged_as == "priced",
            Question.withdrawn_in.is_(None),
            or_(func.cardinality(Question.lots) == 0, RoundLot.lot_id == any_(Question.lots)),
        )
    ).all()
    if not asked:
        return {}
    answers = _answers({row.id for row in asked})
    here: dict[int, list[int]] = defaultdict(list)
    for application, lot in standing:
        here[lot].append(application)
    found = {}
    for row in asked:
        prices = {}
        for application in here[row.lot_id]:
            value, counts, version = answers.get((row.id, row.lot_id, application), (None, None, None))
            prices[application] = Price(pounds_in(row.kind, row.shape, value), counts, version or 0)
        low = None if row.rule_value is None else Decimal(row.rule_value)
        found[row.lot_id] = Pricing(row.weight, row.rule, row.price_ceiling, low, prices)
    return found


def _answers(question_ids: Iterable[int]) -> dict[tuple[int, int | None, int], tuple[Any, ...]]:
    """What was answered and decided, by question, lot and application: value, counts, version."""
    rows = db.session.execute(
        select(
            Answer.question_id,
            Answer.lot_id,
            Answer.application_id,
            Answer.value,
            PriceCheck.counts,
            PriceCheck.version,
        )
        .outerjoin(
            PriceCheck,
            and_(PriceCheck.application_id == Answer.application_id, PriceCheck.lot_id == Answer.lot_id),
        )
        .where(Answer.question_id.in_(question_ids))
    )
    return {(question, lot, application): tuple(said) for question, lot, application, *said in rows}


def pounds_in(kind: str, shape: Mapping[str, Any], value: Any) -> Decimal | None:
    """The price that an answer gives: of a card, all that it asks for together; None where one is missing."""
    if not value:
        return None
    if kind == "money":
        return Decimal(value)
    codes = [column.code for column in columns_of(kind, shape)]
    return sum((Decimal(value[code]) for code in codes), Decimal(0)) if value.keys() >= set(codes) else None
