"""Word and Excel files: what may be in them and what may not."""

import io
import zipfile
from collections.abc import Callable

import pytest

from portal.storage import refusals
from portal.storage.inspection import KINDS, inspect
from tests.storage import corpus

CONTENT_TYPES = "[Content_Types].xml"
SETTINGS = "word/_rels/settings.xml.rels"
DOCUMENT = "word/_rels/document.xml.rels"
WORKBOOK = "xl/_rels/workbook.xml.rels"


def look(content: bytes, name: str = "offer.docx") -> None:
    inspect(io.BytesIO(content), name, accepted=frozenset(KINDS), limit=300 * 1024 * 1024)


def _with_settings_relations(original: bytes) -> bytes:
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    return corpus.changed_zip(original, **{SETTINGS: empty})


def _retyped(original: bytes, old: bytes, new: bytes) -> bytes:
    types = corpus.part_of(original, CONTENT_TYPES)
    assert old in types
    return corpus.changed_zip(original, **{CONTENT_TYPES: types.replace(old, new)})


MACROS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a macro workbook under another name": ("prices.xlsx", corpus.macro_workbook),
    "a macro project in a Word document": (
        "offer.docx",
        lambda: corpus.changed_zip(corpus.word(), **{"word/vbaProject.bin": b"x"}),
    ),
    "a macro project hidden by capitals": (
        "offer.docx",
        lambda: corpus.changed_zip(corpus.word(), **{"word/VBAproject.BIN": b"x"}),
    ),
    "a macro document's content type": (
        "offer.docx",
        lambda: _retyped(
            corpus.word(),
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    ),
    "a macro sheet of Excel 4": (
        "prices.xlsx",
        lambda: corpus.changed_zip(corpus.excel(), **{"xl/macrosheets/sheet1.xml": b"<x/>"}),
    ),
    "a macro project under an innocent name": (
        "offer.docx",
        lambda: corpus.changed_zip(
            corpus.word(),
            **{
                DOCUMENT: corpus.part_of(corpus.word(), DOCUMENT).replace(
                    b"</Relationships>",
                    b'<Relationship Id="rId9" Target="picture.bin" Type="http://schemas.microsoft.com/office/2006/'
                    b'relationships/vbaProject"/></Relationships>',
                )
            },
        ),
    ),
}


@pytest.mark.parametrize("what", MACROS)
def test_macros_are_refused(what: str) -> None:
    name, build = MACROS[what]
    with pytest.raises(refusals.Macros, match="contains macros. Save it as an? "):
        look(build(), name)


def test_an_office_file_with_a_password_is_refused() -> None:
    with pytest.raises(refusals.PasswordProtected):
        look(corpus.ole("EncryptionInfo", "EncryptedPackage"))


def test_a_zip_with_a_password_is_refused() -> None:
    content = bytearray(corpus.word())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(refusals.PasswordProtected):
        look(bytes(content))


def test_an_old_word_document_under_the_new_ending_is_refused_as_old() -> None:
    with pytest.raises(refusals.Disguised, match="format from before 2007"):
        look(corpus.ole("WordDocument", "1Table"))


def test_a_plain_zip_under_a_word_name_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("run.bat", "echo")
    with pytest.raises(refusals.Disguised, match="seems to be a ZIP file"):
        look(buffer.getvalue())


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "https://templates.example.org/letter.dotm"),
        ("attachedTemplate", "file://fileserver/share/letter.dotm"),
        ("attachedTemplate", "\\\\fileserver\\share\\letter.dotm"),
        ("attachedTemplate", "%5C%5Cfileserver%5Cshare%5Cletter.dotm"),
        ("attachedTemplate", "//fileserver/share/letter.dotm"),
        ("oleObject", "https://objects.example.org/sheet.xls"),
        ("oleObject", "file:///C:/sheet.xls"),
        ("image", "https://tracker.example.org/pixel.png"),
        ("frame", "mhtml:https://frames.example.org/x.mht"),
    ],
)
def test_what_a_readers_computer_would_fetch_is_refused(kind: str, target: str) -> None:
    content = corpus.with_relation(_with_settings_relations(corpus.word()), SETTINGS, kind, target)
    with pytest.raises(refusals.ExternalLinks, match="from another computer"):
        look(content)


