"""Names of files: what is kept of them, and how they travel in a header."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.storage.filenames import LONGEST, attachment, clean_filename, ending_of


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("policy.pdf", "policy.pdf"),
        ("C:\\Users\\sam\\Desktop\\policy.pdf", "policy.pdf"),
        ("../../etc/passwd", "passwd"),
        ("Polisi Diogelu Tŷ Gŵyr, 2026.pdf", "Polisi Diogelu Tŷ Gŵyr, 2026.pdf"),
        ("our “best” 'offer'.docx", "our “best” 'offer'.docx"),
        ("bikes 🚲👩‍🔧.png", "bikes 🚲👩‍🔧.png"),
        ("line\r\nbreak\x00.pdf", "line break.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  spaced   out .pdf ", "spaced out .pdf"),
        ("...", "document"),
        ("", "document"),
    ],
)
def test_a_name_keeps_what_people_wrote_and_loses_what_could_deceive(given_name: str, kept: str) -> None:
    assert clean_filename(given_name) == kept


def test_a_long_name_is_cut_before_its_ending() -> None:
    name = clean_filename("ŵ" * 400 + ".docx")
    assert len(name) == LONGEST
    assert ending_of(name) == "docx"


@given(st.text(max_size=600))
def test_any_text_becomes_a_name_that_can_be_kept_and_is_left_alone_the_second_time(text: str) -> None:
    name = clean_filename(text)
    assert 0 < len(name) <= LONGEST
    assert not re.search(r"[\x00-\x1f\x7f/\\\u202e]", name)
    assert clean_filename(name) == name
    name.encode()


@given(st.text(max_size=300))
def test_any_name_travels_whole_in_a_header_of_plain_ascii(text: str) -> None:
    header = attachment(text)
    found = re.fullmatch(
        r"attachment; filename=\"([^\"\\%]+)\"; filename\*=UTF-8''([\w.~%-]+)", header, re.ASCII
    )
    assert found
    assert unquote(found[2]) == clean_filename(text)
    assert header.isascii() and header.isprintable()


def test_old_browsers_still_get_the_ending() -> None:
    assert attachment("مستند.pdf").startswith('attachment; filename="document.pdf";')
