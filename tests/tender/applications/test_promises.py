"""Files promised before the close and delivered after it: exactly these, in time, and no others."""

import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.accounts.access import Actor
from portal.errors import NotFound, Refusal
from portal.storage.refusals import TypeNotAccepted
from portal.storage.services import store_document
from tender.applications import home_queries, promise_services, queries
from tender.applications.answer_services import attach_document
from tender.applications.holding import RoundNotOpen
from tender.applications.promise_services import NotPromised
from tender.applications.services import submit_application, withdraw_application
from tender.frameworks.opening_services import open_box
from tender.frameworks.refusals import StillShut
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_file
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.frameworks import a_procurement_lead, a_published_round, lot_ids
from tests.storage import corpus
from tests.storage.test_uploads import put
from tests.web_client import sign_in

CODE = "safeguarding_policy"
CONTENT = corpus.changed_pdf(lambda document: document.Root.update({"/Late": True}))
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HOURS = 6


@pytest.fixture
def generous(session):
    """An open round whose promised files may follow for six hours."""
    return a_published_round(2, late_upload_hours=HOURS)


@pytest.fixture
def promised(generous, provider) -> int:
    """A complete draft in which one more file is promised; its id."""
    application_id = a_complete_draft(generous, provider, lot_ids(generous)[:1])
    promise(application_id, provider)
    return application_id


@pytest.fixture
def sealed(promised, provider) -> int:
    """The same, submitted."""
    submit(promised, provider)
    return promised


def promise(application_id: int, by: Actor, **other) -> None:
    said = {"filename": "plan.pdf", "size": len(CONTENT), "sha256": SHA256, **other}
    promise_services.promise_file(application_id=application_id, code=CODE, by=by, **said)


def submit(application_id: int, by: Actor) -> str:
    return submit_application(application_id=application_id, declared=True, by=by)


def deliver(application_id: int, by: Actor, content: bytes = CONTENT):
    stream = {"stream": io.BytesIO(content), "filename": "plan.pdf"}
    return promise_services.deliver(application_id=application_id, by=by, **stream)


def item(application_id: int, by: Actor):
    return queries.own_item_for(by, application_id, CODE, None)


def hours_after_close(round, hours: float):
    return clock.staged_at(round.closes_at + timedelta(hours=hours))


def test_the_receipt_lists_the_digest_as_promised(sealed, provider):
    [receipt] = queries.receipts_of(queries.own_application_for(provider, sealed))
    assert [each["sha256"] for each in receipt["manifest"]["promised"]] == [SHA256]
    assert SHA256 not in [each["sha256"] for each in receipt["manifest"]["files"]]


def test_a_promise_answers_a_file_question(generous, provider):
    application_id = a_complete_draft(generous, provider, lot_ids(generous)[:1])
    session_item = item(application_id, provider)
    assert session_item.answered and not session_item.promised
    promise(application_id, provider)
    assert [each.sha256 for each in item(application_id, provider).promised] == [SHA256]


def test_the_promised_file_follows_after_the_close(generous, sealed, provider):
    with hours_after_close(generous, 5.9):
        document_id = deliver(sealed, provider)
    found = item(sealed, provider)
    assert document_id in [file.id for file in found.files] and not found.promised


def test_it_comes_in_parts_too_and_once(generous, sealed, provider):
    with hours_after_close(generous, 1):
        said = {"filename": "plan.pdf", "size": len(CONTENT), "sha256": SHA256}
        sending = promise_services.begin_delivery(application_id=sealed, by=provider, **said)
        put(sending.addresses[1], CONTENT)
        upload = {"application_id": sealed, "upload_id": sending.id, "by": provider}
        first = promise_services.finish_delivery(**upload)
        assert first == promise_services.finish_delivery(**upload) == deliver(sealed, provider)


@pytest.mark.parametrize("hours", [HOURS, HOURS + 48])
def test_it_does_not_follow_later_than_promised(generous, sealed, provider, hours):
    with hours_after_close(generous, hours), pytest.raises(RoundNotOpen):
        deliver(sealed, provider)


