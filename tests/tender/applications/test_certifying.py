"""Certificates: who certifies what, and how nothing slips in between that and the submission."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.errors import Refusal
from portal.mail.models import Letter
from tender.applications.answer_services import detach_document, save_answer
from tender.applications.certifying import ChangedMeanwhile, ask_to_certify, certify_application
from tender.applications.holding import Unconfirmed
from tender.applications.home_queries import waiting_for
from tender.applications.parts import ready_part
from tender.applications.queries import own_application_for, receipts_of, tender_of
from tender.applications.receipts import contents_sha256
from tender.applications.services import Incomplete, choose_lots, submit_application, withdraw_application
from tender.certificates.queries import certificates_of
from tender.certificates.services import ask_for_certificate
from tender.frameworks.framework_services import edit_lot
from tender.frameworks.queries import lots_of_framework
from tender.frameworks.services import LotDetails
from tests.factories.applications import a_complete_draft, a_draft
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids
from tests.factories.packs import reword
from tests.tender.applications.test_pages import page
from tests.tender.applications.test_services import colleague
from tests.web_client import sign_in


@pytest.fixture
def open_round(session):
    """A round whose framework asks for certificates."""
    return a_published_round(2, framework=a_framework(2, needs_certificate=True))


@pytest.fixture
def complete(open_round, provider):
    """A draft for the first lot that lacks nothing."""
    return a_complete_draft(open_round, provider, lot_ids(open_round)[:1])


@pytest.fixture
def editor(session, provider):
    return colleague(session, provider, "editor")


def contents(application_id, by):
    facts = own_application_for(by, application_id)
    return contents_sha256(facts, ready_part(tender_of(facts)))


def certify(application_id, by):
    certify_application(
        application_id=application_id, stated=True, contents=contents(application_id, by), by=by
    )


def submit(application_id, by, **more):
    return submit_application(application_id=application_id, declared=True, by=by, **more)


def newest(application_id):
    return certificates_of(application_id)[0]


def change(application_id, by, value="Changed after it was certified."):
    item = tender_of(own_application_for(by, application_id)).item("safeguarding", None)
    save_answer(application_id=application_id, code="safeguarding", value=value, version=item.version, by=by)


def stage(application_id, by):
    return own_application_for(by, application_id).stage


def test_a_draft_becomes_ready_to_certify_then_certified_then_submitted(complete, provider, editor):
    assert stage(complete, editor) == "draft"
    ask_to_certify(application_id=complete, by=editor)
    assert stage(complete, editor) == "ready to certify"
    certify(complete, provider)
    assert stage(complete, editor) == "certified"
    submit(complete, provider)
    assert stage(complete, editor) == "submitted"


def test_those_who_may_certify_get_a_letter_and_a_task_once(complete, provider, editor, session):
    certifier = colleague(session, provider, "certifier")
    for _ in range(2):
        ask_to_certify(application_id=complete, by=editor)
    letters = session.scalars(select(Letter).where(Letter.key.like("certify:%"))).all()
    assert {letter.to_address for letter in letters} == {provider.email, certifier.email}
    assert len(letters) == 2 and editor.name in letters[0].body
    assert waiting_for(certifier).now[0].verb == "Read and certify it"
    assert waiting_for(editor).now[0].verb != "Read and certify it"


def test_without_a_certificate_nothing_is_submitted(complete, provider):
    with pytest.raises(Refusal) as refusal:
        submit(complete, provider)
    assert refusal.value.field == "certified"


def test_an_editor_certifies_nothing(complete, editor):
    with pytest.raises(Refusal, match="cannot certify"):
        certify(complete, editor)


def test_what_is_incomplete_is_not_certified(open_round, provider):
    draft = a_draft(open_round, provider, lot_ids(open_round)[:1])
    with pytest.raises(Incomplete):
        certify_application(application_id=draft, stated=True, contents=None, by=provider)


def test_one_person_certifies_and_submits_in_one_step(complete, provider):
    number = submit(complete, provider, certified=True, contents=contents(complete, provider))
    receipt = receipts_of(own_application_for(provider, complete))[0]
    certificate = receipt["manifest"]["certificate"]
    assert receipt["number"] == number and certificate["by"] == provider.name
    assert newest(complete)["contents_sha256"] == certificate["contents_sha256"]


def test_the_page_for_one_person_asks_for_both_declarations(browser, complete, provider):
    text = page(browser.get(f"/applications/{complete}/check"))
    assert "Certify and submit application" in text
    sent = {"declared": "y", "contents": contents(complete, provider)}
    assert "Certify the application before" in page(
        browser.post(f"/applications/{complete}/submit", data=sent), 422
    )
    answer = browser.post(f"/applications/{complete}/submit", data={**sent, "certified": "y"})
    assert answer.location == f"/applications/{complete}/receipt"
    assert f"By {provider.name}" in page(browser.get(answer.location))


def test_the_letters_of_submission_and_withdrawal_lead_to_their_pages(browser, complete, provider, session):
    sent = {"certified": "y", "declared": "y", "contents": contents(complete, provider)}
    browser.post(f"/applications/{complete}/submit", data=sent)
    browser.post(f"/applications/{complete}/withdraw")
    submitted, withdrawn = session.scalars(select(Letter.body).order_by(Letter.id)).all()
    assert f"/applications/{complete}/receipt\n" in submitted and "/receipts/verify\n" in submitted
    assert f"/applications/{complete}\n" in withdrawn


def test_with_neither_box_ticked_both_are_named(browser, complete, provider):
    sent = {"contents": contents(complete, provider)}
    text = page(browser.post(f"/applications/{complete}/submit", data=sent), 422)
    assert '<a href="#certified">Certify the application before' in text
    assert '<a href="#declared">Confirm the declaration before' in text


def test_a_certificate_that_stands_leaves_one_box_to_name(complete, provider):
    certify(complete, provider)
    with pytest.raises(Unconfirmed) as refusal:
        submit_application(application_id=complete, declared=False, by=provider)
    assert list(refusal.value.boxes) == ["declared"]


def test_a_colleague_certifies_by_the_page_and_another_submits(app, complete, provider, editor, session):
    certifier = colleague(session, provider, "certifier")
    asking, certifying, submitting = (
        sign_in(app.test_client(), person.email) for person in (editor, certifier, provider)
    )
    address = f"/applications/{complete}"
    assert "Ask for it to be certified" in page(asking.get(f"{address}/check"))
    asking.post(f"{address}/ask-to-certify")
    letters = session.scalars(select(Letter.body).where(Letter.key.like("certify:%"))).all()
    assert letters and all(f"{address}/check\n" in letter for letter in letters)
    assert "Ready to certify." in page(asking.get(f"{address}/check"))
    certifying.post(f"{address}/certify", data={"certified": "y", "contents": contents(complete, provider)})
    text = page(submitting.get(f"{address}/check"))
    assert f"Certified</strong> by {certifier.name}" in text and "Certify and submit" not in text
    answer = submitting.post(f"{address}/submit", data={"declared": "y"})
    assert answer.location == f"{address}/receipt"


@pytest.mark.parametrize(
    "act",
    [
        change,
        lambda draft, by: detach_document(
            application_id=draft, code="finance", document_id=a_document(draft, by), by=by
        ),
    ],
    ids=["an answer", "a document"],
)
def test_a_change_makes_the_certificate_void_with_who_and_when(complete, provider, editor, act):
    certify(complete, provider)
    act(complete, editor)
    found = newest(complete)
    assert (found["state"], found["voided_by"]) == ("void", editor.name) and found["voided_at"]
    with pytest.raises(Refusal):
        submit(complete, provider)


def a_document(draft, by):
    return tender_of(own_application_for(by, draft)).item("finance", None).files[0].id


def test_other_lots_make_the_certificate_void(complete, provider, open_round):
    certify(complete, provider)
    choose_lots(application_id=complete, lot_ids=lot_ids(open_round), by=provider)
    assert (newest(complete)["state"], newest(complete)["void_reason"]) == ("void", "The lots")


def test_the_same_value_again_leaves_the_certificate(complete, provider):
    value = tender_of(own_application_for(provider, complete)).item("safeguarding", None).value
    certify(complete, provider)
    change(complete, provider, value)
    assert newest(complete)["state"] == "given"


def test_withdrawing_makes_the_certificate_void(complete, provider):
    submit(complete, provider, certified=True)
    withdraw_application(application_id=complete, by=provider)
    assert newest(complete)["state"] == "void" and stage(complete, provider) == "draft"
    with pytest.raises(Refusal):
        submit(complete, provider)


def test_what_changed_after_the_page_was_drawn_is_not_certified(complete, provider, editor, browser):
    drawn = contents(complete, provider)
    change(complete, editor)
    with pytest.raises(ChangedMeanwhile):
        submit(complete, provider, certified=True, contents=drawn)
    sent = {"declared": "y", "certified": "y", "contents": drawn}
    text = page(browser.post(f"/applications/{complete}/submit", data=sent), 422)
    assert "was changed after you opened this page" in text
    assert 'name="certified" type="checkbox" value="y" checked' not in text


def test_the_database_alone_makes_a_certificate_void_and_keeps_it_as_it_was(complete, provider, session):
    certify(complete, provider)
    slipped = "UPDATE answer SET value = '1', version = version + 1 WHERE lot_id IS NULL"
    session.connection().exec_driver_sql(f"{slipped} AND application_id = {complete}")
    session.expire_all()
    assert newest(complete)["state"] == "void"
    for statement in ("UPDATE certificate SET state = 'given'", "DELETE FROM certificate"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().exec_driver_sql(statement)


def test_where_the_framework_asks_for_none_nobody_certifies(session, provider):
    plain = a_published_round(1)
    draft = a_complete_draft(plain, provider, lot_ids(plain))
    submit(draft, provider)
    assert receipts_of(own_application_for(provider, draft))[0]["manifest"]["certificate"] is None


@pytest.fixture
def dead(complete, open_round, provider):
    """The draft, certified, and then the round asks by another version."""
    certify(complete, provider)
    reword(open_round, "insurance")
    return complete


def test_a_new_version_of_the_questions_makes_certificates_void_and_says_why(dead, editor, session):
    assert (newest(dead)["state"], newest(dead)["void_reason"]) == ("void", "The questions of the round")
    assert newest(dead)["voided_by"] is None
    assert stage(dead, editor) == "draft"
    (task,) = waiting_for(editor).now
    assert "is saved, not submitted" in task.sentence
    assert "has to be certified again" in session.scalars(select(Letter.body)).all()[-1]


def test_after_a_new_version_the_pages_say_why_and_the_button_asks_again(app, dead, editor, session):
    client = sign_in(app.test_client(), editor.email)
    address = f"/applications/{dead}"
    text = page(client.get(f"{address}/check"))
    assert "No longer certified." in text and "What was changed: The questions of the round." in text
    assert "Certified, not submitted" not in text
    assert "It is certified" not in page(client.get(address))
    client.post(f"{address}/ask-to-certify")
    assert stage(dead, editor) == "ready to certify"
    assert session.scalars(select(Letter.body).where(Letter.key.like("certify:%"))).all()


def test_a_certificate_of_what_is_submitted_stays_with_its_receipt(complete, open_round, provider):
    submit(complete, provider, certified=True)
    reword(open_round, "insurance")
    assert newest(complete)["state"] == "given"


def test_another_name_of_a_lot_makes_the_certificates_of_its_drafts_void(complete, open_round, provider):
    certify(complete, provider)
    first, second = lots_of_framework(open_round.framework_id)
    lead = a_procurement_lead(open_round)
    for lot, state in ((second, "given"), (first, "void")):
        details = LotDetails(lot.number, f"{lot.title}, renamed")
        edit_lot(
            by=lead,
            framework_id=open_round.framework_id,
            lot_id=lot.id,
            details=details,
            portal_url="",
            reason="A slip of the pen.",
        )
        assert newest(complete)["state"] == state


def test_asking_takes_no_certificate_over_other_content_for_one_that_stands(complete, provider):
    certify(complete, provider)
    standing = newest(complete)["contents_sha256"]
    assert ask_for_certificate(application_id=complete, contents_sha256=standing, by=provider) is None
    assert ask_for_certificate(application_id=complete, contents_sha256="0" * 64, by=provider)
    assert [each["state"] for each in certificates_of(complete)] == ["asked", "void"]
