"""Two people at the same moment, each on a connection of their own, against the committed database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.database import Base, db
from portal.errors import Refusal
from portal.mail.models import Letter
from portal.storage.bucket import bucket
from portal.storage.models import Document
from tender.applications.answer_services import SavedMeanwhile, attach_document, save_answer
from tender.applications.certifying import certify_application
from tender.applications.models import Answer, Application, Receipt
from tender.applications.queries import own_application_for, tender_of
from tender.applications.receipts import contents_sha256
from tender.applications.services import start_application, submit_application
from tender.certificates.models import Certificate
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_file
from tests.factories.frameworks import a_framework, a_published_round, lot_ids


@pytest.fixture
def committed(app: Flask) -> Iterator[Flask]:
    """The application on its own connections: what a test commits is there, and is emptied away after it."""
    with app.app_context():
        tables = [table.name for table in Base.metadata.sorted_tables]
        empty = [name for name in tables if not db.session.scalar(text(f'SELECT EXISTS (TABLE "{name}")'))]
        db.session.remove()
    yield app
    with app.app_context():
        # The guards refuse to have rows deleted, as they must; only a superuser can set them aside.
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        for name in empty:
            db.session.execute(text(f'DELETE FROM "{name}"'))
        db.session.commit()
        db.session.remove()


def both(app: Flask, act: Callable[[int], Any], many: int = 2) -> list[Any]:
    """Call `act(0)`, `act(1)` and so on at once, each in a context of its own; what they gave or refused
    with."""
    ready = Barrier(many)

    def one(number: int) -> Any:
        with app.app_context():
            ready.wait()
            try:
                return act(number)
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_two_clicks_at_once_start_one_application(committed):
    with committed.app_context():
        round_id, provider = a_published_round().id, a_provider_person()
    started = both(committed, lambda _: start_application(round_id=round_id, by=provider))
    with committed.app_context():
        assert [*db.session.scalars(select(Application.id))] == [started[0]] == [started[1]]


def test_two_submissions_at_once_give_one_receipt(committed):
    with committed.app_context():
        open_round, provider = a_published_round(), a_provider_person()
        draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    numbers = both(committed, lambda _: submit_application(application_id=draft, declared=True, by=provider))
    with committed.app_context():
        assert [*db.session.scalars(select(Receipt.number))] == [numbers[0]] == [numbers[1]]


def test_one_file_sent_twice_at_once_is_one_document_and_one_object(committed):
    with committed.app_context():
        open_round, provider = a_published_round(), a_provider_person()
        draft = a_draft(open_round, provider, lot_ids(open_round)[:1])
        before = set(bucket().stored("documents/"))
    place = {"application_id": draft, "code": "safeguarding_policy", "by": provider}
    given = both(committed, lambda _: attach_document(**place, **a_file()), many=3)
    with committed.app_context():
        assert [*db.session.scalars(select(Document.id))] == [given[0]] and len(set(given)) == 1
        assert len(set(bucket().stored("documents/")) - before) == 1


@pytest.mark.parametrize("keys", [1, 50], ids=["under one key", "each under its own key"])
def test_fifty_submissions_at_once_give_one_receipt_and_one_letter_each(committed, keys):
    with committed.app_context():
        open_round, provider = a_published_round(), a_provider_person()
        draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])

    def submit(number: int) -> str:
        return submit_application(
            application_id=draft, declared=True, key=f"key {number % keys}", by=provider
        )

    numbers = both(committed, submit, many=50)
    with committed.app_context():
        receipts = [*db.session.scalars(select(Receipt.number))]
        letters = db.session.scalars(select(Letter).where(Letter.key.like("receipt:%"))).all()
    assert {*numbers} == {*receipts} and len(receipts) == len(letters) == 1


def test_an_answer_saved_while_another_certifies_never_slips_under_the_certificate(committed):
    with committed.app_context():
        framework = a_framework(needs_certificate=True)
        open_round, provider = a_published_round(framework=framework), a_provider_person()
        draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])

    def act(number: int) -> Any:
        if number:
            return certify_application(application_id=draft, stated=True, contents=None, by=provider)
        return save_answer(
            application_id=draft, code="safeguarding", value="At the last second.", version=1, by=provider
        )

    both(committed, act)
    with committed.app_context():
        facts = own_application_for(provider, draft)
        standing = db.session.scalars(select(Certificate)).one()
        fits = standing.contents_sha256 == contents_sha256(facts, tender_of(facts))
    assert fits == (standing.state == "given")


def test_two_saves_at_once_keep_one_and_show_it_to_the_other(committed):
    with committed.app_context():
        open_round, provider = a_published_round(), a_provider_person()
        draft = a_draft(open_round, provider)

    def save(number: int) -> Any:
        return save_answer(
            application_id=draft, code="safeguarding", value=f"Text {number}", version=0, by=provider
        )

    results = both(committed, save)
    clash = next(result for result in results if isinstance(result, SavedMeanwhile))
    with committed.app_context():
        kept = db.session.execute(select(Answer.value, Answer.version)).one()
    assert (kept.value, kept.version) == (clash.value, 1) == (f"Text {1 - results.index(clash)}", 1)


def test_an_answer_saved_while_another_submits_is_sealed_or_refused_but_never_slips_in(committed):
    with committed.app_context():
        open_round, provider = a_published_round(), a_provider_person()
        draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])

    def act(number: int) -> Any:
        if number:
            return submit_application(application_id=draft, declared=True, by=provider)
        return save_answer(
            application_id=draft, code="safeguarding", value="At the last second.", version=1, by=provider
        )

    saved, _ = both(committed, act)
    with committed.app_context():
        value = db.session.scalar(select(Answer.value).where(Answer.version == 2))
        sealed = db.session.scalars(select(Receipt.manifest)).one()["answers"]
    version = next(each["version"] for each in sealed if each["question"] == "safeguarding")
    assert (value, version) == ((None, 1) if isinstance(saved, Refusal) else ("At the last second.", 2))
