"""Where a full postcode is, when the official file of postcodes was loaded; else its outward code. And which
outlines of areas were loaded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from portal.database import db
from portal.directory.models import AreaOutline, PostcodePlace
from portal.directory.postcodes import Location, locate, parse_postcode, require_location


def places_of(texts: Sequence[str]) -> list[Location | None]:
    """Where each postcode or outward code is; None for what is neither. One statement for all full ones."""
    postcodes = [parse_postcode(text) for text in texts]
    full = {str(postcode) for postcode in postcodes if postcode}
    columns = (PostcodePlace.code, PostcodePlace.easting, PostcodePlace.northing)
    rows = db.session.execute(select(*columns).where(PostcodePlace.code.in_(full))) if full else ()
    known = {code: (easting, northing) for code, easting, northing in rows}
    return [
        Location(postcode.outcode, *known[str(postcode)], code=str(postcode))
        if postcode and str(postcode) in known
        else locate(text)
        for text, postcode in zip(texts, postcodes, strict=True)
    ]


def place_of(text: str) -> Location | None:
    """Where one is."""
    return places_of([text])[0]


def require_place(text: str) -> Location:
    """As `place_of`, for callers that cannot go on without a place. Raises `PostcodeNotFound`."""
    return place_of(text) or require_location(text)


def outlines_known() -> Sequence[Row[Any]]:
    """The outlines that were loaded, by name: rings and attribution. One statement."""
    return db.session.execute(
        select(AreaOutline.rings, AreaOutline.attribution).order_by(AreaOutline.name, AreaOutline.id)
    ).all()
