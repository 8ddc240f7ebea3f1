"""The closing rule at every edge: what reaches us before the closing time is in time, all else is too late.

What counts is the moment at which the request reached us, by our clock, before any work was done for it.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.web.filters import uk_datetime
from tender.applications.answer_services import attach_document, save_answer
from tender.applications.models import Receipt
from tender.applications.queries import own_application_for
from tender.applications.services import (
    Incomplete,
    RoundNotOpen,
    choose_lots,
    start_application,
    submit_application,
    withdraw_application,
)
from tender.applications.values import sha256_of
from tender.deadline.services import extend
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_file, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_procurement_lead, a_published_round, lot_ids
from tests.web_client import sign_in

MILLISECOND, HOUR, WEEK = timedelta(milliseconds=1), timedelta(hours=1), timedelta(days=7)

# In UTC, with the words in which pages and letters tell them.
CLOSES = {
    datetime(2026, 7, 3, 11, 0, tzinfo=UTC): "12 noon on Friday 3 July 2026, UK time",
    datetime(2027, 1, 15, 12, 0, tzinfo=UTC): "12 noon on Friday 15 January 2027, UK time",
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC): "1:30am (BST) on Sunday 25 October 2026, UK time",
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC): "1am (GMT) on Sunday 25 October 2026, UK time",
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC): "1:30am (GMT) on Sunday 25 October 2026, UK time",
    datetime(2027, 3, 28, 0, 59, tzinfo=UTC): "12:59am on Sunday 28 March 2027, UK time",
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC): "2am on Sunday 28 March 2027, UK time",
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC): "1:30am (BST) on Sunday 31 October 2027, UK time",
    datetime(2027, 10, 31, 1, 30, tzinfo=UTC): "1:30am (GMT) on Sunday 31 October 2027, UK time",
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC): "12 noon on Tuesday 29 February 2028, UK time",
    datetime(2028, 3, 1, 0, 0, tzinfo=UTC): "midnight at the start of Wednesday 1 March 2028, UK time",
}
IN_TIME = (-HOUR, -MILLISECOND)
TOO_LATE = (timedelta(0), MILLISECOND, HOUR)
EDGES = [(closes_at, late) for closes_at in CLOSES for late in (*IN_TIME, *TOO_LATE)]


def a_round_that_closes(closes_at, lots=1):
    """A round that was open for a week until then."""
    with clock.staged_at(closes_at - WEEK):
        return a_published_round(lots, opened=timedelta(0), open_for=WEEK)


@pytest.fixture
def provider(session):
    return a_provider_person()


@pytest.mark.parametrize(("closes_at", "late"), EDGES, ids=lambda edge: str(edge))
def test_before_the_closing_time_is_in_time_and_the_closing_time_is_not(provider, closes_at, late):
    subject = a_round_that_closes(closes_at)
    with clock.staged_at(closes_at - HOUR):
        draft = start_application(round_id=subject.id, by=provider)
    # Nothing is answered: to be told what is missing is to be in time.
    expected = Incomplete if late in IN_TIME else RoundNotOpen
    with clock.staged_at(closes_at + late), pytest.raises(expected):
        submit_application(application_id=draft, declared=True, by=provider)


@pytest.mark.parametrize("closes_at", CLOSES, ids=str)
def test_the_closing_time_is_told_so_that_nobody_can_mistake_it(session, closes_at):
    assert uk_datetime(closes_at) == CLOSES[closes_at]


def test_what_began_before_the_close_and_is_done_after_it_is_in_time(provider, session):
    closes_at = datetime(2026, 7, 3, 11, 0, tzinfo=UTC)
    subject = a_round_that_closes(closes_at)
    draft = a_complete_draft(subject, provider, lot_ids(subject))
    with clock.staged_at(closes_at - MILLISECOND), clock.arriving(), clock.staged_at(closes_at + HOUR):
        submit_application(application_id=draft, declared=True, by=provider)
    assert own_application_for(provider, draft).submitted_at == closes_at - MILLISECOND


def test_what_begins_after_the_close_is_too_late_whatever_the_visitors_clock_says(client, session):
    subject, provider = a_published_round(1), a_provider_person()
    draft = a_complete_draft(subject, provider, lot_ids(subject))
    with clock.staged_at(subject.closes_at):
        sign_in(client, provider.email)
        an_hour_slow = {"Date": f"{subject.closes_at - HOUR:%a, %d %b %Y %H:%M:%S GMT}"}
        answer = client.post(f"/applications/{draft}/submit", data={"declared": "y"}, headers=an_hour_slow)
    assert answer.status_code == 422 and "This round closed at" in answer.text


def test_each_request_arrives_at_its_own_moment(app, client, session):
    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(clock.arrived()))
    try:
        for minute in (1, 2):
            with clock.staged_at(datetime(2026, 7, 3, 11, minute, tzinfo=UTC)):
                client.get("/healthz")
    finally:
        app.before_request_funcs[None].pop()
    assert [moment.minute for moment in seen] == [1, 2]
    assert abs(clock.arrived() - clock.now()) < timedelta(seconds=1)


@pytest.mark.parametrize("late", [*IN_TIME, *TOO_LATE], ids=str)
def test_more_time_for_named_applicants_moves_their_close_alone(provider, late):
    closes_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    subject = a_round_that_closes(closes_at)
    other, until = a_provider_person(), closes_at + HOUR  # the same time of day, an hour later
    with clock.staged_at(closes_at - HOUR):
        named, others = (start_application(round_id=subject.id, by=each) for each in (provider, other))
    with clock.staged_at(closes_at - MILLISECOND):
        reference = own_application_for(provider, named).spoken
        more = {"reason": "A fault.", "fairness": "It met them alone.", "portal_url": PORTAL_URL}
        lead = a_procurement_lead(subject)
        extend(round_id=subject.id, closes_at=until, references=[reference], by=lead, **more)
    with clock.staged_at(until + late):
        with pytest.raises(Incomplete if late in IN_TIME else RoundNotOpen):
            submit_application(application_id=named, declared=True, by=provider)
        if late != -HOUR:
            with pytest.raises(RoundNotOpen):
                submit_application(application_id=others, declared=True, by=other)


def test_a_withdrawal_that_arrived_first_and_had_its_turn_last_is_no_fault(session, provider):
    subject = a_published_round(1)
    application_id = a_submitted_application(subject, lot_ids(subject), provider)
    submitted_at = own_application_for(provider, application_id).submitted_at
    with clock.staged_at(submitted_at - MILLISECOND):
        withdraw_application(application_id=application_id, by=provider)
    assert session.scalars(select(Receipt)).one().withdrawn_at == submitted_at


def test_every_receipt_follows_from_the_trail(session):
    subject = a_published_round(2)
    providers = [a_provider_person() for _ in range(2)]
    applications = [a_submitted_application(subject, lot_ids(subject), each) for each in providers]
    withdraw_application(application_id=applications[0], by=providers[0])
    submit_application(application_id=applications[0], declared=True, by=providers[0])
    session.flush()
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "application.submit")).all()
    receipts = session.scalars(select(Receipt)).all()
    told = {
        (line.details["receipt"], line.details["sha256"], datetime.fromisoformat(line.details["arrived"]))
        for line in lines
    }
    assert told == {(each.number, sha256_of(each.manifest), each.submitted_at) for each in receipts}
    assert len(receipts) == 3


def doings(subject, draft, by):
    """What a provider does before a close besides submitting, each as it would be asked for."""
    other, place = a_provider_person(), {"application_id": draft, "by": by}
    return {
        "start": lambda: start_application(round_id=subject.id, by=other),
        "choose": lambda: choose_lots(lot_ids=lot_ids(subject), **place),
        "save": lambda: save_answer(code="safeguarding", value="We ring home.", version=0, **place),
        "upload": lambda: attach_document(code="safeguarding_policy", **a_file(), **place),
    }


@pytest.mark.parametrize("doing", ["start", "choose", "save", "upload"])
def test_saving_and_uploading_count_by_when_they_reached_us_as_submitting_does(provider, doing):
    closes_at = datetime(2026, 7, 3, 11, 0, tzinfo=UTC)
    subject = a_round_that_closes(closes_at)
    do = doings(subject, a_draft(subject, provider, lot_ids(subject)), provider)[doing]
    with clock.staged_at(closes_at), clock.arriving(), pytest.raises(RoundNotOpen):
        do()
    with clock.staged_at(closes_at - MILLISECOND), clock.arriving(), clock.staged_at(closes_at + HOUR):
        do()


def test_an_answer_says_that_it_was_saved_when_it_reached_us(provider):
    closes_at = datetime(2026, 7, 3, 11, 0, tzinfo=UTC)
    subject = a_round_that_closes(closes_at)
    do = doings(subject, a_draft(subject, provider, lot_ids(subject)), provider)["save"]
    with clock.staged_at(closes_at - MILLISECOND), clock.arriving(), clock.staged_at(closes_at + HOUR):
        assert do().saved_at == closes_at - MILLISECOND
