"""Saving answers and giving documents."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.errors import NotFound, Refusal
from portal.storage.bucket import bucket
from portal.storage.models import Document
from portal.storage.refusals import Disguised, EmptyFile, TooLarge, TypeNotAccepted
from tender.applications import answer_services
from tender.applications.answer_services import SavedMeanwhile, attach_document, detach_document, save_answer
from tender.applications.models import Answer, AnswerFile
from tender.applications.queries import own_item_for
from tender.applications.services import RoundNotOpen, Submitted, submit_application
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_file
from tests.factories.frameworks import lot_ids
from tests.storage import corpus


def save(application_id, by, value="Some words.", version=0, code="safeguarding", lot_id=None):
    return save_answer(
        application_id=application_id, code=code, lot_id=lot_id, value=value, version=version, by=by
    )


def attach(application_id, by, code="finance", **file):
    return attach_document(application_id=application_id, code=code, by=by, **(file or a_file()))


def item(application_id, by, code="safeguarding", lot_id=None):
    return own_item_for(by, application_id, code, lot_id)


def test_an_answer_is_kept_with_who_and_when(draft, provider):
    with clock.staged_at(clock.now()):
        saved = save(draft, provider)
        kept = item(draft, provider)
        assert (kept.value, kept.version, kept.saved_by) == ("Some words.", 1, provider.name)
        assert kept.saved_at == saved.saved_at == clock.now()


def test_an_answer_far_over_its_limit_is_kept_whole(draft, provider):
    save(draft, provider, "word " * 2_000)
    kept = item(draft, provider)
    assert kept.words == 2_000
    assert kept.state == "over"


def test_a_double_click_saves_once(draft, provider, session):
    assert save(draft, provider).version == 1
    assert save(draft, provider).version == 1
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "application.save_answer")).all()
    assert len(lines) == 1


def test_a_stale_version_changes_nothing_and_shows_what_stands(draft, provider):
    save(draft, provider, "First.")
    save(draft, provider, "Second.", version=1)
    with pytest.raises(SavedMeanwhile) as clash:
        save(draft, provider, "Mine.", version=1)
    assert (clash.value.value, clash.value.version, clash.value.saved_by) == ("Second.", 2, provider.name)
    assert item(draft, provider).value == "Second."
    assert save(draft, provider, "Mine.", version=2).version == 3


def test_a_version_that_never_was_is_stale_too(draft, provider):
    save(draft, provider, "First.")
    for version in (0, 7):
        with pytest.raises(SavedMeanwhile):
            save(draft, provider, "Mine.", version=version)


def test_an_answer_can_be_emptied(draft, provider):
    save(draft, provider)
    save(draft, provider, "", version=1)
    assert item(draft, provider).state == "missing"


def test_nothing_is_kept_of_nothing(draft, provider, session):
    assert save(draft, provider, "").version == 0
    assert not session.scalars(select(Answer)).all()


def test_a_question_asked_per_lot_is_answered_for_each_lot_applied_for(open_round, provider):
    first, second = lot_ids(open_round)
    draft = a_draft(open_round, provider, [first])
    save(draft, provider, "12", code="places", lot_id=first)
    assert item(draft, provider, "places", first).value == "12"
    for lot_id in (None, second):
        with pytest.raises(NotFound):
            save(draft, provider, "12", code="places", lot_id=lot_id)
    with pytest.raises(NotFound):
        save(draft, provider, lot_id=first)


def test_another_provider_cannot_save(draft, provider):
    with pytest.raises(NotFound):
        save(draft, a_provider_person())
    assert item(draft, provider).version == 0


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1), timedelta(days=9)])
def test_nothing_is_saved_from_the_closing_moment_on(draft, provider, open_round, late):
    with clock.staged_at(open_round.closes_at - timedelta(milliseconds=1)):
        save(draft, provider)
    with clock.staged_at(open_round.closes_at + late):
        for change in (
            lambda: save(draft, provider, "Later.", version=1),
            lambda: attach(draft, provider),
            lambda: detach_document(application_id=draft, code="finance", document_id=uuid4(), by=provider),
        ):
            with pytest.raises(RoundNotOpen):
                change()
    assert item(draft, provider).value == "Some words."


def test_nothing_is_saved_in_a_submitted_application(open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    submit_application(application_id=draft, declared=True, by=provider)
    with pytest.raises(Submitted):
        save(draft, provider, "Later.", version=1)
    with pytest.raises(Submitted):
        attach(draft, provider)


def test_documents_land_in_the_store_one_after_another(draft, provider, session):
    for ending in ("pdf", "docx", "xlsx", "jpg"):
        attach(draft, provider, **a_file(ending))
    files = item(draft, provider, "finance").files
    assert [file.filename for file in files] == ["policy.pdf", "policy.docx", "policy.xlsx", "policy.jpg"]
    keys = session.scalars(select(Document.key)).all()
    assert len(keys) == 4 and all(bucket().exists(key) for key in keys)


def test_the_same_name_twice_is_fine(draft, provider):
    other = corpus.changed_pdf(lambda document: document.Root.update({"/Other": True}))
    first = attach(draft, provider, stream=io.BytesIO(corpus.pdf()), filename="accounts.pdf")
    assert attach(draft, provider, stream=io.BytesIO(other), filename="accounts.pdf") != first
    assert len(item(draft, provider, "finance").files) == 2


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"", "policy.pdf", EmptyFile),
        (b"Not a PDF at all", "policy.pdf", Disguised),
        (b"MZ\x90\x00", "setup.exe", TypeNotAccepted),
        (b"%PDF-1.7" + b"0" * 10 * 1024 * 1024, "big.pdf", TooLarge),
    ],
)
def test_a_file_that_is_not_taken_leaves_nothing_behind(draft, provider, session, content, name, refusal):
    with pytest.raises(refusal, match=name):
        attach(draft, provider, stream=io.BytesIO(content), filename=name)
    assert not session.scalars(select(Document)).all()
    assert item(draft, provider, "finance").version == 0


def test_a_document_is_given_to_file_questions_only(draft, provider, session):
    with pytest.raises(NotFound):
        attach(draft, provider, code="safeguarding")
    assert not session.scalars(select(Document)).all()


def test_a_removed_document_is_gone_from_the_answer_and_twice_is_once(draft, provider, session):
    document_id = attach(draft, provider)
    for _ in range(2):
        detach_document(application_id=draft, code="finance", document_id=document_id, by=provider)
    assert item(draft, provider, "finance").files == ()
    assert item(draft, provider, "finance").version == 2
    assert session.get_one(Document, document_id).removed_at


def test_nobody_removes_anothers_document(draft, provider, open_round, session):
    document_id = attach(draft, provider)
    stranger = a_provider_person()
    theirs = a_draft(open_round, stranger)
    detach_document(application_id=theirs, code="finance", document_id=document_id, by=stranger)
    assert session.scalars(select(AnswerFile.document_id)).all() == [document_id]


def test_there_is_a_limit_to_the_number_of_documents(draft, provider, monkeypatch):
    monkeypatch.setattr(answer_services, "MOST_DOCUMENTS", 1)
    attach(draft, provider)
    with pytest.raises(Refusal, match="up to 1"):
        attach(draft, provider, **a_file(name="another"))
    assert len(item(draft, provider, "finance").files) == 1