def test_no_other_file_follows(generous, sealed, provider):
    with hours_after_close(generous, 1), pytest.raises(NotPromised):
        deliver(sealed, provider, corpus.pdf())


def test_nobody_else_delivers_and_nothing_is_delivered_into_a_draft(generous, promised, provider):
    with pytest.raises(NotFound):
        deliver(promised, provider)
    submit(promised, provider)
    with pytest.raises(NotFound):
        deliver(promised, a_provider_person())


def test_a_round_that_lets_no_file_follow_takes_no_promise(draft, provider):
    with pytest.raises(Refusal, match="uploaded before the close"):
        promise(draft, provider)


def test_what_the_question_does_not_take_is_not_promised(promised, provider):
    with pytest.raises(TypeNotAccepted):
        promise(promised, provider, filename="plan.exe", sha256="0" * 64)


def test_a_file_uploaded_before_the_submission_is_promised_no_more(promised, provider):
    stream = {"stream": io.BytesIO(CONTENT), "filename": "plan.pdf"}
    attach_document(application_id=promised, code=CODE, by=provider, **stream)
    assert item(promised, provider).promised == ()


def test_a_promise_is_taken_back(promised, provider):
    [standing] = item(promised, provider).promised
    where = {"application_id": promised, "code": CODE, "by": provider}
    promise_services.take_back(**where, promise_id=standing.id)
    assert item(promised, provider).promised == ()


def test_a_withdrawn_application_keeps_what_was_delivered_and_is_submitted_again(sealed, provider):
    deliver(sealed, provider)
    withdraw_application(application_id=sealed, by=provider)
    submit(sealed, provider)
    newest, *_ = queries.receipts_of(queries.own_application_for(provider, sealed))
    assert SHA256 in [each["sha256"] for each in newest["manifest"]["files"]]
    assert "promised" not in newest["manifest"]


def test_the_tender_box_stays_shut_while_files_may_follow(generous, sealed, session):
    lead = a_procurement_lead(generous)
    with hours_after_close(generous, HOURS - 0.1), pytest.raises(StillShut, match="may follow until"):
        open_box(by=lead, round_id=generous.id)
    with hours_after_close(generous, HOURS):
        assert open_box(by=lead, round_id=generous.id).state == "opened"


def test_what_did_not_come_is_shown_to_the_council_as_missing(client, generous, sealed):
    lead = a_procurement_lead(generous)
    with hours_after_close(generous, HOURS):
        open_box(by=lead, round_id=generous.id)
    _, tender = queries.answers_of(sealed)
    assert [each.filename for each in tender.item(CODE, None).promised] == ["plan.pdf"]
    declare_none(Evaluation(lead, generous.id, [sealed]), lead)
    sign_in(client, lead.email)
    page = client.get(f"/applications/{sealed}/tender").get_data(as_text=True)
    assert "Missing:" in page and SHA256 in page


def refused(session, statement: str, **values) -> str:
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), values)
    return str(error.value.orig)


KEEP = "UPDATE promised_file SET document_id = :document, delivered_at = :at"


@pytest.fixture
def arrived(sealed, provider, session) -> dict:
    """A document of the provider's that was promised, and the moment it came."""
    document = store_document(
        stream=io.BytesIO(CONTENT),
        filename="plan.pdf",
        organisation_id=provider.organisation_id,
        accepted=frozenset({"pdf"}),
        limit=10**7,
        by=provider,
    )
    return {"document": document.id, "at": clock.now()}


def test_the_database_takes_the_promised_file_in_time(arrived, session):
    session.execute(text(KEEP), arrived)
    into = "INSERT INTO answer_file SELECT answer_id, document_id FROM promised_file"
    assert session.execute(text(into)).rowcount == 1


def test_the_database_takes_no_file_late_or_early(arrived, generous, session):
    for at in (
        generous.closes_at + timedelta(hours=HOURS),
        arrived["at"] - timedelta(days=1),
    ):
        assert "cannot be kept so" in refused(session, KEEP, **{**arrived, "at": at})


