"""What is sent twice is done once: every route of the tender that changes anything, and what makes it so."""

import pytest
from sqlalchemy import select, text

from portal.database import Base
from portal.storage.models import Document
from tender.applications.queries import own_application_for
from tender.clarifications.models import Clarification
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_file, a_submitted_application
from tests.factories.clarifications import a_round_with_questions
from tests.factories.frameworks import a_framework, a_published_round, lot_ids
from tests.web_client import sign_in

MECHANISMS = {
    # A provider's.
    "applications.apply": "one application a provider and round: unique constraint",
    "applications.carry": "fills only what is empty",
    "applications.lots": "sets the lots, whatever they were",
    "applications.ask": "one certificate is asked for or given at a time: unique index",
    "applications.certify": "a certificate that stands over the same contents is kept",
    "applications.submit": "the form's key; one standing receipt an application: unique index",
    "applications.withdraw": "names the receipt that it withdraws",
    "answers.save": "the same value, the same file is not saved again; the answer's version",
    "answers.confirm": "the answer's version",
    "answer_versions.save": "the answer's version",
    "promises.promise": "one promise a file and answer: unique constraint",
    "promises.take_back": "takes away what may be gone",
    "promises.deliver": "a promise is kept once",
    "promises.begin": "an upload of the same file is gone on with",
    "promises.finish": "an upload becomes one document",
    "promises.cancel": "takes away what may be gone",
    "paper_uploads.begin": "an upload of the same file is gone on with",
    "paper_uploads.finish": "what waits is not made to wait again",
    "paper_uploads.cancel": "takes away what may be gone",
    "uploads.begin": "an upload of the same file is gone on with",
    "uploads.finish": "an upload becomes one document",
    "uploads.cancel": "takes away what may be gone",
    "vault.keep": "a document is in the vault once",
    "receipts.verify": "changes nothing",
    "reminders.choose": "sets the choice, whatever it was",
    "followers.follow": "one follower a person and round: primary key",
    "followers.unfollow": "takes away what may be gone",
    "clarifications.ask": "a question that waits is not asked in the same words again",
    "clarifications.withdraw": "withdrawn is withdrawn",
    # The council's.
    "frameworks.upload": "changes nothing",
    "frameworks.create": "one framework a council and reference: unique constraint",
    "frameworks.plain": "one framework a council and reference: unique constraint",
    "frameworks.edit": "what is so already is not changed",
    "frameworks.new_lot": "the same lot is not added again; one a number: unique constraint",
    "frameworks.lot": "what is so already is not changed",
    "rounds.new": "one draft a framework; the same draft again is that one",
    "rounds.edit": "sets the details, whatever they were",
    "rounds.publish": "a move of the round",
    "rounds.open_box": "a move of the round; one opening stands at a time",
    "rounds.confirm_opening": "a move of the round",
    "packs.weights": "what is so already is not changed",
    "packs.copy": "a pack that is the same already is not written",
    "pack_questions.choose": "changes nothing",
    "pack_questions.add": "a question that says the same is not added again",
    "pack_questions.show": "what is so already is not changed",
    "pack_questions.move": "names the place from which it moves",
    "pack_questions.duplicate": "a copy that nobody has changed is not made again",
    "pack_questions.remove": "takes away what may be gone",
    "pack_structure.add_section": "a section that says the same is not added again",
    "pack_structure.section": "what is so already is not changed",
    "pack_structure.move_section": "names the place from which it moves",
    "pack_structure.remove_section": "takes away what may be gone",
    "pack_structure.add_scale": "a scale that is the same is not added again",
    "pack_structure.scale": "what is so already is not changed",
    "pack_structure.remove_scale": "takes away what may be gone",
    "pack_files.choose": "the same file that waits already is not kept again",
    "pack_files.check": "what waits is taken over once",
    "pack_files.discard": "takes away what may be gone",
    "amendments.question": "what is so already is not changed",
    "amendments.choose": "changes nothing",
    "amendments.add": "a question that says the same is not added again",
    "amendments.withdraw": "withdrawn is withdrawn",
    "amendments.restore": "what is so already is not changed",
    "amendments.discard": "takes away what may be gone",
    "amendments.publish": "while nothing new is prepared, the same reason is of what stands",
    "intakes.plan": "sets the plan, whatever it was",
    "intakes.add": "cut-offs that are published are not published again",
    "intakes.later": "the first reason stands",
    "timetable.plan": "what is so already is not changed",
    "conflicts.show": "names the assessment that it follows",
    "deadline.extend": "the same extension is given once",
    "round_documents.index": "the same file under the same title is added once",
    "round_documents.replace": "the same file follows a version once; one follower: unique constraint",
    "round_documents.remove": "takes away what may be gone",
    "clarifications.answer": "a move of the question",
    "clarifications.own": "the same words are not published again",
    "clarifications.correct": "the same words are no correction; the version that the page showed",
    "clarifications.leave": "a move of the question",
    "frameworks.discard": "takes away what may be gone",
    "rounds.discard": "takes away what may be gone",
    "withdrawals.propose": "one proposal waits: unique index",
    "withdrawals.decide": "decided is decided",
    "amendments.terms": "what is so already is not changed",
}
# Counted for each attempt, not for what it does.
COUNTERS = {"attempt_count", "audit_line"}


