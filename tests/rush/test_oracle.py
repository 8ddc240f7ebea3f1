"""The oracle notices each thing that may go wrong: silent, it would prove nothing."""

import io
from copy import deepcopy
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.database import db
from portal.storage.models import Document
from tests.rush.journal import SUBMITTED, Journal
from tests.rush.stage import RoundOfRush
from tests.storage.test_uploads import a_pdf_of


@pytest.fixture(scope="module")
def finished(stage) -> RoundOfRush:
    """A round whose one applicant has submitted."""
    subject = stage.round_with(1)
    who = subject.applicants[0]
    who.save()
    for place in who.files:
        who.upload(place, a_pdf_of(5_000), in_parts=False)
    who.submit()
    return subject


@pytest.fixture
def told(finished) -> RoundOfRush:
    """The same with a journal that a test may change."""
    return replace(finished, journal=Journal(deepcopy(finished.journal.operations)))


def first(subject, kind):
    return next(subject.journal.of(kind))


def test_a_round_in_which_all_is_well_has_nothing_wrong(stage, told):
    assert stage.wrong(told) == []


@pytest.mark.parametrize("kind", ["save", "attach", "submit"])
def test_what_was_acknowledged_and_is_not_there(stage, told, kind):
    known = first(told, kind)
    lost = told.journal.begin(kind, known.application_id + 10**6, known.code, "never kept", known.lot_id)
    lost.told = "1"
    assert any("was acknowledged and is there 0 times" in sentence for sentence in stage.wrong(told))


@pytest.mark.parametrize("kind", ["save", "attach", "submit"])
def test_what_was_refused_and_is_there_all_the_same(stage, told, kind):
    first(told, kind).told = None
    assert any("was refused and is there 1 times" in sentence for sentence in stage.wrong(told))


@pytest.mark.parametrize("kind", ["save", "attach", "submit"])
def test_a_line_of_the_trail_that_nobody_asked_for(stage, told, kind):
    told.journal.operations.remove(first(told, kind))
    assert any(sentence.startswith("the trail has") for sentence in stage.wrong(told))


def test_another_version_and_another_receipt_than_were_told(stage, told):
    first(told, "save").told = "7"
    first(told, "submit").told = "AP-2026-2222-2222"
    assert [
        words in " ".join(stage.wrong(told))
        for words in ("to be version 7", "was told receipt AP-2026-2222-2222")
    ] == [True, True]


def test_a_receipt_that_nobody_waited_for_is_no_fault_as_long_as_it_is_there(stage, told):
    submitted = first(told, "submit")
    submitted.told = SUBMITTED
    assert stage.wrong(told) == []
    submitted.application_id += 10**6
    assert any("was acknowledged and is there 0 times" in sentence for sentence in stage.wrong(told))


def test_a_row_whose_object_is_changed_or_gone(stage, told):
    with stage.app.app_context():
        document = db.session.scalars(
            select(Document).where(Document.sha256 == first(told, "attach").said)
        ).first()
        key = document.key
        db.session.remove()
    whole = b"".join(stage.bucket.blocks(key))
    said = []
    for content in (whole[:-1], None, whole):
        stage.bucket.delete(key)
        if content is not None:
            stage.bucket.put(key, io.BytesIO(content), "application/pdf", "")
        said.append([sentence for sentence in stage.wrong(told) if key in sentence])
    assert "differs from the file" in said[0][0] and "is not in the store" in said[1][0] and said[2] == []
