"""Copies of PDF files that do not say who made them."""

import io

import pikepdf
import pytest
from sqlalchemy.orm import Session

from portal.storage.bucket import bucket
from portal.storage.models import Document
from portal.storage.properties import LARGEST_COPIED, without_properties
from portal.storage.refusals import Infected
from portal.storage.services import store_document
from tests.factories.accounts import a_provider_person
from tests.storage import corpus

AUTHOR = "Brookside Learning CIC"


def telling() -> bytes:
    """A PDF that says in four places who made it."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(corpus.pdf())) as pdf:
        pdf.docinfo["/Author"] = AUTHOR
        with pdf.open_metadata() as metadata:
            metadata["dc:creator"] = [AUTHOR]
        page = pdf.pages[0]
        page.obj["/PieceInfo"] = pikepdf.Dictionary(Program=pikepdf.Dictionary(Private=AUTHOR))
        comment = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=AUTHOR, Contents="See."
        )
        page.obj["/Annots"] = pikepdf.Array([pdf.make_indirect(comment)])
        pdf.save(written, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return written.getvalue()


def stored(content: bytes, filename: str = "Policy.pdf") -> Document:
    by = a_provider_person()
    return store_document(
        stream=io.BytesIO(content),
        filename=filename,
        accepted=frozenset({"pdf", "docx"}),
        limit=10_000_000,
        organisation_id=by.organisation_id or 0,
        by=by,
    )


def test_a_copy_says_nowhere_who_made_it_and_the_original_stays(session: Session) -> None:
    document = stored(telling())
    copy = without_properties(document)
    assert copy is not None
    content = copy.read()
    copy.close()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        plain = io.BytesIO()
        pdf.save(plain, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        assert len(pdf.pages) == 2 and str(pdf.pages[0].Annots[0].Contents) == "See."
    assert AUTHOR.encode() not in plain.getvalue()
    assert AUTHOR.encode() in b"".join(bucket().blocks(document.key))


def test_a_field_of_a_form_keeps_its_name(session: Session) -> None:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(corpus.pdf())) as pdf:
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="places",
            Rect=[0, 0, 9, 9],
        )  # fmt: skip
        pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(field)])
        pdf.save(written)
    copy = without_properties(stored(written.getvalue()))
    assert copy is not None
    with pikepdf.open(copy) as pdf:
        assert str(pdf.pages[0].Annots[0].T) == "places"
    copy.close()


def test_of_other_kinds_and_of_large_files_there_is_no_copy(session: Session) -> None:
    assert without_properties(stored(corpus.word(), "Offer.docx")) is None
    large = stored(corpus.pdf())
    large.size = LARGEST_COPIED + 1
    assert without_properties(large) is None


def test_an_infected_file_is_copied_for_nobody(session: Session) -> None:
    document = stored(corpus.pdf())
    document.scan_state = "infected"
    with pytest.raises(Infected):
        without_properties(document)
