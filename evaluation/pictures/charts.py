"""Bars on a track, one row under the other: the shape of every chart here, in units of its own drawing.

The drawing is as wide as a phone, so that its words stay readable there, and each row has its words above
its bar. What is drawn is decided here; the template writes it down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

WIDTH, MARGIN = 360, 8
TRACK = WIDTH - 2 * MARGIN
ROW, BAR = 48, 14  # a row's height, and its bar's
LONGEST = 36  # letters of a label that fit beside the value


@dataclass(frozen=True)
class Row:
    """What a row shows: where its bar begins and ends and where its line stands, as parts of the track.

    `low` gives the bar the colour of what falls short.
    """

    label: str
    value: str
    begins: Fraction
    ends: Fraction
    line: Fraction | None = None
    low: bool = False


@dataclass(frozen=True)
class DrawnRow:
    """A row's words and places in the drawing."""

    label: str
    value: str
    top: int
    left: float
    length: float
    line: float | None
    low: bool


@dataclass(frozen=True)
class Chart:
    """A chart with its words. `middle` is where the line through all rows stands, if there is one."""

    title: str
    description: str
    rows: Sequence[DrawnRow]
    middle: float | None = None

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return ROW * len(self.rows) + MARGIN


def chart_of(title: str, description: str, rows: Iterable[Row], *, middle: Fraction | None = None) -> Chart:
    """Lay the rows out, each bar at least a hair wide."""
    drawn = [
        DrawnRow(
            label=row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1].rstrip()}…",
            value=row.value,
            top=MARGIN + ROW * place,
            left=_place(min(row.begins, row.ends)),
            length=max(round(float(abs(row.ends - row.begins)) * TRACK, 1), 1),
            line=None if row.line is None else _place(row.line),
            low=row.low,
        )
        for place, row in enumerate(rows)
    ]
    return Chart(title, description, drawn, None if middle is None else _place(middle))


def _place(part: Fraction) -> float:
    return round(MARGIN + float(min(max(part, Fraction(0)), Fraction(1))) * TRACK, 1)