def test_every_route_of_the_tender_names_what_makes_it_so(app):
    changing = {"POST", "DELETE"}
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if changing & (rule.methods or set())}
    ours = {name for name in posted if app.view_functions[name].__module__.startswith("tender.")}
    assert ours == set(MECHANISMS)


@pytest.fixture
def provider(session):
    return a_provider_person()


@pytest.fixture
def open_round(session):
    return a_published_round(2, framework=a_framework(2, needs_certificate=True))


@pytest.fixture
def draft(open_round, provider):
    return a_complete_draft(open_round, provider, lot_ids(open_round)[:1])


@pytest.fixture
def browser(client, provider):
    return sign_in(client, provider.email)


def contents_of_the_database(session):
    """Every row of every table, but for what counts attempts."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in COUNTERS]
    return {
        name: session.scalar(text(f'SELECT jsonb_agg(t ORDER BY t::text) FROM "{name}" AS t'))
        for name in tables
    }


def both_forms(browser, draft):
    page = browser.get(f"/applications/{draft}/check").text
    fields = {}
    for name in ("contents", "key"):
        fields[name] = page.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]
    return {**fields, "declared": "y", "certified": "y"}


PRESSES = {
    "applications.apply": lambda draft, round_id, lots: (f"/opportunities/{round_id}/apply", {}),
    "applications.lots": lambda draft, round_id, lots: (f"/applications/{draft}/lots", {"lots": lots}),
    "applications.ask": lambda draft, round_id, lots: (f"/applications/{draft}/ask-to-certify", {}),
    "applications.certify": lambda draft, round_id, lots: (f"/applications/{draft}/certify", {}),
    "applications.submit": lambda draft, round_id, lots: (f"/applications/{draft}/submit", {}),
    "answers.save": lambda draft, round_id, lots: (
        f"/applications/{draft}/questions/safeguarding",
        {"value": "Said twice, kept once.", "version": "1"},
    ),
    "receipts.verify": lambda draft, round_id, lots: ("/receipts/verify", {"number": "AP", "sha256": "0"}),
    "reminders.choose": lambda draft, round_id, lots: ("/reminders", {"wanted": "no"}),
    "followers.follow": lambda draft, round_id, lots: (f"/opportunities/{round_id}/follow", {}),
    "followers.unfollow": lambda draft, round_id, lots: (f"/opportunities/{round_id}/unfollow", {}),
}


@pytest.mark.parametrize("endpoint", PRESSES)
def test_pressed_twice_it_leaves_what_pressed_once_does(browser, draft, open_round, session, endpoint):
    lots = [str(lot_id) for lot_id in lot_ids(open_round)]
    address, data = PRESSES[endpoint](draft, open_round.id, lots)
    sent = {**both_forms(browser, draft), **data}
    first = browser.post(address, data=sent)
    once = contents_of_the_database(session)
    second = browser.post(address, data=sent)
    assert contents_of_the_database(session) == once
    assert (second.status_code, second.location) == (first.status_code, first.location)


def test_withdrawing_twice_withdraws_once(browser, open_round, provider, session):
    subject = a_published_round(1)
    application_id = a_submitted_application(subject, lot_ids(subject), provider)
    number = own_application_for(provider, application_id).receipt_number
    sent = {"receipt": number}
    browser.post(f"/applications/{application_id}/withdraw", data=sent)
    once = contents_of_the_database(session)
    browser.post(f"/applications/{application_id}/withdraw", data=sent)
    assert contents_of_the_database(session) == once


def test_a_file_that_the_form_sends_twice_is_there_once(browser, open_round, provider, session):
    address = f"/applications/{a_draft(open_round, provider)}/questions/safeguarding_policy"
    for _ in range(2):
        sent = {"value": (a_file()["stream"], "policy.pdf"), "then": "stay"}
        answer = browser.post(address, data=sent, content_type="multipart/form-data")
        assert answer.status_code == 303
    assert session.scalars(select(Document.filename)).all() == ["policy.pdf"]


def test_the_same_file_under_another_name_is_another_document(browser, open_round, provider, session):
    address = f"/applications/{a_draft(open_round, provider)}/questions/safeguarding_policy"
    for name in ("policy.pdf", "the same.pdf"):
        sent = {"value": (a_file()["stream"], name), "then": "stay"}
        browser.post(address, data=sent, content_type="multipart/form-data")
    assert len(session.scalars(select(Document.filename)).all()) == 2


def test_a_question_asked_twice_waits_once_and_taken_back_twice_is_taken_back(client, provider, session):
    taking = a_round_with_questions()
    browser = sign_in(client, provider.email)
    for _ in range(2):
        browser.post(f"/opportunities/{taking.id}/questions", data={"text": " Is lunch included? "})
    (asked,) = session.scalars(select(Clarification.id))
    pages = [browser.post(f"/clarifications/{asked}/withdraw").location for _ in range(2)]
    assert pages == [f"/opportunities/{taking.id}/questions"] * 2
