"""What was refused leaves a line that stands though its own transaction is undone: who, which, why, when."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.audit.services import first_broken_line
from portal.errors import NotFound, Refusal
from tender.applications import holding, services
from tender.applications.answer_services import attach_document, save_answer
from tender.applications.certifying import certify_application
from tender.applications.holding import RoundWithdrawn
from tender.applications.services import RoundNotOpen, choose_lots, submit_application, withdraw_application
from tender.deadline.queries import board_of
from tender.frameworks import queries
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.applications import a_complete_draft, a_draft, a_file, a_submitted_application
from tests.factories.frameworks import (
    a_closed_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.web_client import sign_in


@pytest.fixture
def refused(session):
    """The lines about refusals: action, subject, reason, and who."""

    def read():
        lines = session.scalars(
            select(AuditLine).where(AuditLine.action.like("application.refuse%")).order_by(AuditLine.id)
        ).all()
        assert first_broken_line() is None
        return lines

    return read


def reasons(lines):
    return [(line.action.removeprefix("application.refuse_"), line.details["reason"]) for line in lines]


def press(draft, by, **said):
    with pytest.raises(Refusal):
        submit_application(application_id=draft, by=by, **{"declared": True, **said})


def test_a_press_after_the_close_says_who_which_why_and_when_by_both_clocks(provider, refused):
    closed = a_closed_round()
    draft = a_complete_draft(closed, provider, lot_ids(closed))
    arrived = closed.closes_at + timedelta(milliseconds=3)
    with clock.staged_at(arrived), clock.arriving(), clock.staged_at(arrived + timedelta(seconds=2)):
        press(draft, provider)
    (line,) = refused()
    assert (line.action, line.subject_type, line.subject_id) == (
        "application.refuse_submit", "application", str(draft),
    )  # fmt: skip
    assert (line.actor_id, line.actor_name) == (provider.person_id, provider.signature)
    assert line.details == {"reason": "closed", "arrived": arrived.isoformat()}
    assert abs(line.at - datetime.now(line.at.tzinfo)) < timedelta(minutes=1)


def test_every_reason_has_its_word(session, provider, refused):
    subject = a_published_round(1, framework=a_framework(1, needs_certificate=True))
    draft = a_draft(subject, provider, lot_ids(subject))
    press(draft, provider)
    whole = a_complete_draft(subject, third := a_provider_person(), lot_ids(subject))
    press(whole, third)
    press(whole, third, certified=True, contents="0" * 64)
    press(whole, third, certified=True, declared=False)
    press(whole, a_person_of(session, third, "editor"))
    press(whole, provider)
    assert reasons(refused()) == [
        ("submit", reason)
        for reason in (
            "incomplete", "uncertified", "changed", "undeclared", "not_permitted",
        )
    ]  # fmt: skip


def test_a_press_in_a_withdrawn_round_is_told_so_and_counted_apart(session, provider, refused):
    lead = a_procurement_lead()
    subject = a_published_round(1, lead)
    draft = a_complete_draft(subject, provider, lot_ids(subject))
    proposal = propose_withdrawal(by=lead, round_id=subject.id, reason="No money was found.")
    decide_withdrawal(
        by=a_procurement_lead(subject), round_id=subject.id, withdrawal_id=proposal, approved=True,
        portal_url="https://portal.example.org",
    )  # fmt: skip
    with pytest.raises(RoundWithdrawn, match="take it to another round"):
        submit_application(application_id=draft, by=provider, declared=True)
    assert reasons(refused()) == [("submit", "withdrawn")]
    (line,) = board_of(queries.round_for(lead, subject.id)).refused
    assert (line.why, line.times) == ("The council had withdrawn the round", 1)


def a_person_of(session, provider, role):

    return a_person(session.get_one(Organisation, provider.organisation_id), role)


def test_what_comes_too_late_leaves_a_line_whatever_it_was(provider, refused):
    closed = a_closed_round()
    draft = a_draft(closed, provider, lot_ids(closed))
    place = {"application_id": draft, "by": provider}
    late = (
        lambda: save_answer(**place, code="safeguarding", value="Words that nobody may read.", version=0),
        lambda: attach_document(**place, code="safeguarding_policy", **a_file()),
        lambda: choose_lots(**place, lot_ids=lot_ids(closed)),
        lambda: certify_application(**place, stated=True, contents=None),
    )
    for number, change in enumerate(late, start=1):
        with pytest.raises(RoundNotOpen):
            change()
        # One line for one application, reason and minute.
        assert reasons(refused()) == [("change", "closed")], number
    sent = a_submitted_application(closed, lot_ids(closed), other := a_provider_person())
    with pytest.raises(RoundNotOpen):
        withdraw_application(application_id=sent, by=other)
    assert [line.subject_id for line in refused()] == [str(draft), str(sent)]
    assert "Words that nobody" not in str([line.details for line in refused()])


def test_a_change_that_is_kept_or_refused_for_another_reason_leaves_none(draft, provider, refused):
    with pytest.raises(NotFound):
        save_answer(application_id=draft, code="no_such", value="x", version=0, by=provider)
    save_answer(application_id=draft, code="ico_number", value="ZA123456", version=0, by=provider)
    assert refused() == []


def test_whoever_presses_a_hundred_times_leaves_a_line_a_minute(draft, provider, refused):
    for _ in range(20):
        press(draft, provider)
    assert reasons(refused()) == [("submit", "incomplete")]


def test_whoever_presses_for_another_provider_finds_nothing_and_leaves_nothing(draft, refused):
    press(draft, a_provider_person())
    assert refused() == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("a fault"), "fault"),
        (OperationalError("SELECT 1", {}, type("Slow", (Exception,), {"sqlstate": "57014"})()), "overloaded"),
    ],
)
def test_a_fault_of_the_portal_is_seen_too(draft, provider, refused, monkeypatch, error, reason):
    def fail(*args):
        raise error

    monkeypatch.setattr(services, "seal_facts", fail)
    with pytest.raises(type(error)):
        submit_application(application_id=draft, declared=True, by=provider)
    assert reasons(refused()) == [("submit", reason)]


def test_where_the_line_cannot_be_kept_the_answer_is_the_refusal(draft, provider, refused, monkeypatch):

    def fail(*args, **kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr(holding, "record", fail)
    press(draft, provider)
    assert refused() == []


def test_by_the_page_too(client, draft, provider, refused):
    sign_in(client, provider.email)
    for _ in range(2):
        assert client.post(f"/applications/{draft}/submit", data={"declared": "y"}).status_code == 422
    stranger = sign_in(client.application.test_client(), a_provider_person().email)
    assert stranger.post(f"/applications/{draft}/submit", data={"declared": "y"}).status_code == 404
    assert reasons(refused()) == [("submit", "incomplete")]
