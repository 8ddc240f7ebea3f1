"""The same totals as those of `totals`, by another road: one by one, in Python's own fractions.

`inputs_of` reads what is added up, mark by mark, and `totals_in_python` adds it up without the database; what
would have come out of other marks is asked of it too (`sensitivity`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import and_, func, select

from evaluation.conformity.queries import lots_with_standing
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.prices import Pricing, pricing_of
from portal.database import db
from tender.applications.models import Answer, Application
from tender.frameworks.models import Question, RoundLot, Scale


@dataclass(frozen=True, slots=True)
class ScoredQuestion:
    """What a question contributes: its weight in per cent, its minimum and highest points; to the totals of
    `lots`, or of every lot when there are none; and whether it decides between equal totals."""

    weight: Decimal
    minimum: int
    highest: int
    per_lot: bool
    lots: frozenset[int] = frozenset()
    breaks_ties: bool = False


class Agreed(NamedTuple):
    """An agreed mark: points of the question's scale, and how often it was agreed anew."""

    points: int
    version: int


# A round has few different ones and hundreds of thousands of marks: an object for each would be looked
# through by the garbage collector again and again, and ten times the marks cost eighteen times the time.
_agreed = lru_cache(maxsize=1024)(Agreed)

# An answer is told by application, question, and lot (None for an answer that counts for every lot).
Marks = Mapping[tuple[int, int, int | None], Agreed]


class Inputs(NamedTuple):
    """What is added up: scored questions by id, the (application, lot) pairs left standing, the agreed marks,
    how prices are scored, by lot, and the totals that lots ask for."""

    questions: Mapping[int, ScoredQuestion]
    standing: Sequence[tuple[int, int]]
    marks: Marks
    pricing: Mapping[int, Pricing] = {}
    minimums: Mapping[int, Fraction] = {}


@dataclass(frozen=True, slots=True)
class PythonTotal:
    """As `totals.Total`, by the other road. `quality` and `deciding` are out of 100, as `exact` is;
    `eligible` is whether everything but the minimum total is met."""

    exact: Fraction
    quality: Fraction
    deciding: Fraction
    meets_thresholds: bool
    rank: int | None
    marks_version: int
    complete: bool
    eligible: bool = field(default=True, compare=False)


@lru_cache(maxsize=1024)  # a round has few weights and few points, and tens of thousands of marks
def weighted(weight: Decimal, points: int, highest: int) -> Fraction:
    """What a mark adds to the total, out of 100, exactly: weight x points / highest points of its scale."""
    return Fraction(weight) * points / highest


class Quality(NamedTuple):
    """What marks alone say of a tender for a lot."""

    added: Fraction
    deciding: Fraction
    meets: bool
    version: int
    complete: bool


def totals_in_python(
    questions: Mapping[int, ScoredQuestion],
    standing: Iterable[tuple[int, int]],
    marks: Marks,
    pricing: Mapping[int, Pricing] | None = None,
    minimums: Mapping[int, Fraction] | None = None,
) -> dict[tuple[int, int], PythonTotal]:
    """The totals by (application, lot), from what `inputs_of` read."""
    ties = any(asked.breaks_ties for asked in questions.values())
    lots: dict[int, dict[int, Quality]] = defaultdict(dict)
    for application, lot in standing:
        lots[lot][application] = quality_of(questions, marks, application, lot)
    return {
        (application, lot): total
        for lot, tenders in lots.items()
        for application, total in totals_of_lot(
            tenders, (pricing or {}).get(lot), ties, (minimums or {}).get(lot)
        ).items()
    }


def quality_of(questions: Mapping[int, ScoredQuestion], marks: Marks, application: int, lot: int) -> Quality:
    """What the agreed marks of a tender make for a lot."""
    # Points of questions with the same weight and scale are added up before they are weighed: a pack has few
    # different ones, and a fraction costs twenty times a whole number.
    points: dict[tuple[Decimal, int], int] = {}
    deciding, meets, version, complete = Fraction(0), True, 0, True
    for question, asked in questions.items():
        if asked.lots and lot not in asked.lots:
            continue
        mark = marks.get((application, question, lot if asked.per_lot else None))
        if mark is None:
            complete = False
            continue
        alike = asked.weight, asked.highest
        points[alike] = points.get(alike, 0) + mark.points
        if asked.breaks_ties:
            deciding += weighted(asked.weight, mark.points, asked.highest)
        meets = meets and mark.points >= asked.minimum
        version += mark.version
    added = sum(
        (weighted(weight, given, highest) for (weight, highest), given in points.items()), Fraction(0)
    )
    return Quality(added, deciding, meets, version, complete)


