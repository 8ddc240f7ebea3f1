"""Tables for a spreadsheet program: CSV in UTF-8, streamed, in which no cell is taken for a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from flask import Response, stream_with_context

from portal import clock
from portal.storage.filenames import attachment

# A cell that begins so is run by spreadsheet programs; some skip spaces before it, some know the wide forms.
_RUN = re.compile("[ \u00a0]*[=+\\-@\t\r\n＝＋－＠]")
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def neutral(cell: object) -> object:
    """`cell` as a spreadsheet may hold it: text that would be a formula gets an apostrophe before it.

    Numbers stay numbers, moments become ISO 8601 with the offset of UK time.
    """
    if isinstance(cell, str):
        # Nearly every text begins with a letter: asking that first is ten times as quick.
        return cell if cell[:1].isalnum() or not _RUN.match(cell) else f"'{cell}"
    return clock.london(cell).isoformat(timespec="seconds") if isinstance(cell, datetime) else cell


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), one string for each row."""
    buffer = StringIO()
    write = csv.writer(buffer).writerow
    buffer.write(_BYTE_ORDER_MARK)
    write(head)
    yield _taken(buffer)
    for row in rows:
        write([neutral(cell) for cell in row])
        yield _taken(buffer)


def csv_download(filename: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file that the browser saves, sent while its rows are read."""
    return Response(
        stream_with_context(csv_lines(head, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": attachment(filename)},
    )


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
