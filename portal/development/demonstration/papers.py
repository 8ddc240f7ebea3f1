"""Real documents made by real tools: what the invented providers upload."""

import io
from functools import cache

import docx
import typst
import xlsxwriter
from PIL import Image, ImageDraw


@cache
def paper(kind: str, title: str) -> bytes:
    """The bytes of a small pdf, docx, xlsx or jpg with this title."""
    return {"pdf": _pdf, "docx": _word, "xlsx": _sheet, "jpg": _picture}[kind](title)


def _pdf(title: str) -> bytes:
    source = f"= {title}\n\nInvented for a demonstration. Reviewed each year and signed by the trustees.\n"
    return typst.compile(source.encode(), format="pdf")


def _word(title: str) -> bytes:
    document = docx.Document()
    document.add_heading(title, 1)
    document.add_paragraph("Invented for a demonstration. Reviewed each year and signed by the trustees.")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _sheet(title: str) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet 1")
        sheet.write_row(0, 0, [title, "Invented for a demonstration"])
        for row in range(1, 13):
            sheet.write_row(row, 0, [f"Month {row}", 1200 + 35 * row])
    return stream.getvalue()


def _picture(title: str) -> bytes:
    image = Image.new("RGB", (640, 420), "#f3f2f1")
    ImageDraw.Draw(image).text((40, 40), f"{title}\nInvented for a demonstration", fill="#0b0c0c")
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
