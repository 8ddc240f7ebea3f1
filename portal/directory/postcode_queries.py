"""Where a full postcode is, when the official file of postcodes was loaded; else its outward code."""

from portal.database import db
from portal.directory.models import PostcodePlace
from portal.directory.postcodes import Location, locate, parse_postcode, require_location


def place_of(text: str) -> Location | None:
    """Where a postcode or an outward code is; None when it is neither. One statement for a full postcode."""
    return _exactly(text) or locate(text)


def require_place(text: str) -> Location:
    """As `place_of`, for callers that cannot go on without a place. Raises `PostcodeNotFound`."""
    return _exactly(text) or require_location(text)


def _exactly(text: str) -> Location | None:
    postcode = parse_postcode(text)
    row = db.session.get(PostcodePlace, str(postcode)) if postcode else None
    if postcode is None or row is None:
        return None
    return Location(postcode.outcode, row.easting, row.northing, code=str(postcode))
