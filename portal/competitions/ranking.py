"""Who comes first: points, totals and ranks of the answers of one competition.

The criteria are questions of one lot, answers are tenders, and `totals_in_python` adds up and ranks them as
it does tenders: exact fractions, equal totals told apart by the marks for fit; an offer below a minimum has
no rank. What is counted becomes points here, and is then a mark like any other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from evaluation.outcomes.prices import Price, Pricing
from evaluation.outcomes.python_totals import Agreed, ScoredQuestion, totals_in_python
from portal.commissioning.fitting import wanted_among
from portal.commissioning.offers import week_price
from portal.competitions.criteria import CRITERIA, HIGHEST, points_for_sessions, points_for_start
from tender.frameworks.kinds import LOWEST_PRICE

_THE_LOT = 1
_CODES = [code for code in CRITERIA if code != "price"]
_QUESTIONS = {
    place: ScoredQuestion(
        CRITERIA[code].weight, CRITERIA[code].minimum, HIGHEST, per_lot=False, breaks_ties=code == "fit"
    )
    for place, code in enumerate(_CODES)
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What of an answer is counted, and the points that it was given, by criterion."""

    entry_id: int
    start_on: date
    sessions: Sequence[str]
    price: Decimal
    price_unit: str
    marks: Mapping[str, int]

    @property
    def half_day(self) -> Decimal:
        """What one half day costs, in pounds: by this prices compare."""
        return week_price(("",), self.price, self.price_unit)


@dataclass(frozen=True, slots=True)
class Place:
    """An answer's total out of 100, and what each criterion added to it. `rank` is None below a minimum, and
    before everything is marked."""

    entry_id: int
    total: Fraction
    added: Mapping[str, Fraction]
    points: Mapping[str, int]
    rank: int | None
    complete: bool


def ranked(
    answers: Iterable[Answer], *, start_wanted_on: date, days_a_week: int, sessions_wanted: Sequence[str] = ()
) -> list[Place]:
    """The answers, the first-ranked first; those without a rank last, by total. Of the half days offered
    those count that are wanted; where none are named, any, up to two a day."""
    half_days = len(sessions_wanted) or 2 * days_a_week
    given = {answer.entry_id: answer for answer in answers}
    points = {
        entry_id: {
            **answer.marks,
            "start": points_for_start(start_wanted_on, answer.start_on),
            "sessions": points_for_sessions(half_days, len(wanted_among(sessions_wanted, answer.sessions))),
        }
        for entry_id, answer in given.items()
    }
    marks = {
        (entry_id, place, None): Agreed(said[code], 1)
        for entry_id, said in points.items()
        for place, code in enumerate(_CODES)
        if code in said
    }
    prices = {entry_id: Price(answer.half_day) for entry_id, answer in given.items()}
    pricing = Pricing(CRITERIA["price"].weight, LOWEST_PRICE, None, None, prices)
    totals = totals_in_python(_QUESTIONS, [(each, _THE_LOT) for each in given], marks, {_THE_LOT: pricing})
    everything = all(total.complete for total in totals.values())
    places = [
        Place(
            entry_id,
            total.exact,
            _added(points[entry_id], total.exact - total.quality),
            points[entry_id],
            total.rank if everything else None,
            total.complete,
        )
        for (entry_id, _), total in totals.items()
    ]
    return sorted(places, key=lambda place: (place.rank or len(places) + 1, -place.total, place.entry_id))


def _added(points: Mapping[str, int], price: Fraction) -> dict[str, Fraction]:
    """What each criterion adds to the total."""
    marked = {
        code: Fraction(CRITERIA[code].weight) * points[code] / HIGHEST for code in _CODES if code in points
    }
    return marked | {"price": price}
