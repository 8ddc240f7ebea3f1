"""Which single mark would change an outcome: every agreed mark of a lot, one band higher and one band lower.

Exact, and worked out from the marks as they are now each time it is asked. Nothing here touches the database.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluation.outcomes.prices import Pricing
from evaluation.outcomes.python_totals import (
    Inputs,
    PythonTotal,
    Quality,
    ScoredQuestion,
    quality_of,
    rank_key,
    totals_of_lot,
    weighted,
)

Bands = Mapping[int, Sequence[int]]
"""The points that a mark can be, from the lowest, by question."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What would be otherwise if one agreed mark were another: the tender's own rank (None: no rank), and how
    many other tenders would have another rank, or none, or one at last."""

    application_id: int
    question_id: int
    points: int
    instead: int
    rank: int | None
    then: int | None
    others: int

    @property
    def admission(self) -> bool:
        """Whether it decides if the tender itself may be admitted."""
        return (self.rank is None) != (self.then is None)


def shifts_of(inputs: Inputs, bands: Bands, lot: int) -> list[Shift]:
    """Every mark of a lot with which something would change: what decides an admission first, then what moves
    most. An incomplete lot has none, since nothing is decided there."""
    found = list(_Lot(inputs, lot).shifts(bands))
    return sorted(found, key=lambda each: (not each.admission, -_distance(each), -each.others))


def marks_of(inputs: Inputs, lot: int) -> int:
    """How many agreed marks make the totals of a lot."""
    asked = sum(not question.lots or lot in question.lots for question in inputs.questions.values())
    return asked * sum(here == lot for _, here in inputs.standing)


def _distance(shift: Shift) -> int:
    return 0 if shift.admission or shift.rank is None or shift.then is None else abs(shift.rank - shift.then)


class _Lot:
    """A lot as it stands, its ranked tenders in order, so that one that moves is found its new place."""

    def __init__(self, inputs: Inputs, lot: int) -> None:
        self.lot, self.marks = lot, inputs.marks
        self.ties = any(asked.breaks_ties for asked in inputs.questions.values())
        self.questions: dict[int, ScoredQuestion] = {
            question: asked
            for question, asked in inputs.questions.items()
            if not asked.lots or lot in asked.lots
        }
        self.pricing: Pricing | None = inputs.pricing.get(lot)
        self.tenders = {
            application: quality_of(self.questions, inputs.marks, application, lot)
            for application, here in inputs.standing
            if here == lot
        }
        self.minimum = inputs.minimums.get(lot)
        self.totals = totals_of_lot(self.tenders, self.pricing, self.ties, self.minimum)
        self.ranked = sorted(self._key(a, total) for a, total in self.totals.items() if total.rank)

    def shifts(self, bands: Bands) -> Iterator[Shift]:
        if not all(total.complete for total in self.totals.values()):
            return
        for application, quality in self.tenders.items():
            below = {question for question in self.questions if self._misses(application, question)}
            for question, asked in self.questions.items():
                given = self._points(application, question)
                place = bands[question].index(given)
                for instead in (*bands[question][:place][-1:], *bands[question][place + 1 :][:1]):
                    meets = not below - {question} and instead >= asked.minimum
                    then, others = self._with(application, _marked(quality, asked, given, instead, meets))
                    rank = self.totals[application].rank
                    if then != rank or others:
                        yield Shift(application, question, given, instead, rank, then, others)

    def _with(self, application: int, quality: Quality) -> tuple[int | None, int]:
        """The tender's rank with these marks, and how many others would have another rank than now."""
        if self.pricing and quality.meets != self.tenders[application].meets:
            return self._anew(application, quality)
        now = self.totals[application]
        added = now.exact - now.quality + quality.added
        key = rank_key(added, quality, self.ties) if self._ranks(now, quality, added) else None
        before = self._key(application, now) if now.rank else None
        behind = [
            0 if each is None else bisect_left(self.ranked, each) - (before is not None and before < each)
            for each in (before, key)
        ]
        if key is None:
            return None, behind[0]
        ahead = len(self.ranked) - bisect_right(self.ranked, key) - (before is not None and before > key)
        return 1 + ahead, abs(behind[0] - behind[1])

    def _ranks(self, now: PythonTotal, quality: Quality, added: Fraction) -> bool:
        reaches = self.minimum is None or added >= self.minimum
        return reaches and (quality.meets if self.pricing is None else now.eligible)

    def _anew(self, application: int, quality: Quality) -> tuple[int | None, int]:
        """The same where the lowest price may become another, so that every total may."""
        after = totals_of_lot({**self.tenders, application: quality}, self.pricing, self.ties, self.minimum)
        others = sum(after[a].rank != total.rank for a, total in self.totals.items() if a != application)
        return after[application].rank, others

    def _key(self, application: int, total: PythonTotal) -> tuple[Fraction, ...]:
        return rank_key(total.exact, self.tenders[application], self.ties)

    def _points(self, application: int, question: int) -> int:
        lot = self.lot if self.questions[question].per_lot else None
        return self.marks[application, question, lot].points

    def _misses(self, application: int, question: int) -> bool:
        return self._points(application, question) < self.questions[question].minimum


def _marked(quality: Quality, asked: ScoredQuestion, given: int, instead: int, meets: bool) -> Quality:
    """What the marks make with another one of them."""
    more = weighted(asked.weight, instead, asked.highest) - weighted(asked.weight, given, asked.highest)
    deciding = quality.deciding + (more if asked.breaks_ties else 0)
    return quality._replace(added=quality.added + more, deciding=deciding, meets=meets)