def test_figures_linked_from_the_web_are_refused_in_a_workbook() -> None:
    content = corpus.with_relation(
        corpus.excel(), WORKBOOK, "externalLinkPath", "https://sheets.example.org/a.xlsx"
    )
    with pytest.raises(refusals.ExternalLinks, match="figures of another workbook"):
        look(content, "prices.xlsx")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("hyperlink", "https://kiln-street.example.org/a?b=1"),
        ("attachedTemplate", "file:///C:\\Users\\sam\\Templates\\Letterhead.dotx"),
        ("attachedTemplate", "C:\\Templates\\Letterhead.dotx"),
        ("externalLinkPath", "last%20year/prices.xlsx"),
    ],
)
def test_hyperlinks_and_paths_on_the_writers_own_disk_are_taken(kind: str, target: str) -> None:
    look(corpus.with_relation(corpus.word(), DOCUMENT, kind, target))


def test_a_file_put_inside_a_document_is_refused_but_a_charts_figures_are_not() -> None:
    look(corpus.changed_zip(corpus.word(), **{"word/embeddings/Microsoft_Excel_Sheet.xlsx": corpus.excel()}))
    with pytest.raises(refusals.EmbeddedFiles):
        look(corpus.changed_zip(corpus.word(), **{"word/embeddings/oleObject1.bin": b"MZ"}))


def test_a_bomb_is_refused_by_what_it_announces() -> None:
    with pytest.raises(refusals.UnpacksTooLarge):
        look(corpus.changed_zip(corpus.word(), **{"word/media/a.bin": bytes(60 * 1024 * 1024)}))


def test_a_large_file_is_refused_for_its_sum_even_when_it_hardly_shrinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.storage.office.LARGEST_UNPACKED", 10_000)
    with pytest.raises(refusals.UnpacksTooLarge):
        look(corpus.word())


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(refusals.UnpacksTooLarge):
        look(corpus.changed_zip(corpus.word(), **{f"word/media/{n}": b"" for n in range(5_000)}))


def test_an_enormous_list_of_relations_is_refused() -> None:
    with pytest.raises(refusals.UnpacksTooLarge):
        look(corpus.changed_zip(corpus.word(), **{SETTINGS: b"<x>" + bytes(8 * 1024 * 1024)}))


def test_a_part_longer_than_it_announces_is_refused() -> None:
    content = bytearray(corpus.word())
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(refusals.Damaged):
        look(bytes(content))


def test_a_flipped_byte_in_any_part_is_found() -> None:
    content = bytearray(corpus.word())
    with zipfile.ZipFile(io.BytesIO(corpus.word())) as archive:
        part = archive.getinfo("word/document.xml")
    content[part.header_offset + 30 + len(part.filename) + part.compress_size // 2] ^= 0xFF
    with pytest.raises(refusals.Damaged):
        look(bytes(content))


def test_two_parts_of_one_name_are_refused() -> None:
    buffer = io.BytesIO(corpus.word())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<other/>")
    with pytest.raises(refusals.Damaged):
        look(buffer.getvalue())


def test_another_way_of_packing_than_offices_is_refused() -> None:
    buffer = io.BytesIO(corpus.word())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/extra.xml", "<other/>")
    with pytest.raises(refusals.Damaged):
        look(buffer.getvalue())


def test_entities_in_a_relations_part_are_refused() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "c">]><Relationships>&b;</Relationships>'
    with pytest.raises(refusals.Damaged):
        look(corpus.changed_zip(corpus.word(), **{SETTINGS: laughs}))
