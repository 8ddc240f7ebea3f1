"""Where a postcode is: reads what a person types, and finds the centroid of its outward code.

The data are the outward codes of Great Britain (see ``data/README.md`` for source and licence). Distances are
straight lines between centroids: good enough to sort a list by, and said so where they are shown.
"""

import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.errors import Refusal
from portal.web.filters import plural

ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right 2025",
    "Contains Royal Mail data © Royal Mail copyright and database right 2025",
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0",
)
"""The three lines that the licence asks for wherever the data, or what follows from it, is shown."""

METRES_A_MILE = 1609.344

_DATA = Path(__file__).with_name("data") / "outcodes_gb.csv"
_LONGEST_INPUT = 20
# The shapes that Royal Mail uses: which letters may stand first and second, and in the inward code.
_OUTWARD = r"[A-PR-UWYZ](?:[0-9][0-9A-HJKMNPR-Y]?|[A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)"
_OUTWARD_CODE = re.compile(_OUTWARD)
_FULL_POSTCODE = re.compile(rf"({_OUTWARD})([0-9][ABD-HJLNP-UW-Z]{{2}})")


@dataclass(frozen=True, slots=True)
class Postcode:
    """A full postcode in its written form: ``str(Postcode("M1", "1AA")) == "M1 1AA"``."""

    outcode: str
    incode: str

    def __str__(self) -> str:
        return f"{self.outcode} {self.incode}"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in metres of the British National Grid: the centroid of an outward code with its local
    authority, or of a full postcode, its `code`."""

    outcode: str
    easting: int
    northing: int
    authority_code: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """The full postcode where that is known, else its outward code."""
        return self.code or self.outcode


class PostcodeNotFound(Refusal):
    """What was typed is no postcode, or none that lies in Great Britain."""


def parse_postcode(text: str) -> Postcode | None:
    """The full postcode in ``text``, whatever its spaces and capitals; None when it has another shape."""
    found = _FULL_POSTCODE.fullmatch(_squeezed(text))
    return Postcode(found[1], found[2]) if found else None


def locate(text: str) -> Location | None:
    """Where a full postcode or an outward code is; None when it is neither, or not in Great Britain."""
    outcode = _outcode(text)
    return _locations().get(outcode) if outcode else None


def require_location(text: str) -> Location:
    """As :func:`locate`, for callers that cannot go on without a place.

    Raises PostcodeNotFound with a sentence for the person who typed it.
    """
    outcode = _outcode(text)
    if outcode is None:
        raise PostcodeNotFound("Enter a postcode in Great Britain, like M1 1AA, or its first half, like M1.")
    found = _locations().get(outcode)
    if found is None:
        raise PostcodeNotFound(
            f"We do not know where {outcode} is. Check the postcode, or enter one near it; "
            "only postcodes in England, Scotland and Wales can be used."
        )
    return found


def distance_metres(one: Location, other: Location) -> float:
    """The straight line between two centroids, in metres; 0 within one outward code."""
    return math.hypot(one.easting - other.easting, one.northing - other.northing)


def places_within(west: float, south: float, east: float, north: float) -> list[Location]:
    """The outward codes whose centroids lie in a box of the National Grid."""
    return [
        place
        for place in _locations().values()
        if west <= place.easting <= east and south <= place.northing <= north
    ]


def miles(metres: float) -> float:
    """Metres as statute miles, not rounded."""
    return metres / METRES_A_MILE


def distance_words(metres: float) -> str:
    """'about 3 miles away'."""
    away = miles(metres)
    return "less than 1 mile away" if away < 1 else f"about {plural(round(away), 'mile')} away"


def _outcode(text: str) -> str | None:
    """The outward code of a full postcode, or of an outward code that stands alone."""
    postcode = parse_postcode(text)
    if postcode:
        return postcode.outcode
    squeezed = _squeezed(text)
    return squeezed if _OUTWARD_CODE.fullmatch(squeezed) else None


def _squeezed(text: str) -> str:
    """``text`` in capitals without any space; empty when it is too long to be a postcode."""
    return "" if len(text) > _LONGEST_INPUT else "".join(text.split()).upper()


@cache
def _locations() -> dict[str, Location]:
    """All outward codes, read at the first question and kept."""
    locations = {}
    for line in _DATA.read_text(encoding="ascii").splitlines():
        outcode, easting, northing, authority_code = line.split(",")
        locations[outcode] = Location(outcode, int(easting), int(northing), authority_code)
    return locations
