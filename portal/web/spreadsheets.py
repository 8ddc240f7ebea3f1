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
_AS_IT_IS = frozenset({int, type(None)})
_BLOCK = 64 * 1024  # characters
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def neutral(cell: object) -> object:
    """`cell` as a spreadsheet may hold it: text that would be a formula gets an apostrophe before it.

    Numbers stay numbers, moments become ISO 8601 with the offset of UK time.
    """
    if isinstance(cell, str):
        # Nearly every text begins with a letter: asking that first is ten times as quick.
        return cell if cell[:1].isalnum() or not _RUN.match(cell) else f"'{cell}"
    return clock.london(cell).isoformat(timespec="seconds") if isinstance(cell, datetime) else cell


def csv_blocks(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A CSV file (RFC 4180) in pieces of some size: to send it line by line takes longer than to read it."""
    buffer = StringIO()
    write = csv.writer(buffer).writerow
    buffer.write(_BYTE_ORDER_MARK)
    write(head)
    for row in rows:
        write([cell if type(cell) in _AS_IT_IS else neutral(cell) for cell in row])
        if buffer.tell() >= _BLOCK:
            yield _taken(buffer)
    yield _taken(buffer)


def csv_download(filename: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file that the browser saves, sent while its rows are read."""
    return Response(
        stream_with_context(csv_blocks(head, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": attachment(filename)},
    )


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
