"""Outlines of areas: read from an open boundary file, made plain, and drawn on a map. No database here.

Files are GeoJSON, in metres of the National Grid (EPSG:27700) or in longitude and latitude (WGS 84), as the
Office for National Statistics publishes boundaries under the Open Government Licence.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.errors import Refusal

Spot = tuple[float, float]
PLAIN_METRES = 60
"""How far a plain outline may lie from the one in the file: two units on a map of ten miles."""
MOST_OUTLINES = 60
LARGEST_BYTES = 200 * 1024 * 1024
_SMALLEST = 4
_NAMES = ("nm", "name")

NOT_UNDERSTOOD = (
    "No outline can be read from this file. Give GeoJSON with polygons in the National Grid or in longitude"
    " and latitude, as geoportal.statistics.gov.uk offers boundaries."
)


@dataclass(frozen=True, slots=True)
class Outline:
    """An area by its name: rings of points in metres of the National Grid, as few as draw it."""

    name: str
    rings: Sequence[Sequence[Spot]]


def outlines_in(file: Path, wanted: str = "") -> list[Outline]:
    """The areas of a file, or those whose name holds `wanted`.

    Raises `Refusal` for what cannot be read, `OSError` for no file.
    """
    if file.stat().st_size > LARGEST_BYTES:
        raise Refusal("This file is larger than 200 MB. Give a generalised one (BGC or BUC).")
    try:
        features = json.loads(file.read_text(encoding="utf-8-sig"))["features"]
        chosen = [each for each in features if wanted.lower() in _name_of(each).lower()]
        outlines = [Outline(_name_of(each), list(_plain_rings(each))) for each in chosen[: MOST_OUTLINES + 1]]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise Refusal(NOT_UNDERSTOOD) from None
    found = [outline for outline in outlines if outline.rings]
    if len(found) > MOST_OUTLINES:
        raise Refusal(f"This file holds more than {MOST_OUTLINES} areas. Say which with --name.")
    if not found:
        unknown = f"No area in this file is called “{wanted}”."
        raise Refusal(unknown if features and not chosen else NOT_UNDERSTOOD)
    return found


def drawn(rings: Sequence[Sequence[Spot]], middle: Spot, scale: float, width: float) -> str:
    """The rings as one SVG path on a square map around a place (`scale`: units a metre, north at the top);
    empty where none of it lies on the map."""
    return "".join(_path(list(ring), middle, scale, width) for ring in rings)


def _path(ring: list[Spot], middle: Spot, scale: float, width: float) -> str:
    on_map = [
        (width / 2 + (east - middle[0]) * scale, width / 2 - (north - middle[1]) * scale)
        for east, north in ring
    ]
    across, down = [x for x, _ in on_map], [y for _, y in on_map]
    if max(across) < 0 or min(across) > width or max(down) < 0 or min(down) > width:
        return ""
    points = _plain(on_map, 1.5)
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z" if len(points) >= _SMALLEST - 1 else ""


def _name_of(feature: Mapping[str, Any]) -> str:
    """What an area is called: ONS names the field after the kind and year ('LAD24NM')."""
    properties = feature["properties"] or {}
    return next((str(said) for key, said in properties.items() if key.lower().endswith(_NAMES)), "")


def _plain_rings(feature: Mapping[str, Any]) -> Iterator[list[Spot]]:
    """The rings of an area with as few points as draw it, in metres of the National Grid; islets that nobody
    would see are left out."""
    geometry = feature["geometry"] or {"type": "", "coordinates": []}
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return
    for ring in (ring for polygon in polygons for ring in polygon):
        plain = _plain([_on_grid(*point[:2]) for point in ring], PLAIN_METRES)
        if len(plain) >= _SMALLEST:
            yield plain


def _on_grid(x: float, y: float) -> Spot:
    """A point in metres of the National Grid. Raises `ValueError` for one that lies not in Great Britain."""
    if -10 <= x <= 3 and 49 <= y <= 61.5:
        x, y = to_national_grid(x, y)
    if not (0 <= x <= 700_000 and 0 <= y <= 1_300_000):
        raise ValueError(f"{x}, {y} is no place in Great Britain")
    return round(x), round(y)


def _plain(points: list[Spot], away: float) -> list[Spot]:
    """The points without those closer than `away` to a line between others (Ramer, Douglas and Peucker)."""
    if len(points) < 3:
        return points
    kept = {0, len(points) - 1}
    # A ring ends where it begins, so it is first cut at its furthest point.
    turn = max(range(len(points)), key=lambda place: math.dist(points[place], points[0]))
    kept.add(turn)
    stack = [(0, turn), (turn, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        inside = range(first + 1, last)
        if not inside:
            continue
        furthest = max(inside, key=lambda place: _from_line(points[place], points[first], points[last]))
        if _from_line(points[furthest], points[first], points[last]) > away:
            kept.add(furthest)
            stack += [(first, furthest), (furthest, last)]
    return [points[place] for place in sorted(kept)]


def _from_line(point: Spot, one: Spot, other: Spot) -> float:
    length = math.dist(one, other)
    if not length:
        return math.dist(point, one)
    (x, y), (x1, y1), (x2, y2) = point, one, other
    along = max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length**2))
    return math.dist(point, (x1 + along * (x2 - x1), y1 + along * (y2 - y1)))


def to_national_grid(longitude: float, latitude: float) -> Spot:
    """Eastings and northings of a place in WGS 84, good to about five metres.

    Helmert's transformation to OSGB36 and the transverse Mercator projection of Airy's ellipsoid, with the
    figures that Ordnance Survey publishes ("A guide to coordinate systems in Great Britain").
    """
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    lam, phi = math.radians(longitude), math.radians(latitude)
    nu = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    x, y = nu * math.cos(phi) * math.cos(lam), nu * math.cos(phi) * math.sin(lam)
    z = nu * (1 - e2) * math.sin(phi)
    tx, ty, tz, s = -446.448, 125.157, -542.060, 1 + 20.4894e-6
    rx, ry, rz = (math.radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
    return _projected(
        tx + s * x - rz * y + ry * z, ty + rz * x + s * y - rx * z, tz - ry * x + rx * y + s * z
    )


def _projected(x: float, y: float, z: float) -> Spot:
    """From places in space on OSGB36 to the plane of the National Grid."""
    a, b = 6377563.396, 6356256.909
    e2 = 1 - (b / a) ** 2
    flat = math.hypot(x, y)
    phi, lam = math.atan2(z, flat * (1 - e2)), math.atan2(y, x)
    for _ in range(6):
        nu = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z + e2 * nu * math.sin(phi), flat)
    f0, phi0, lam0 = 0.9996012717, math.radians(49), math.radians(-2)
    n = (a - b) / (a + b)
    sin, cos, tan = math.sin(phi), math.cos(phi), math.tan(phi)
    nu = a * f0 / math.sqrt(1 - e2 * sin**2)
    rho = a * f0 * (1 - e2) / (1 - e2 * sin**2) ** 1.5
    eta2 = nu / rho - 1
    less, more = phi - phi0, phi + phi0
    meridian = b * f0 * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * less
        - (3 * n + 3 * n**2 + 2.625 * n**3) * math.sin(less) * math.cos(more)
        + (1.875 * n**2 + 1.875 * n**3) * math.sin(2 * less) * math.cos(2 * more)
        - 35 / 24 * n**3 * math.sin(3 * less) * math.cos(3 * more)
    )  # fmt: skip
    d = lam - lam0
    north = (
        meridian - 100_000
        + nu / 2 * sin * cos * d**2
        + nu / 24 * sin * cos**3 * (5 - tan**2 + 9 * eta2) * d**4
        + nu / 720 * sin * cos**5 * (61 - 58 * tan**2 + tan**4) * d**6
    )  # fmt: skip
    east = (
        400_000 + nu * cos * d
        + nu / 6 * cos**3 * (nu / rho - tan**2) * d**3
        + nu / 120 * cos**5 * (5 - 18 * tan**2 + tan**4 + 14 * eta2 - 58 * tan**2 * eta2) * d**5
    )  # fmt: skip
    return east, north
