"""A notice on its way from the upload to the database."""

import json
from pathlib import Path

import pytest

from portal.errors import Refusal
from tender.frameworks.kept_notice import LONGEST_SEALED, as_published, reread, seal, suggested, unseal
from tender.frameworks.notice import NoticeUnreadable, read_notice

SECRET = "a secret of this test"
FILES = sorted(Path("portal/development/notices").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_kept_is_what_was_published(file: Path) -> None:
    published = as_published(file.read_bytes())
    assert published == json.loads(file.read_bytes())
    assert unseal(seal(published, SECRET), SECRET) == published
    assert reread(published) == read_notice(file.read_bytes())


def test_a_sealed_notice_shows_any_change() -> None:
    sealed = seal({"releases": []}, SECRET)
    for changed in (sealed[:-1], sealed + "x", "", seal({"releases": []}, "another secret")):
        with pytest.raises(Refusal, match="Upload it again"):
            unseal(changed, SECRET)


def test_a_notice_too_long_for_a_page_is_refused_in_words() -> None:
    # Numbers that follow no pattern do not get shorter by packing.
    noise = "".join(str(pow(7, power, 1_000_000_007)) for power in range(LONGEST_SEALED // 3))
    with pytest.raises(NoticeUnreadable, match="too long to be confirmed"):
        seal({"description": noise}, SECRET)


def test_what_no_database_can_hold_is_left_out() -> None:
    spelled = rb'{"a": "x\u0000y\ud800z", "b": [1e999, NaN, 1.50], "c": {"d\u0000": true}}'
    assert as_published(spelled) == {"a": "xyz", "b": ["1e999", "NaN", 1.5], "c": {"d": True}}


def test_a_number_with_more_digits_than_anything_means_is_kept_as_text() -> None:
    digits = "9" * 5_000
    assert as_published(f'{{"a": {digits}}}'.encode()) == {"a": digits}


def test_a_kept_notice_suggests_the_number_and_the_close_of_its_round() -> None:
    number, closes_at = suggested(as_published(FILES[0].read_bytes()))
    assert number == 4
    assert closes_at is not None and closes_at.isoformat() == "2026-03-04T11:00:00+00:00"
    assert suggested(None) == (None, None)