@pytest.mark.parametrize(
    "change",
    [
        "sha256 = repeat('0', 64)",
        "size = size + 1",
        "filename = 'other.pdf'",
        "answer_id = (SELECT max(id) FROM answer)",
    ],
)
def test_the_database_lets_no_promise_be_changed(arrived, session, change):
    assert "cannot be kept so" in refused(session, f"UPDATE promised_file SET {change}")
    assert "cannot be kept so" in refused(session, f"{KEEP}, {change}", **arrived)


def test_the_database_takes_no_other_document(arrived, session):
    other = session.execute(
        text("SELECT id FROM document WHERE id <> :document LIMIT 1"), arrived
    ).scalar_one()
    assert "cannot be kept so" in refused(session, KEEP, **{**arrived, "document": other})
    assert "is submitted" in refused(
        session, "INSERT INTO answer_file SELECT answer_id, :document FROM promised_file", **arrived
    )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM promised_file",
        "INSERT INTO promised_file (answer_id, filename, size, sha256, promised_at, promised_by_id)"
        " SELECT answer_id, filename, size, repeat('0', 64), promised_at, promised_by_id FROM promised_file",
    ],
)
def test_a_sealed_application_loses_and_gains_no_promise(sealed, session, statement):
    assert "is submitted" in refused(session, statement)


def test_a_published_round_keeps_its_hours_and_its_box_shut(generous, sealed, session):
    assert "is published" in refused(session, "UPDATE round SET late_upload_hours = NULL")
    opened = "UPDATE round SET state = 'opened', opened_by_id = published_by_id, opened_at = :at"
    at = generous.closes_at + timedelta(hours=HOURS - 1)
    assert "files may still follow" in refused(session, opened, at=at)


def test_a_file_is_promised_and_delivered_on_the_pages(browser, generous, provider):
    application_id = a_complete_draft(generous, provider, lot_ids(generous)[:1])
    question = f"/applications/{application_id}/questions/{CODE}"
    assert "Promise a file now" in browser.get(question).get_data(as_text=True)
    wrong = browser.post(f"{question}/promise", data={"filename": "plan.pdf", "size": "x", "sha256": "12"})
    assert wrong.status_code == 422 and "64 characters" in wrong.get_data(as_text=True)
    typed = {"filename": "plan.pdf", "size": str(len(CONTENT)), "sha256": f" {SHA256.upper()} "}
    answer = browser.post(f"{question}/promise", data=typed)
    assert answer.status_code == 303, answer.get_data(as_text=True).partition("error-summary")[2][:900]
    assert "promised, not uploaded yet" in browser.get(question).get_data(as_text=True)
    submit(application_id, provider)
    promised_page = f"/applications/{application_id}/promised"
    assert SHA256 in browser.get(promised_page).get_data(as_text=True)
    other = a_file()
    data = {"value": [(other["stream"], "other.pdf")]}
    assert browser.post(promised_page, data=data, content_type="multipart/form-data").status_code == 422
    data = {"value": [(io.BytesIO(CONTENT), "plan.pdf")]}
    assert browser.post(promised_page, data=data, content_type="multipart/form-data").status_code == 303
    assert "Every file that you promised is here" in browser.get(promised_page).get_data(as_text=True)


def tasks_of(by: Actor) -> list[str]:
    return [task.sentence for task in home_queries.waiting_for(by).now]


def test_the_provider_is_reminded_of_what_it_promised_until_it_is_here(sealed, generous, provider):
    with clock.staged_at(generous.closes_at + timedelta(hours=1)):
        assert [
            sentence
            for sentence in tasks_of(provider)
            if "1 file that you promised is not here yet" in sentence
        ]
        deliver(sealed, provider)
        assert tasks_of(provider) == []


def test_once_the_time_for_promised_files_is_over_nobody_is_asked_for_them(sealed, generous, provider):
    with clock.staged_at(generous.closes_at + timedelta(hours=HOURS)):
        assert tasks_of(provider) == []
