"""By what offers compete: fixed for every mini-competition, so that nobody writes criteria for a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

HIGHEST = 5
"""The most points of a criterion that is marked or counted."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion: its weight in per cent, and how it is judged.

    `words` is the longest answer in words; 0 where nothing is asked because it is counted. Offers with fewer
    points than `minimum` cannot come first.
    """

    title: str
    weight: Decimal
    how: str
    question: str = ""
    words: int = 0
    minimum: int = 0


CRITERIA: Mapping[str, Criterion] = {
    "fit": Criterion(
        "How the offer meets the need",
        Decimal(40),
        "The commissioner marks the answer from 0 to 5. An offer needs at least 2.",
        "How will you meet this child’s needs, and how will you know that it works?",
        words=150,
        minimum=2,
    ),
    "travel": Criterion(
        "Getting there",
        Decimal(10),
        "The commissioner marks the answer from 0 to 5.",
        "How does the child get to you and home again?",
        words=50,
    ),
    "start": Criterion(
        "Start",
        Decimal(10),
        "5 points for the day that was wished for or earlier, one less for each week begun after it.",
    ),
    "sessions": Criterion(
        "Half days offered",
        Decimal(15),
        "5 points for all the half days that were asked for, in proportion for fewer, rounded down. Where no "
        "half days were named, two a day were asked for, on any days. Others add nothing.",
    ),
    "price": Criterion(
        "Price",
        Decimal(25),
        "The lowest price of a half day earns all of it; others the lowest divided by their own.",
    ),
}
"""By code. The weights make 100."""

MARKED = tuple(code for code, criterion in CRITERIA.items() if criterion.words)

POINTS: Sequence[str] = (
    "0: says nothing about it",
    "1: says little, or nothing of this child",
    "2: meets some of it, with gaps that matter",
    "3: meets it, with gaps that can be closed",
    "4: meets it well and says how",
    "5: meets it fully, says how, and how it is checked",
)


def points_for_start(wanted: date, offered: date) -> int:
    """5 on time, one less for each week begun after that, never below 0."""
    late = (offered - wanted).days
    return HIGHEST if late <= 0 else max(HIGHEST - (late + 6) // 7, 0)


def points_for_sessions(wanted: int, offered: int) -> int:
    """5 for all half days that are wanted, in proportion for fewer, rounded down; more add nothing."""
    return HIGHEST * min(offered, wanted) // wanted
