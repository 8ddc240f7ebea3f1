"""Copies of PDF files that do not say who made them, for whoever must not know whose they are.

What is cleared: the information dictionary (ISO 32000-1, 14.3.3), metadata streams wherever they stand
(14.3.2), what programs keep for themselves (14.5), and who wrote a comment (12.5.6.2). What the pages say
stays.
"""

from contextlib import closing
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

import pikepdf

from portal.storage.models import Document
from portal.storage.services import read_document

# A copy is made while somebody waits: larger files are given as they were sent.
LARGEST_COPIED = 25 * 1024 * 1024
_TOLD = ("/Metadata", "/PieceInfo", "/LastModified")


def without_properties(document: Document) -> IO[bytes] | None:
    """The file as such a copy, to be read and closed; None for what is no PDF, is too large to be copied
    while somebody waits, or cannot be written anew. The stored file is not touched. Refuses as
    `read_document` does."""
    if document.media_type != "application/pdf" or document.size > LARGEST_COPIED:
        return None
    copy = TemporaryFile()  # noqa: SIM115 - the caller closes it
    with closing(read_document(document)) as body, TemporaryFile() as given:
        copyfileobj(body, given)
        try:
            with pikepdf.open(given) as pdf:
                _clear(pdf)
                pdf.save(copy, static_id=True)
        except (pikepdf.PdfError, pikepdf.PikepdfError, RuntimeError, ValueError, TypeError):
            copy.close()
            return None
    copy.seek(0)
    return copy


def _clear(pdf: pikepdf.Pdf) -> None:
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for each in pdf.objects:
        if isinstance(each, pikepdf.Stream | pikepdf.Dictionary):
            for name in _TOLD:
                if name in each:
                    del each[name]
            # In a form's field the same key is the field's own name.
            if each.get("/Type") == "/Annot" and "/T" in each and each.get("/Subtype") != "/Widget":
                del each["/T"]
