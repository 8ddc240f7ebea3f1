"""A map of a page of results: names of postcode areas, rings, a grid, and what outlines a council has loaded.

The map holds what the list beside it holds, in the same numbers. Its units are those of the drawing: WIDTH
across, north at the top.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from statistics import fmean

from portal.directory.outlines import Spot
from portal.directory.outlines import drawn as drawn_rings
from portal.directory.postcodes import METRES_A_MILE, places_within
from portal.directory.queries import Hit
from portal.directory.search import DISTANCES, SearchCriteria

WIDTH = 600
_MARGIN = 40
_LEAST_METRES = 4 * METRES_A_MILE
TARGET = 46
"""Units between two marks, below which one moves aside: 24 pixels where the map is 320 wide, to be hit by a
thumb."""

_DISTRICTS_TO_MILES = 40  # across; on a wider map whole areas are named ("M", not "M14")
_NAME_WIDTH, _NAME_HEIGHT = 80, 56  # units that a name keeps to itself


@dataclass(frozen=True, slots=True)
class Mark:
    """A result: its number in the list, where it is drawn, and where it is (`spot`: the same unless it moved
    aside)."""

    number: int
    x: float
    y: float
    title: str
    spot: Spot

    @property
    def moved(self) -> bool:
        """Whether it stands elsewhere than it is."""
        return (self.x, self.y) != self.spot


@dataclass(frozen=True, slots=True)
class Name:
    """A postcode district or area, written where its middle is."""

    words: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Ring:
    """All that is so many miles from the postcode."""

    miles: int
    radius: float


@dataclass(frozen=True, slots=True)
class SearchMap:
    """`here` is the postcode that was searched near, if any; `elsewhere` counts results without a place;
    `outlines` are SVG paths, `attributions` whose they are; `mile` is how long a mile is drawn, `grid` the
    distance in miles between the lines of the grid."""

    marks: tuple[Mark, ...]
    names: tuple[Name, ...]
    rings: tuple[Ring, ...]
    lines: tuple[float, ...]
    here: tuple[float, float] | None
    here_name: str
    elsewhere: int
    grid: int
    mile: float
    width: int = WIDTH
    target: int = TARGET
    outlines: tuple[str, ...] = ()
    attributions: tuple[str, ...] = ()


def map_of(
    hits: Sequence[Hit], criteria: SearchCriteria, known: Iterable[tuple[Sequence[Sequence[Spot]], str]] = ()
) -> SearchMap:
    """The map of a page of results, numbered from the first result of that page. `known` are outlines: rings
    in metres of the National Grid, and whose they are."""
    first = (criteria.page - 1) * criteria.size + 1
    placed = [(first + n, hit, hit.spot) for n, hit in enumerate(hits) if hit.spot is not None]
    spots = [spot for *_, spot in placed]
    near = criteria.near
    middle, span = _frame(spots, (near.easting, near.northing) if near else None)
    scale = (WIDTH - 2 * _MARGIN) / span
    mile = METRES_A_MILE * scale

    def drawn(spot: Spot) -> Spot:
        return (
            round(WIDTH / 2 + (spot[0] - middle[0]) * scale, 1),
            round(WIDTH / 2 - (spot[1] - middle[1]) * scale, 1),
        )

    here = drawn((near.easting, near.northing)) if near else None
    marks = _apart(
        [
            Mark(number, *drawn(spot), f"{hit.service.provider_name}, {hit.area}", drawn(spot))
            for number, hit, spot in placed
        ],
        here,
    )
    paths = [(path, whose) for rings, whose in known if (path := drawn_rings(rings, middle, scale, WIDTH))]
    grid = next((miles for miles in (1, 2, 5, 10, 20, 50) if miles * mile >= 50), 100)
    return SearchMap(
        marks=marks,
        names=_named({words: drawn(spot) for words, spot in _ground(middle, span).items()}, marks, here),
        rings=tuple(
            Ring(miles, round(miles * mile, 1))
            for miles in DISTANCES
            if near and 12 < miles * mile < WIDTH / 2
        ),
        lines=tuple(round(grid * mile * n, 1) for n in range(1, int(WIDTH / (grid * mile)) + 1)),
        here=here,
        here_name=near.name if near else "",
        elsewhere=len(hits) - len(placed),
        grid=grid,
        mile=round(mile, 2),
        outlines=tuple(path for path, _ in paths),
        attributions=tuple(dict.fromkeys(whose for _, whose in paths)),
    )


def _frame(spots: Sequence[Spot], here: Spot | None) -> tuple[Spot, float]:
    """The middle of the map and the metres across: around the postcode where there is one."""
    if not spots:
        return here or (0.0, 0.0), 2 * _LEAST_METRES
    if here:
        furthest = max(max(abs(east - here[0]), abs(north - here[1])) for east, north in spots)
        return here, max(2 * furthest, _LEAST_METRES)
    easts, norths = [east for east, _ in spots], [north for _, north in spots]
    middle = (min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2
    return middle, max(max(easts) - min(easts), max(norths) - min(norths), _LEAST_METRES)


def _apart(marks: Sequence[Mark], here: Spot | None) -> tuple[Mark, ...]:
    """The marks with those that would cover each other, or the cross, drawn side by side."""
    drawn: list[Mark] = []
    taken = [here] if here else []
    for mark in marks:
        x, y = next(
            (x, y)
            for x, y in _around(mark.x, mark.y)
            if all(abs(x - to[0]) >= TARGET or abs(y - to[1]) >= TARGET for to in taken)
        )
        taken.append((x, y))
        drawn.append(replace(mark, x=x, y=y))
    return tuple(drawn)


def _around(x: float, y: float) -> Iterator[Spot]:
    """A spot, and then others on the map, ever further from it."""
    yield x, y
    edge = TARGET / 2
    for ring in count(1):
        steps = [(across, down) for across in range(-ring, ring + 1) for down in range(-ring, ring + 1)]
        for across, down in sorted(steps, key=lambda step: math.hypot(*step)):
            spot = round(x + across * TARGET / 2, 1), round(y + down * TARGET / 2, 1)
            if max(abs(across), abs(down)) == ring and all(edge <= each <= WIDTH - edge for each in spot):
                yield spot


def _ground(middle: Spot, span: float) -> dict[str, Spot]:
    """The postcode districts on the map with their middles; on a wide one, the areas that they make up."""
    half = span / 2 * WIDTH / (WIDTH - 2 * _MARGIN)
    places = places_within(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    if span <= _DISTRICTS_TO_MILES * METRES_A_MILE:
        return {place.outcode: (place.easting, place.northing) for place in places}
    areas = defaultdict(list)
    for place in places:
        areas[re.match("[A-Z]+", place.outcode)[0]].append(place)  # type: ignore[index]
    return {
        area: (fmean(p.easting for p in parts), fmean(p.northing for p in parts))
        for area, parts in areas.items()
    }


def _named(names: Mapping[str, Spot], marks: Sequence[Mark], here: Spot | None) -> tuple[Name, ...]:
    """Names that run into no mark and not into each other, those near the middle of the map first. One whose
    place is taken stands below or above it, or is left out."""
    kept: list[Name] = []
    middle = (WIDTH / 2, WIDTH / 2)
    taken = [(mark.x, mark.y) for mark in marks] + ([here, (here[0] + 40, here[1] + 22)] if here else [])
    for words, (x, y) in sorted(names.items(), key=lambda name: (math.dist(name[1], middle), name[0])):
        for spot in ((x, y), (x, y + TARGET), (x, y - TARGET / 2 - 4)):
            if _on_the_map(spot) and _free(spot, taken, kept):
                kept.append(Name(words, *(round(each, 1) for each in spot)))
                break
    return tuple(kept)


def _on_the_map(spot: Spot) -> bool:
    return _NAME_WIDTH / 2 < spot[0] < WIDTH - _NAME_WIDTH / 2 and _NAME_HEIGHT / 2 < spot[1] < WIDTH - 4


def _free(spot: Spot, taken: Iterable[Spot], names: Iterable[Name]) -> bool:
    """Whether a name written here, its feet at `spot`, hides behind nothing and runs into no other."""
    (x, y), half = spot, TARGET / 2
    behind = any(abs(x - to[0]) < half + 22 and abs(y - 8 - to[1]) < half + 8 for to in taken)
    return not behind and all(abs(x - n.x) > _NAME_WIDTH or abs(y - n.y) > _NAME_HEIGHT for n in names)
