"""Workbooks (.xlsx) of text: written row by row at constant memory, and no cell is ever a formula."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from portal import clock

MOST_ROWS = 1_048_576  # of a sheet, its head included
MOST_CHARACTERS = 32_767  # of a cell, in UTF-16
CUT = " […] (cut: a cell holds no more)"
_WIDEST = 60

Sheet = tuple[str, Sequence[str], Iterable[Sequence[object]]]


def write_workbook(path: Path, sheets: Iterable[Sheet], *, most_rows: int = MOST_ROWS) -> Iterator[str]:
    """Write sheets, each with a title, a head and rows, into a file; gives each title when its sheet is done.

    Heads stay in sight. Numbers stay numbers; all else is text, moments as ISO 8601 in UK time. A sheet with
    more rows than a sheet can hold goes on in another.
    """
    with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})

        def begun(title: str, head: Sequence[str]) -> Worksheet:
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for column, words in enumerate(head):
                sheet.set_column(column, column, _WIDEST if words in ("Reason", "Words") else 18)
                sheet.write_string(0, column, words, bold)
            return sheet

        for title, head, rows in sheets:
            _fill(
                lambda number, title=title, head=head: begun(_numbered(title, number), head), rows, most_rows
            )
            yield title


def _fill(begun: Callable[[int], Worksheet], rows: Iterable[Sequence[object]], most: int) -> None:
    number, line = 1, 0
    sheet = begun(number)
    for row in rows:
        line += 1
        if line == most:
            number, line = number + 1, 1
            sheet = begun(number)
        for column, cell in enumerate(row):
            if isinstance(cell, int) and not isinstance(cell, bool):
                sheet.write_number(line, column, cell)
            elif cell is not None and cell != "":
                sheet.write_string(line, column, as_text(cell))


def as_text(cell: object) -> str:
    """What a cell of text says."""
    if isinstance(cell, datetime):
        return clock.london(cell).isoformat(timespec="seconds")
    words = str(cell)
    if words.startswith("<r>"):
        # The library takes this for markup of its own and would write it into the sheet as it is.
        words = f" {words}"
    if len(words) * 2 > MOST_CHARACTERS and len(words.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        most = (MOST_CHARACTERS - len(CUT)) * 2
        words = words.encode("utf-16-le")[:most].decode("utf-16-le", "ignore") + CUT
    return words


def _numbered(title: str, number: int) -> str:
    return title if number == 1 else f"{title} ({number})"
