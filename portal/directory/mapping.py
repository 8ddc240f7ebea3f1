"""A map of a page of results without a picture of the ground: places, rings of distance and a grid.

The map holds what the list beside it holds, in the same numbers. Its units are those of the drawing: WIDTH
across, north at the top.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.directory.postcodes import METRES_A_MILE
from portal.directory.queries import Hit
from portal.directory.search import DISTANCES, SearchCriteria

WIDTH = 600
_MARGIN = 40
_LEAST_METRES = 4 * METRES_A_MILE
_TOO_CLOSE = 22  # units between two marks, below which one moves aside


@dataclass(frozen=True, slots=True)
class Mark:
    """A result: its number in the list, and where it is drawn."""

    number: int
    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Ring:
    """All that is so many miles from the postcode."""

    miles: int
    radius: float


@dataclass(frozen=True, slots=True)
class SearchMap:
    """`here` is the postcode that was searched near, if any; `elsewhere` counts results without a place;
    `mile` is how long a mile is drawn, `grid` the distance in miles between the lines of the grid."""

    marks: tuple[Mark, ...]
    rings: tuple[Ring, ...]
    lines: tuple[float, ...]
    here: tuple[float, float] | None
    here_name: str
    elsewhere: int
    grid: int
    mile: float
    width: int = WIDTH


def map_of(hits: Sequence[Hit], criteria: SearchCriteria) -> SearchMap:
    """The map of a page of results, numbered from the first result of that page."""
    first = (criteria.page - 1) * criteria.size + 1
    placed = [(first + n, hit) for n, hit in enumerate(hits) if hit.service.easting is not None]
    spots = [(float(hit.service.easting or 0), float(hit.service.northing or 0)) for _, hit in placed]
    near = criteria.near
    middle, span = _frame(spots, (float(near.easting), float(near.northing)) if near else None)
    scale = (WIDTH - 2 * _MARGIN) / span
    mile = METRES_A_MILE * scale

    def drawn(spot: tuple[float, float]) -> tuple[float, float]:
        return (
            round(WIDTH / 2 + (spot[0] - middle[0]) * scale, 1),
            round(WIDTH / 2 - (spot[1] - middle[1]) * scale, 1),
        )

    grid = next((miles for miles in (1, 2, 5, 10, 20, 50) if miles * mile >= 50), 100)
    return SearchMap(
        marks=_apart(
            [
                Mark(number, *drawn(spot), f"{hit.service.provider_name}, {hit.service.area}")
                for (number, hit), spot in zip(placed, spots, strict=True)
            ]
        ),
        rings=tuple(
            Ring(miles, round(miles * mile, 1))
            for miles in DISTANCES
            if near and 12 < miles * mile < WIDTH / 2
        ),
        lines=tuple(round(grid * mile * n, 1) for n in range(1, int(WIDTH / (grid * mile)) + 1)),
        here=drawn((float(near.easting), float(near.northing))) if near else None,
        here_name=near.name if near else "",
        elsewhere=len(hits) - len(placed),
        grid=grid,
        mile=round(mile, 2),
    )


def _frame(
    spots: Sequence[tuple[float, float]], here: tuple[float, float] | None
) -> tuple[tuple[float, float], float]:
    """The middle of the map and the metres across: around the postcode where there is one."""
    if not spots:
        return here or (0.0, 0.0), 2 * _LEAST_METRES
    if here:
        furthest = max(max(abs(east - here[0]), abs(north - here[1])) for east, north in spots)
        return here, max(2 * furthest, _LEAST_METRES)
    easts, norths = [east for east, _ in spots], [north for _, north in spots]
    middle = (min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2
    return middle, max(max(easts) - min(easts), max(norths) - min(norths), _LEAST_METRES)


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks with those that would cover each other drawn side by side."""
    drawn: list[Mark] = []
    for mark in marks:
        x, y = mark.x, mark.y
        while any(abs(x - other.x) < _TOO_CLOSE and abs(y - other.y) < _TOO_CLOSE for other in drawn):
            x += _TOO_CLOSE
            if x > WIDTH - _TOO_CLOSE / 2:
                x, y = mark.x, y + _TOO_CLOSE
        drawn.append(Mark(mark.number, round(x, 1), round(y, 1), mark.title))
    return tuple(drawn)
