"""Both computations against an oracle that knows nothing of either, over invented rounds.

The oracle is written from the recipe as it is published, step by step as one would do it on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.keeping import keep, kept_totals
from evaluation.outcomes.models import Computation
from evaluation.outcomes.python_totals import Quality, inputs_of, rank_key, totals_in_python
from evaluation.outcomes.services import differences
from portal.accounts.access import THE_PORTAL
from tests.factories.accounts import a_council
from tests.factories.bulk import BulkPrice, BulkQuestion, BulkTender, a_bulk_round
from tests.sql_totals import totals_in_sql

LOTS = 2
FEW_PRICES = st.sampled_from(["95", "100", "100.00", "100.01", "120", "150.00", "40", "200", "33.33", "0"])


@dataclass(frozen=True)
class Invented:
    """A round: what is asked of whom, and what was answered."""

    questions: list[BulkQuestion]
    tenders: list[BulkTender]
    price: BulkPrice | None
    minimums: dict[int, Decimal]


@st.composite
def rounds(draw: st.DrawFn) -> Invented:
    """Questions on different scales whose weights have two decimals; a price or none; a few tenders."""
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=4)))
    questions = [
        BulkQuestion(
            Decimal(upto - since) / 100, draw(st.integers(0, highest)), highest, per_lot, only_lot,
            breaks_ties=draw(st.booleans()), withdrawn=draw(st.sampled_from([False, False, False, True])),
        )
        for since, upto in pairwise([0, *cuts, 10_000])
        for highest in [draw(st.sampled_from([3, 4, 5, 7, 10]))]
        for per_lot, only_lot in [
            draw(st.sampled_from([(False, None), (True, None), (True, None), (True, 0), (True, 1)]))
        ]
    ]  # fmt: skip
    price = draw(st.none() | prices())
    totals = st.sampled_from(["40", "60", "66.67", "80", "100"]).map(Decimal)
    minimums = draw(st.dictionaries(st.integers(0, LOTS - 1), totals, max_size=LOTS))
    return Invented(questions, draw(st.lists(tenders(questions, price), max_size=6)), price, minimums)


@st.composite
def prices(draw: st.DrawFn) -> BulkPrice:
    """A price by either formula, with a ceiling among the prices that are given."""
    return BulkPrice(
        Decimal(draw(st.integers(1, 10_000))) / 100,
        draw(st.sampled_from(["lowest_price", "up_to_ceiling"])),
        Decimal(draw(st.sampled_from(["95", "100", "150", "400"]))),
        draw(st.sampled_from([None, 20, 40])),
        draw(st.booleans()),
    )


@st.composite
def tenders(draw: st.DrawFn, questions: list[BulkQuestion], price: BulkPrice | None) -> BulkTender:
    """A tender for one or both lots; few different marks and prices, so that totals are often equal."""
    lots = draw(st.sampled_from([(0,), (1,), (0, 1)]))
    points = {
        (place, lot): asked.highest - draw(st.sampled_from([0, 0, 1, 2]))
        for place, asked in enumerate(questions)
        for lot in ([lot for lot in lots if asked.asked_of(lot)] if asked.per_lot else (None,))
    }
    failed = draw(
        st.sampled_from([frozenset(), frozenset(), frozenset({None}), frozenset({0}), frozenset({1})])
    )
    made = BulkTender(lots, points, failed)
    if price is None:
        return made
    card = st.fixed_dictionaries({"day": FEW_PRICES}, optional={"half_day": FEW_PRICES})
    given_in = {lot: draw(card if price.card else FEW_PRICES | st.just("")) for lot in lots}
    decided = {lot: said for lot in lots if (said := draw(st.sampled_from([None, True, False]))) is not None}
    return replace(made, prices=given_in, decided=decided)


def oracle(invented: Invented) -> dict[tuple[int, int], Any]:
    """(total, may be ranked, rank, complete) by places of tender and lot."""
    said: dict[tuple[int, int], Any] = {}
    for lot in range(LOTS):
        here = [
            place
            for place, tender in enumerate(invented.tenders)
            if lot in tender.lots and not tender.failed & {None, lot}
        ]
        said |= {(place, lot): outcome for place, outcome in of_lot(invented, lot, here).items()}
    return said


def of_lot(invented: Invented, lot: int, here: Sequence[int]) -> dict[int, Any]:
    price, asked = invented.price, [q for q in enumerate(invented.questions) if not q[1].withdrawn]
    asked = [(n, question) for n, question in asked if question.asked_of(lot)]
    given_in = {place: pounds(invented.tenders[place].prices.get(lot)) for place in here}
    real = [each for each in given_in.values() if each]
    rows = {}
    for place in here:
        tender = invented.tenders[place]
        marks = [(question, tender.points[n, lot if question.per_lot else None]) for n, question in asked]
        adds = [Fraction(str(question.weight)) * Fraction(mark, question.highest) for question, mark in marks]
        ties = sum(add for (question, _), add in zip(marks, adds, strict=True) if question.breaks_ties)
        good = all(mark >= question.minimum for question, mark in marks)
        waits = False
        if price:
            own = given_in[place]
            low = price.low is not None and own and own < sum(real) / len(real) * (100 - price.low) / 100
            counts = tender.decided.get(lot)
            waits = counts is None and bool(not own or low)
            good = good and bool(own) and counts is not False and not waits
        rows[place] = [sum(adds, Fraction(0)), Fraction(ties), good, not waits]
    lowest = min((given_in[place] for place in here if rows[place][2] and price), default=None)
    keys = {}
    least = Fraction(invented.minimums.get(lot, 0))
    broken = any(question.breaks_ties for question in invented.questions if not question.withdrawn)
    for place, (added, ties, good, _) in rows.items():
        total = added + (earned(price, given_in[place], lowest) if price and good else 0)
        keys[place] = (total, ties) if broken else (total,)
        rows[place][2] = good and total >= least
    return {
        place: (
            keys[place][0],
            good,
            1 + sum(rows[other][2] and keys[other] > keys[place] for other in here) if good else None,
            complete,
        )
        for place, (_, _, good, complete) in rows.items()
    }


def pounds(answer: Any) -> Fraction | None:
    if isinstance(answer, dict):
        return sum(map(Fraction, answer.values()), Fraction(0)) if len(answer) == 2 else None
    return Fraction(answer) if answer else None


def earned(price: BulkPrice, own: Fraction, lowest: Fraction) -> Fraction:
    weight, ceiling = Fraction(str(price.weight)), Fraction(str(price.ceiling))
    if price.formula == "lowest_price":
        return weight * lowest / own
    if own > ceiling:
        return Fraction(0)
    return weight if own == lowest else weight * (ceiling - own) / (ceiling - lowest)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invented=rounds())
def test_sql_python_and_paper_agree(session: Session, invented: Invented) -> None:
    council = a_council()
    with session.begin_nested() as example:
        made = a_bulk_round(
            council.id, invented.questions, invented.tenders, LOTS, invented.price, invented.minimums
        )
        in_sql = totals_in_sql(made.round_id)
        in_python = totals_in_python(*inputs_of(made.round_id))
        kept, stored = keep(made.round_id, THE_PORTAL), kept_totals(made.round_id)
        found = session.execute(select(Computation.marks, Computation.marks_version)).one_or_none()
        marks = session.scalars(select(AgreedMark.version)).all()
        example.rollback()
    expected = {
        (made.applications[place], made.lots[lot]): said for (place, lot), said in oracle(invented).items()
    }
    assert {
        (t.application_id, t.lot_id): (t.exact, t.meets_thresholds, t.rank, t.complete) for t in in_sql
    } == expected
    assert differences(in_sql, in_python) == set()
    assert kept.results == len(expected)
    assert kept.complete is all(complete for *_, complete in expected.values())
    assert sorted(stored) == (sorted(in_sql) if kept.complete and kept.weighs else [])
    assert found == ((len(marks), sum(marks)) if kept.complete and kept.weighs else None)


def test_equal_totals_share_a_rank_where_what_breaks_ties_is_equal_whatever_of_them_is_price() -> None:
    mostly_price, mostly_marks = (
        rank_key(Fraction(84), Quality(Fraction(marks), Fraction(20), True, 1, True), ties=True)
        for marks in (64, 74)
    )
    assert mostly_price == mostly_marks
