"""What is sent twice is done once: every route by which a provider changes anything, and what makes it so."""

import pytest
from sqlalchemy import text

from portal.database import Base
from tender.applications.queries import own_application_for
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.frameworks import a_framework, a_published_round, lot_ids
from tests.web_client import sign_in

ROOM = {"applications", "answers", "answer_versions", "vault", "receipts", "reminders", "followers"}
MECHANISMS = {
    "applications.apply": "one application a provider and round: unique constraint",
    "applications.carry": "fills only what is empty",
    "applications.lots": "sets the lots, whatever they were",
    "applications.ask": "one certificate is asked for or given at a time: unique index",
    "applications.certify": "a certificate that stands over the same contents is kept",
    "applications.submit": "the form's key; one standing receipt an application: unique index",
    "applications.withdraw": "names the receipt that it withdraws",
    "answers.save": "the same value is not saved again; the answer's version",
    "answers.confirm": "the answer's version",
    "answer_versions.save": "the answer's version",
    "vault.keep": "a document is in the vault once",
    "receipts.verify": "changes nothing",
    "reminders.choose": "sets the choice, whatever it was",
    "followers.follow": "one follower a person and round: primary key",
    "followers.unfollow": "takes away what may be gone",
}
# Counted for each attempt, not for what it does.
COUNTERS = {"attempt_count", "audit_line"}


def test_every_route_of_the_room_names_what_makes_it_so(app):
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {name for name in posted if name.partition(".")[0] in ROOM} == set(MECHANISMS)


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
