"""From the figures to the charts: what each bar is of, and the sentence that says what to see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.outcomes.assessment import Criterion
from evaluation.pictures.charts import Chart, Row, chart_of
from portal.web.filters import plural, points

Figures = Sequence[Mapping[Any, Any]]
NOUGHT, MIDDLE = Fraction(0), Fraction(1, 2)


@dataclass
class Marking:
    """How many answers an evaluator has marked, of how many: in all, and by lot (None: for every lot)."""

    name: str
    marked: int = 0
    to_mark: int = 0
    by_lot: dict[str | None, tuple[int, int]] = field(default_factory=dict)


def marking_of(board: Figures) -> list[Marking]:
    """Each evaluator of the board, in its order."""
    found: dict[int, Marking] = {}
    for row in board:
        own = found.setdefault(row["person_id"], Marking(row["name"]))
        marked, to_mark = int(row["marked"]), int(row["to_mark"])
        own.by_lot[row["lot_number"]] = (marked, to_mark)
        own.marked, own.to_mark = own.marked + marked, own.to_mark + to_mark
    return list(found.values())


def board_chart(people: Sequence[Marking]) -> Chart:
    """How far each evaluator is."""
    rows = [
        Row(each.name, f"{each.marked:,} of {each.to_mark:,}", NOUGHT, Fraction(each.marked, each.to_mark))
        for each in people
    ]
    done, wanted = sum(each.marked for each in people), sum(each.to_mark for each in people)
    evaluators = plural(len(rows), "evaluator")
    told = f"A bar for each of {evaluators}; together {done:,} of {wanted:,} answers are marked."
    return chart_of("Answers marked by each evaluator", told, rows)


def spread_chart(questions: Figures) -> Chart:
    """How far the marks of each question are apart, as part of its scale."""
    rows = [
        Row(
            f"Q{place} {row['title']}",
            f"{points(row['mean'])} apart",
            NOUGHT,
            Fraction(row["mean"]) / row["highest"],
            Fraction(row["widest"], row["highest"]),
        )
        for place, row in enumerate(questions, start=1)
    ]
    widest = max(questions, key=lambda row: row["mean"])
    told = (
        "A bar for each question, from nought to its whole scale: the mean of points apart, with a line at "
        f"the widest. Furthest apart: {widest['title']}, {points(widest['mean'])} points on average."
    )
    return chart_of("Points apart by question", told, rows)


def severity_chart(people: Figures, highest: int) -> Chart:
    """Each evaluator's mean difference from the panel, to the left of the middle who marks lower.

    The track ends at the largest difference, or at one point where all are smaller.
    """
    reach = max([Fraction(1), *(abs(Fraction(row["difference"])) for row in people)])
    rows = [
        Row(
            row["name"],
            signed(row["difference"]),
            MIDDLE,
            MIDDLE + Fraction(row["difference"]) / reach / 2,
        )
        for row in people
    ]
    told = (
        "A bar for each evaluator, to the left where the marks are lower than the panel's mean and to the "
        f"right where they are higher. The edges are {points(reach)} away, on scales of up to {highest}."
    )
    return chart_of("Mean difference from the panel", told, rows, middle=MIDDLE)


def signed(difference: Decimal) -> str:
    """'+0.25', '−0.5' or '0': a difference with its sign."""
    rounded = points(difference)
    if rounded.lstrip("-") == "0":
        return "0"
    return rounded.replace("-", "−") if difference < 0 else f"+{rounded}"


def profile_chart(provider_name: str, heading: str, criteria: Sequence[Criterion]) -> Chart:
    """Each question's agreed mark on its scale, with a line at the least that a lot needs."""
    rows = [
        Row(
            f"Q{place} {criterion.title}",
            "not agreed" if criterion.points is None else f"{criterion.points} of {criterion.highest}",
            NOUGHT,
            Fraction(criterion.points or 0, criterion.highest),
            Fraction(criterion.minimum, criterion.highest) if criterion.minimum else None,
            low=criterion.below_minimum,
        )
        for place, criterion in enumerate(criteria, start=1)
    ]
    short = sum(criterion.below_minimum for criterion in criteria)
    open_ = sum(criterion.points is None for criterion in criteria)
    told = (
        "A bar for each question: the agreed mark out of the most that it can be, and a line at the least. "
        f"{plural(short, 'mark')} below the minimum, {open_:,} not agreed yet."
    )
    return chart_of(f"{provider_name}: {heading}", told, rows)
