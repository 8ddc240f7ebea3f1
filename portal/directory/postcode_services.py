"""Taking in the official open files of postcodes, so that distances go from postcode to postcode.

Two are understood, as one CSV file or as the zip in which they are published: the ONS Postcode Directory (a
header with `pcds`, `oseast1m` and `osnrth1m`) and OS Code-Point Open (no header: postcode, quality, easting,
northing). Northern Ireland lies on another grid and is left out.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from sqlalchemy import text

from portal.audit.services import Doer, record
from portal.database import transaction
from portal.directory.indexing import refresh_search_rows
from portal.directory.postcodes import parse_postcode
from portal.errors import Refusal

_DIRECTORY = ("pcds", "oseast1m", "osnrth1m")
_CODE_POINT = (0, 2, 3)
_FURTHEST = 1_300_000  # metres: nothing of Great Britain lies further east or north
_OTHER_GRIDS = ("BT", "GY", "JE", "IM")


def load_postcodes(file: Path, *, by: Doer) -> int:
    """Replace the known postcodes by those of a file, and return how many there are.

    Services and their sites move to where their postcodes are. All or nothing. Raises `Refusal` for a file in
    which no postcode can be read.
    """
    with transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("TRUNCATE postcode"))
        connection = session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor, cursor.copy("COPY postcode FROM STDIN") as copy:
            seen: set[str] = set()
            for code, easting, northing in _read(file):
                if code not in seen:
                    seen.add(code)
                    copy.write_row((code, easting, northing))
        if not seen:
            raise Refusal(
                "No postcode can be read from this file. Give the CSV or zip of the ONS Postcode Directory "
                "or of OS Code-Point Open."
            )
        for table in ("service", "service_site"):
            session.execute(
                text(
                    f"UPDATE {table} SET easting = postcode.easting, northing = postcode.northing"
                    f" FROM postcode WHERE postcode.code = {table}.postcode"
                )
            )
        refresh_search_rows("true")
        record("postcodes.load", "postcodes", file.name[:100], by=by, postcodes=len(seen))
    return len(seen)


def _read(file: Path) -> Iterator[tuple[str, int, int]]:
    with ExitStack() as open_files:
        if zipfile.is_zipfile(file):
            archive = open_files.enter_context(zipfile.ZipFile(file))
            for name in archive.namelist():
                if name.lower().endswith(".csv"):
                    yield from _lines(open_files.enter_context(archive.open(name)))
        else:
            yield from _lines(open_files.enter_context(file.open("rb")))


def _lines(stream: IO[bytes]) -> Iterator[tuple[str, int, int]]:
    rows = csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline=""))
    first = next(rows, [])
    names = [name.strip().lower() for name in first]
    if all(name in names for name in _DIRECTORY):
        places: tuple[int, ...] = tuple(names.index(name) for name in _DIRECTORY)
    else:
        places = _CODE_POINT
        yield from _place(first, places)
    for row in rows:
        yield from _place(row, places)


def _place(row: list[str], places: tuple[int, ...]) -> Iterator[tuple[str, int, int]]:
    """The place of a line; nothing for one without a postcode of Great Britain or without a place."""
    if len(row) <= max(places):
        return
    code, easting, northing = (row[place].strip() for place in places)
    postcode = parse_postcode(code)
    known = postcode and not postcode.outcode.startswith(_OTHER_GRIDS)
    if known and easting.isascii() and easting.isdigit() and northing.isascii() and northing.isdigit():
        east, north = int(easting), int(northing)
        if 0 < east < _FURTHEST and 0 < north < _FURTHEST:
            yield str(postcode), east, north
