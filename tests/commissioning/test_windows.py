"""Until when a referral is answered, and who is reminded."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.call_offs.waiting_queries import waiting_for
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.models import Referral
from portal.commissioning.queries import referral_for
from portal.commissioning.reminders import remind
from portal.commissioning.windows import answer_by
from tests.factories.accounts import a_school_person
from tests.factories.commissioning import PORTAL_URL, a_referral
from tests.factories.directory import a_service_and_its_person
from tests.factories.organisations import letters_to


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.LONDON)


@pytest.fixture
def asked(session: Session) -> tuple[Referral, Actor, Actor]:
    """A referral, its provider's person and its school's."""
    service, provider = a_service_and_its_person()
    school = a_school_person()
    return a_referral(service, school), provider, school


def reminded_at(moment: datetime) -> int:
    with clock.staged_at(moment):
        return remind(portal_url=PORTAL_URL, by=THE_PORTAL)


@pytest.mark.parametrize(
    ("sent", "urgent", "until"),
    [
        ("2026-03-09 09:00", False, "2026-03-11 17:00"),
        ("2026-03-12 09:00", False, "2026-03-16 17:00"),
        ("2026-04-02 09:00", False, "2026-04-08 17:00"),  # Easter lies between
        ("2026-03-09 09:00", True, "2026-03-09 13:00"),
        ("2026-03-09 14:00", True, "2026-03-10 10:00"),
        ("2026-03-13 16:00", True, "2026-03-16 10:00"),
        ("2026-03-14 11:00", True, "2026-03-16 10:00"),
    ],
)
def test_a_window_ends_in_two_working_days_and_an_emergency_on_the_same_one(sent, urgent, until):
    assert answer_by(at(sent), urgent=urgent, working_days=2, hours=4) == at(until)


def test_the_provider_reads_until_when_and_that_it_is_an_emergency(asked):
    service, provider = a_service_and_its_person()
    a_referral(service, urgent=True)
    letter = letters_to(provider.email)[-1]
    assert letter.title.startswith("Emergency") and "Please answer by" in letter.body
    task = waiting_for(provider).now[0]
    assert task.detail.startswith("Emergency") and task.due_at is not None


def test_the_provider_is_reminded_once_at_half_time_and_once_when_it_is_over(asked):
    referral, provider, school = asked
    half = referral.sent_at + (referral.answer_by - referral.sent_at) / 2 + timedelta(seconds=1)
    assert reminded_at(half - timedelta(minutes=1)) == 0
    assert (reminded_at(half), reminded_at(half)) == (1, 0)
    assert "waits for your answer" in letters_to(provider.email)[-1].title
    assert not [each for each in letters_to(school.email) if each.title.startswith("No answer")]
    assert (reminded_at(referral.answer_by), reminded_at(referral.answer_by)) == (1, 0)
    assert "was to be answered" in letters_to(provider.email)[-1].title
    assert letters_to(school.email)[-1].title == f"No answer to referral {referral.reference}"


def test_what_is_late_is_called_so_and_can_still_be_answered(asked):
    referral, provider, school = asked
    with clock.staged_at(referral.answer_by):
        assert referral_for(school, referral.id).late
        waiting = waiting_for(school)
        assert "has not answered" in waiting.now[0].sentence and not waiting.going_on
        decline_referral(referral_id=referral.id, reason="We are full.", portal_url=PORTAL_URL, by=provider)
        assert not referral_for(school, referral.id).late


def test_nobody_is_reminded_of_what_is_answered(asked):
    referral, provider, _ = asked
    decline_referral(referral_id=referral.id, reason="We are full.", portal_url=PORTAL_URL, by=provider)
    assert reminded_at(referral.answer_by) == 0
