"""Files in parts into an application: the same document as by the form, and never after the close."""

import hashlib
import io
from datetime import timedelta

import pytest

from portal import clock
from portal.audit.queries import trail_of
from portal.errors import NotFound, Refusal
from portal.storage import bucket
from tender.applications import answer_services, upload_services
from tender.applications.answer_services import attach_document, detach_document
from tender.applications.queries import own_application_for, own_item_for
from tender.applications.services import RoundNotOpen, Submitted, submit_application
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.frameworks import lot_ids
from tests.storage import corpus
from tests.storage.test_bucket import Settings
from tests.storage.test_uploads import put

CONTENT = corpus.pdf()
SAID = {"filename": "policy.pdf", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
CODE = "safeguarding_policy"


def sent(application_id, by, content=CONTENT, said=SAID):
    """A file of which every part has arrived."""
    sending = upload_services.begin(application_id=application_id, code=CODE, by=by, **said)
    put(sending.addresses[1], content)
    return {"application_id": application_id, "code": CODE, "upload_id": sending.id, "by": by}


def files(by, application_id):
    return own_item_for(by, application_id, CODE, None).files


def test_both_roads_give_the_same_document(draft, provider):
    upload_services.finish(**sent(draft, provider))
    stream = {"stream": io.BytesIO(CONTENT), "filename": "the same.pdf"}
    attach_document(application_id=draft, code=CODE, by=provider, **stream)
    one, other = files(provider, draft)
    same = ("media_type", "size", "sha256", "scan_state", "uploaded_by")
    assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]


def test_by_both_roads_under_one_name_it_is_there_once(draft, provider):
    document_id = upload_services.finish(**sent(draft, provider))
    stream = {"stream": io.BytesIO(CONTENT), "filename": SAID["filename"]}
    assert attach_document(application_id=draft, code=CODE, by=provider, **stream) == document_id


def test_finished_twice_it_is_there_once(draft, provider):
    upload = sent(draft, provider)
    assert upload_services.finish(**upload) == upload_services.finish(**upload)
    assert len(files(provider, draft)) == 1


def test_sent_again_from_the_beginning_after_a_lost_answer_it_is_there_once(draft, provider):
    upload_services.finish(**sent(draft, provider))
    again = upload_services.begin(application_id=draft, code=CODE, by=provider, **SAID)
    upload_services.finish(application_id=draft, code=CODE, upload_id=again.id, by=provider)
    assert (again.addresses, again.arrived, len(files(provider, draft))) == ({}, len(CONTENT), 1)


def test_a_file_that_was_taken_away_can_be_given_again(draft, provider):
    document_id = upload_services.finish(**sent(draft, provider))
    detach_document(application_id=draft, code=CODE, document_id=document_id, by=provider)
    assert upload_services.finish(**sent(draft, provider)) != document_id
    assert len(files(provider, draft)) == 1


def test_what_counts_is_when_the_finishing_request_arrives(draft, provider):
    upload = sent(draft, provider)
    closes_at = own_application_for(provider, draft).closes_at
    with clock.staged_at(closes_at), pytest.raises(RoundNotOpen):
        upload_services.finish(**upload)
    with clock.staged_at(closes_at - timedelta(seconds=1)):
        upload_services.finish(**upload)
    assert len(files(provider, draft)) == 1


def test_a_submitted_application_takes_no_file_whose_parts_were_there(open_round, provider):
    application_id = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    upload = sent(application_id, provider)
    submit_application(application_id=application_id, declared=True, by=provider)
    with pytest.raises(Submitted):
        upload_services.finish(**upload)


def test_another_provider_begins_and_finishes_nothing(draft, provider):
    upload = {**sent(draft, provider), "by": a_provider_person()}
    for step in (upload_services.finish, upload_services.cancel):
        with pytest.raises(NotFound):
            step(**upload)


def test_an_application_holds_so_many_bytes_and_no_more(draft, provider, monkeypatch):
    monkeypatch.setattr(answer_services, "MOST_BYTES", len(CONTENT) + 10)
    upload_services.finish(**sent(draft, provider))
    with pytest.raises(Refusal, match="Remove a document, or make this one smaller"):
        sent(draft, provider)


def address(draft, upload=""):
    return f"/applications/{draft}/questions/{CODE}/uploads{upload}"


def test_the_script_announces_sends_and_finishes(browser, provider, draft):
    told = browser.post(address(draft), json=SAID).json
    assert told["arrived"] == 0 and [part["number"] for part in told["parts"]] == [1]
    put(told["parts"][0]["address"], CONTENT)
    answer = browser.post(address(draft, f"/{told['upload']}"))
    assert answer.status_code == 200
    assert answer.json["document"] == str(files(provider, draft)[0].id)


def test_the_script_is_told_why_a_file_is_not_taken(browser, draft):
    refused = browser.post(address(draft), json={**SAID, "filename": "policy.exe"})
    assert refused.status_code == 422 and "not a kind of file" in refused.json["message"]
    told = browser.post(address(draft), json=SAID).json
    missing = browser.post(address(draft, f"/{told['upload']}"))
    assert missing.status_code == 409 and "only the missing parts are sent" in missing.json["message"]


@pytest.mark.parametrize("said", [{}, [], {**SAID, "size": "9"}, {**SAID, "sha256": "x" * 64}])
def test_an_announcement_that_says_nothing_sensible_is_a_bad_request(browser, draft, said):
    assert browser.post(address(draft), json=said).status_code == 400


def test_a_given_up_file_is_forgotten(browser, draft):
    told = browser.post(address(draft), json=SAID).json
    page = browser.get(address(draft).removesuffix("/uploads")).get_data(as_text=True)
    assert "Not finished" in page and "policy.pdf" in page
    assert browser.delete(address(draft, f"/{told['upload']}")).status_code == 204
    page = browser.get(address(draft).removesuffix("/uploads")).get_data(as_text=True)
    assert "Not finished" not in page


def test_a_store_that_fails_is_tried_again_and_noted_and_answers_are_saved(browser, draft, monkeypatch):
    told = browser.post(address(draft), json=SAID).json
    put(told["parts"][0]["address"], CONTENT)
    with monkeypatch.context() as away:
        away.setattr(bucket, "_configured", bucket.Bucket(Settings("http://127.0.0.1:9")))
        for upload in ("", f"/{told['upload']}"):
            refused = browser.post(address(draft, upload), json=SAID)
            assert refused.status_code == 503 and "Try again" in refused.json["message"]
        answer = {"value": "Still saved.", "version": "0"}
        saved = browser.post(f"/applications/{draft}/questions/safeguarding", data=answer)
        assert saved.status_code == 303
    assert "application.fail_upload" in [line["action"] for line in trail_of("application", draft)]
    assert browser.post(address(draft, f"/{told['upload']}")).status_code == 200


def test_scripts_reach_the_portal_and_the_store_and_nothing_else(browser, settings):
    policy = browser.get("/").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {settings.s3_endpoint_url};" in policy
    assert settings.s3_endpoint_url.count("/") == 2
