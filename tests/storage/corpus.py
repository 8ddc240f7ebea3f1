"""Files to upload, made by the tools that people use, and the same files spoilt in one way each."""

import io
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import docx
import pikepdf
import typst
import xlsxwriter
from PIL import Image


@cache
def pdf() -> bytes:
    """A two-page letter, set by typst."""
    return typst.compile(
        b"#set page(width: 120mm, height: 80mm)\n= Safeguarding policy\nOne.\n#pagebreak()\nTwo."
    )


@cache
def word() -> bytes:
    """A Word document with a heading, a picture and a table."""
    document = docx.Document()
    document.add_heading("Our offer", level=1)
    document.add_picture(io.BytesIO(png()))
    document.add_table(rows=3, cols=2).cell(0, 0).text = "Bike mechanics"
    return _saved(document.save)


@cache
def excel() -> bytes:
    """A workbook with prices, a formula, a chart and an ordinary hyperlink."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet("Prices")
        sheet.write_column(0, 0, [48, 62, 75])
        sheet.write_formula(3, 0, "=SUM(A1:A3)")
        sheet.write_url(4, 0, "https://kiln-street.example.org/prices")
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=Prices!$A$1:$A$3"})
        sheet.insert_chart("C2", chart)
    return buffer.getvalue()


@cache
def jpeg(width: int = 640, height: int = 480) -> bytes:
    """A photograph with some detail in it."""
    picture = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    return _saved(lambda stream: picture.save(stream, "JPEG"))


@cache
def png(width: int = 64, height: int = 48) -> bytes:
    """A small picture without loss."""
    picture = Image.linear_gradient("L").resize((width, height))
    return _saved(lambda stream: picture.save(stream, "PNG"))


GOOD: dict[str, Callable[[], bytes]] = {"pdf": pdf, "docx": word, "xlsx": excel, "jpeg": jpeg, "png": png}


def changed_pdf(change: Callable[[pikepdf.Pdf], None], **save: object) -> bytes:
    """The good PDF after `change(document)`."""
    with pikepdf.open(io.BytesIO(pdf())) as document:
        change(document)
        return _saved(lambda stream: document.save(stream, **save))


def locked_pdf(*, user: str, owner: str) -> bytes:
    """The good PDF, encrypted. With an empty `user` it opens for everyone and only forbids printing."""
    permissions = pikepdf.Permissions(print_highres=False, print_lowres=False)
    return changed_pdf(
        lambda _: None, encryption=pikepdf.Encryption(user=user, owner=owner, allow=permissions)
    )


def changed_zip(original: bytes, **changes: bytes | None) -> bytes:
    """`original` with parts replaced, added, or (None) left out. Give names with slashes by `**{...}`."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(original)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            if part.filename not in changes:
                target.writestr(part, source.read(part))
        for name, content in changes.items():
            if content is not None:
                target.writestr(name, content)
    return buffer.getvalue()


def part_of(archive: bytes, name: str) -> bytes:
    """One part of an Office file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name)


def with_relation(original: bytes, part: str, kind: str, target: str) -> bytes:
    """`original` with one more external relation of `kind` in the relations part `part`."""
    relation = (
        f'<Relationship Id="rId900" TargetMode="External" Target="{target}" Type="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships/{kind}"/></Relationships>'
    )
    return changed_zip(
        original, **{part: part_of(original, part).replace(b"</Relationships>", relation.encode())}
    )


def macro_workbook() -> bytes:
    """A real macro workbook (.xlsm) of xlsxwriter."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        workbook.add_worksheet()
        workbook.add_vba_project(io.BytesIO(ole("VBA")), is_stream=True)
    return buffer.getvalue()


def ole(*streams: str) -> bytes:
    """A compound file ([MS-CFB], version 3) with empty streams of these names (three at most).

    Office writes one of "EncryptionInfo" and "EncryptedPackage" when a document has a password, and Word
    before 2007 wrote one of "WordDocument".
    """
    free, end, fat, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<109I", *([free] * 108), free)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", len(name) * 2 + 2, kind, 1, none, sibling, child)
        + bytes(36)
        + struct.pack("<IQ", end, 0)
        for name, kind, sibling, child in _tree(streams, none)
    )
    return header[:512] + struct.pack("<128I", fat, end, *([free] * 126)) + entries.ljust(512, b"\0")


def _tree(streams: tuple[str, ...], none: int) -> list[tuple[str, int, int, int]]:
    below = [
        (name, 2, place + 2 if place + 1 < len(streams) else none, none) for place, name in enumerate(streams)
    ]
    return [("Root Entry", 5, none, 1 if streams else none), *below]


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()