def totals_of_lot(
    tenders: Mapping[int, Quality], pricing: Pricing | None, ties: bool, minimum: Fraction | None = None
) -> dict[int, PythonTotal]:
    """The totals and ranks of one lot, by application, from its marks and its prices. A tender below the
    `minimum` total has no rank, and its price counts in looking for the lowest all the same."""
    counting = pricing.counting() if pricing else {}
    meets = {a: q.meets and (pricing is None or a in counting) for a, q in tenders.items()}
    lowest = min((pounds for a, pounds in counting.items() if meets[a]), default=Fraction(0))
    exact = {
        a: q.added + (pricing.share(counting[a], lowest) if pricing and meets[a] else 0)
        for a, q in tenders.items()
    }
    reaches = {a: meets[a] and (minimum is None or exact[a] >= minimum) for a in tenders}
    waiting = {a for a in pricing.referred() if pricing.prices[a].counts is None} if pricing else set()
    decided = sum(price.version for price in pricing.prices.values()) if pricing else 0
    keys = {a: rank_key(exact[a], q, ties) for a, q in tenders.items()}
    places: dict[tuple[Fraction, ...], int] = {}
    for place, key in enumerate(sorted((keys[a] for a in keys if reaches[a]), reverse=True), 1):
        places.setdefault(key, place)  # Equal ones share a rank: one more than the number of better ones.
    return {
        a: PythonTotal(
            exact[a],
            q.added,
            q.deciding,
            reaches[a],
            places[keys[a]] if reaches[a] else None,
            q.version + decided,
            q.complete and a not in waiting,
            meets[a],
        )
        for a, q in tenders.items()
    }


def rank_key(exact: Fraction, quality: Quality, ties: bool) -> tuple[Fraction, ...]:
    """What ranks compare: the total; where ties are broken, the marks that break them."""
    return (exact, quality.deciding) if ties else (exact,)


def inputs_of(round_id: int) -> Inputs:
    """What `totals_in_python` adds up for a round."""
    submitted = and_(Application.round_id == round_id, Application.state == "submitted")
    lots = lots_with_standing(round_id).subquery()
    of_round = and_(RoundLot.round_id == round_id, RoundLot.lot_id == lots.c.lot_id)
    rows = db.session.execute(
        select(lots.c.application_id, lots.c.lot_id, RoundLot.minimum_total)
        .join(RoundLot, of_round)
        .where(lots.c.stands)
    ).all()
    standing = [(application, lot) for application, lot, _ in rows]
    minimums = {lot: Fraction(total) for _, lot, total in rows if total is not None}
    # One row for a tender and a lot, not one for each mark: reading it takes a quarter of the time.
    gathered = db.session.execute(
        select(
            *(Answer.application_id, Answer.lot_id),
            *(func.array_agg(each) for each in (Answer.question_id, AgreedMark.points, AgreedMark.version)),
        )
        .join(Application, Application.id == Answer.application_id)
        .join(AgreedMark, AgreedMark.answer_id == Answer.id)
        .where(submitted)
        .group_by(Answer.application_id, Answer.lot_id)
    )
    marks = {
        (application, question, lot): _agreed(points, version)
        for application, lot, *agreed in gathered
        for question, points, version in zip(*agreed, strict=True)
    }
    return Inputs(_scored(round_id), standing, marks, pricing_of(round_id, standing), minimums)


def _scored(round_id: int) -> dict[int, ScoredQuestion]:
    rows = db.session.execute(
        select(
            Question.id,
            Question.weight,
            Question.minimum,
            Scale.highest,
            Question.per_lot,
            Question.lots,
            Question.breaks_ties,
        )
        .join(Scale, Scale.id == Question.scale_id)
        .where(
            Question.round_id == round_id,
            Question.judged_as == "scored",
            Question.withdrawn_in.is_(None),
        )
    )
    return {
        row.id: ScoredQuestion(
            row.weight, row.minimum, row.highest, row.per_lot, frozenset(row.lots), row.breaks_ties
        )
        for row in rows
    }
