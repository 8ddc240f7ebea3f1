"""Reminding of drafts before their time is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.database import db
from portal.mail.models import Letter
from tender.applications.erasure import erase_application
from tender.applications.queries import own_application_for, tender_of
from tender.certificates.models import Certificate
from tender.certificates.services import ask_for_certificate
from tender.deadline.services import extend
from tender.reminders.models import Reminder
from tender.reminders.services import RULES, remind_waiting, rule_due, turn_reminders
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_procurement_lead, a_published_round, lot_ids
from tests.tender.applications.test_at_once import committed  # noqa: F401 - a fixture
from tests.tender.applications.test_services import colleague
from tests.web_client import sign_in

SECOND = timedelta(seconds=1)


@pytest.fixture
def provider(session):
    return a_provider_person()


@pytest.fixture
def open_round(session):
    return a_published_round(1)


@pytest.fixture
def draft(open_round, provider):
    return a_draft(open_round, provider)


def remind(closes_at, before):
    with clock.staged_at(closes_at - before):
        return remind_waiting(portal_url=PORTAL_URL, by=THE_PORTAL)


def letters(session):
    return session.scalars(select(Letter).where(Letter.key.like("reminder:%")).order_by(Letter.id)).all()


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_reminds_each_person_once(draft, open_round, provider, session, rule):
    editor = colleague(session, provider, "editor")
    assert remind(open_round.closes_at, RULES[rule]) == 2
    assert remind(open_round.closes_at, RULES[rule] - SECOND) == 0
    assert {letter.to_address for letter in letters(session)} == {provider.email, editor.email}


def test_the_letters_say_until_when(draft, open_round, session):
    remind(open_round.closes_at, RULES["2 days"])
    assert letters(session)[0].title.startswith("Saved, not submitted: 2 days left")


def test_the_letters_say_how_much_is_missing_and_lead_there(draft, open_round, provider, session):
    complete = a_complete_draft(open_round, a_provider_person(), lot_ids(open_round))
    remind(open_round.closes_at, RULES["2 days"])
    bodies = {letter.subject_id: letter.body for letter in letters(session)}
    lacking = len(tender_of(own_application_for(provider, draft)).missing)
    assert f"{lacking} things to put right" in bodies[str(draft)]
    assert f"{PORTAL_URL}/applications/{draft}" in bodies[str(draft)]
    assert "Nothing is missing: it only has to be submitted." in bodies[str(complete)]


@pytest.mark.parametrize(
    ("age", "left", "due"),
    [
        (20, RULES["7 days"] + SECOND, None),
        (20, RULES["7 days"], "7 days"),
        (20, RULES["2 days"] + SECOND, "7 days"),
        (20, RULES["2 days"], "2 days"),
        (20, RULES["4 hours"], "4 hours"),
        (20, SECOND, "4 hours"),
        (20, timedelta(0), None),
        (5, RULES["7 days"] - SECOND, None),
        (1, RULES["2 days"] - SECOND, None),
    ],
)
def test_the_nearest_reminder_alone_is_due_and_none_to_what_is_younger(age, left, due):
    closes_at = clock.now()
    assert rule_due(closes_at - timedelta(days=age), closes_at, closes_at - left) == due


def test_nothing_goes_out_once_it_is_submitted_or_closed(open_round, provider, session):
    a_submitted_application(open_round, lot_ids(open_round), provider)
    a_draft(open_round, a_provider_person())
    assert remind(open_round.closes_at, RULES["2 days"]) == 1
    assert remind(open_round.closes_at, timedelta(0)) == 0


def test_a_later_close_is_reminded_of_anew(draft, open_round, session):
    remind(open_round.closes_at, RULES["2 days"])
    later = open_round.closes_at + timedelta(days=5)
    lead = a_procurement_lead(open_round)
    more = {"reason": "A fault.", "fairness": "", "references": None, "portal_url": PORTAL_URL}
    extend(round_id=open_round.id, closes_at=later, by=lead, **more)
    assert remind(open_round.closes_at, RULES["2 days"] - SECOND) == 1  # a week before the new close
    assert remind(later, RULES["2 days"]) == 1
    assert len({letter.key for letter in letters(session)}) == 3


def test_whoever_wants_none_gets_none_until_they_turn_them_on(draft, open_round, provider, client, session):
    sign_in(client, provider.email)
    assert client.post("/reminders", data={"wanted": "no"}).status_code == 303
    assert "checked" in client.get("/reminders").text.partition('value="no"')[2][:40]
    assert remind(open_round.closes_at, RULES["7 days"]) == 0
    turn_reminders(on=True, by=provider)
    assert remind(open_round.closes_at, RULES["2 days"]) == 1


def test_an_erased_draft_takes_its_reminders_and_certificates_along(draft, open_round, provider, session):
    remind(open_round.closes_at, RULES["2 days"])
    ask_for_certificate(application_id=draft, contents_sha256="0" * 64, by=provider)
    erase_application(draft, by=THE_PORTAL)
    assert not session.scalars(select(Reminder)).all() and not session.scalars(select(Certificate)).all()


def test_two_workers_at_once_send_one(committed):  # noqa: F811
    with committed.app_context():
        subject = a_published_round(1)
        a_draft(subject, a_provider_person())
        closes_at = subject.closes_at

    def work(_):
        with committed.app_context():
            try:
                return remind(closes_at, RULES["2 days"])
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 1
    with committed.app_context():
        assert len(db.session.scalars(select(Reminder)).all()) == 1
