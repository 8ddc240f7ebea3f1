"""Workbooks: every cell is text or a number, whatever it says, and no row is lost."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from portal.web.workbooks import CUT, MOST_CHARACTERS, write_workbook

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://x.example.org", "007", "<r><t>x</t></r>", "a & <b>"]
TEXTS = [*NASTY, "Mae’r ŵyn yn dda", "👩🏽‍🏫 🐑", " spaces ", "two\nlines", "_x0041_", "1.50", "true"]


def written(
    folder: Path, rows: Iterable[Sequence[object]], most_rows: int = 1_048_576
) -> list[ElementTree.Element]:
    path = folder / "book.xlsx"
    assert list(write_workbook(path, [("Marks", ("Provider", "Reason"), rows)], most_rows=most_rows)) == [
        "Marks"
    ]
    with ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [ElementTree.fromstring(book.read(name)) for name in names]


def cells(sheet: ElementTree.Element) -> list[tuple[str, str]]:
    """Kind and content of every cell below the head."""
    found = [cell for row in sheet.findall(".//x:row", NS)[1:] for cell in row.findall("x:c", NS)]
    return [(cell.get("t", "n"), "".join(cell.itertext())) for cell in found]


def test_text_stays_text_and_nothing_is_a_formula(tmp_path: Path) -> None:
    sheet = written(tmp_path, [(words,) for words in TEXTS])[0]
    assert sheet.findall(".//x:f", NS) == [] and sheet.findall(".//x:hyperlink", NS) == []
    kinds, contents = zip(*cells(sheet), strict=True)
    assert set(kinds) == {"inlineStr"}
    plain = [words.replace("_x005F_", "_").removeprefix(" <r>") for words in contents]
    assert plain == [words.removeprefix("<r>") for words in TEXTS]


def test_numbers_are_numbers_and_moments_say_their_hour_in_the_united_kingdom(tmp_path: Path) -> None:
    moment = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    sheet = written(tmp_path, [(4, moment, None, "", True)])[0]
    assert cells(sheet) == [("n", "4"), ("inlineStr", "2026-07-01T12:30:00+01:00"), ("inlineStr", "True")]


def test_heads_are_frozen(tmp_path: Path) -> None:
    pane = written(tmp_path, [])[0].find(".//x:pane", NS)
    assert pane is not None and (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")


def test_a_text_that_no_cell_holds_is_cut_and_says_so(tmp_path: Path) -> None:
    (_, kept), *_ = cells(written(tmp_path, [("🐑" * 20_000,)])[0])
    assert kept.endswith(CUT) and kept.startswith("🐑🐑")
    assert len(kept.encode("utf-16-le")) // 2 <= MOST_CHARACTERS


def test_rows_beyond_the_last_of_a_sheet_go_on_in_another(tmp_path: Path) -> None:
    sheets = written(tmp_path, [(number,) for number in range(7)], most_rows=4)
    assert [content for sheet in sheets for _, content in cells(sheet)] == [str(n) for n in range(7)]
    assert len(sheets) == 3
