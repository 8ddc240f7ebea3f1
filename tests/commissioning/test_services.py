"""Sending a referral, answering it, and who hears of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.call_offs.waiting_queries import waiting_for
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.models import Referral
from portal.commissioning.queries import referral_for, referrals_for
from portal.commissioning.services import (
    IdentifiesTheChild,
    send_referral,
    withdraw_referral,
)
from portal.directory.services import NotAdmitted
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.commissioning import PORTAL_URL, a_profile, a_referral, accept
from tests.factories.directory import a_colleague, a_service_and_its_person, suspend_standing

SOON = clock.today() + timedelta(days=7)


def letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).order_by(Letter.id)))


def test_a_referral_reaches_everybody_who_answers_and_says_no_fact_but_the_year(session: Session) -> None:
    service, person = a_service_and_its_person()
    a_colleague(person, "editor")
    referral = a_referral(service)
    written = letters(session)
    assert len(written) == 2 and person.email in {letter.to_address for letter in written}
    assert "year 9" in written[0].body and f"{PORTAL_URL}/referrals/{referral.id}" in written[0].body
    for secret in ("engines", "bus", "large classes", "quiet start"):
        assert all(secret not in letter.body + letter.title for letter in written)
    assert "engines" not in str([dict(line) for line in trail_of("referral", referral.id)])
    assert len(referral.reference) == 7 and referral.reference.startswith("R-")


def test_a_double_click_sends_one_referral_and_one_letter(session: Session) -> None:
    service, _ = a_service_and_its_person()
    school, token = a_school_person(), uuid4()
    sent = [
        send_referral(
            service_id=service.id, profile=a_profile(), token=token, portal_url=PORTAL_URL, by=school
        )
        for _ in range(2)
    ]
    assert sent[0].id == sent[1].id
    assert session.scalar(select(func.count()).select_from(Referral)) == 1 and len(letters(session)) == 1


def test_another_schools_token_is_worth_nothing(session: Session) -> None:
    service, _ = a_service_and_its_person()
    first = a_referral(service)
    with pytest.raises(NotFound):
        send_referral(
            service_id=service.id,
            profile=a_profile(),
            token=first.token,
            portal_url=PORTAL_URL,
            by=a_school_person(),
        )


def test_every_field_that_names_the_child_is_told_and_nothing_is_sent(session: Session) -> None:
    service, _ = a_service_and_its_person()
    with pytest.raises(IdentifiesTheChild) as refused:
        a_referral(service, strengths="Born 1/2/2012", transport="From M14 5RQ")
    assert set(refused.value.problems) == {"strengths", "transport"}
    assert letters(session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year_group", 14),
        ("days_a_week", 6),
        ("needs", ["XX"]),
        ("start_wanted_on", clock.today() - timedelta(days=1)),
        ("need_summary", " "),
        ("strengths", ""),
    ],
)
def test_what_no_provider_could_answer_is_refused(session: Session, field: str, value: object) -> None:
    service, _ = a_service_and_its_person()
    with pytest.raises(Refusal) as refused:
        a_referral(service, **{field: value})
    assert refused.value.field == field


def test_nothing_is_sent_to_or_accepted_by_a_provider_that_is_suspended(session: Session) -> None:
    service, person = a_service_and_its_person()
    referral = a_referral(service)
    suspend_standing(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)
    with pytest.raises(NotAdmitted):
        a_referral(service)
    with pytest.raises(NotAdmitted):
        accept(referral, person)
    assert session.get_one(Referral, referral.id, populate_existing=True).state == "sent"
    decline_referral(referral_id=referral.id, reason="We are closed", portal_url=PORTAL_URL, by=person)


def test_the_school_hears_of_a_yes(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    referral = a_referral(service, school)
    accept(referral, person, start_on=SOON)
    letter = letters(session)[-1]
    assert (letter.to_address, letter.title) == (school.email, f"Referral {referral.reference} was accepted")
    seen = referral_for(school, referral.id)
    assert (seen.state, seen.start_on, seen.answer_note) == ("accepted", SOON, "Call us.")
    assert seen.moves == frozenset()


def test_the_school_hears_of_a_no_and_reads_the_reason_on_the_page_alone(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    referral = a_referral(service, school)
    decline_referral(
        referral_id=referral.id, reason="Needs one to one care", portal_url=PORTAL_URL, by=person
    )
    assert "one to one" not in letters(session)[-1].body
    assert referral_for(school, referral.id).decline_reason == "Needs one to one care"


def test_an_answer_needs_a_day_to_come_or_a_reason(session: Session) -> None:
    service, person = a_service_and_its_person()
    referral = a_referral(service)
    with pytest.raises(Refusal, match="past"):
        accept(referral, person, start_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refusal, match="Say why"):
        decline_referral(referral_id=referral.id, reason=" ", portal_url=PORTAL_URL, by=person)


def test_a_second_click_answers_once_and_another_answer_is_refused(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    referral = a_referral(service, school)
    accept(referral, person)
    accept(referral, person)
    assert len(letters(session)) == 2
    with pytest.raises(MoveRefused):
        decline_referral(referral_id=referral.id, reason="Changed our mind", portal_url=PORTAL_URL, by=person)
    with pytest.raises(MoveRefused):
        withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=school)


def test_a_withdrawn_referral_cannot_be_answered_and_the_provider_hears_of_it(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    referral = a_referral(service, school)
    withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=school)
    assert letters(session)[-1].to_address == person.email
    with pytest.raises(MoveRefused):
        accept(referral, person)
    assert waiting_for(person).now == ()


def test_only_the_two_of_them_read_or_move_it(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    referral = a_referral(service, school)
    council = a_person(a_council(), "administrator", "procurement_lead", "evaluator")
    for stranger in (a_school_person(), a_provider_person(), council, THE_PORTAL):
        with pytest.raises(NotFound):
            referral_for(stranger, referral.id)
        assert referrals_for(stranger, 1) == ([], 0)
        with pytest.raises(NotFound):
            accept(referral, stranger)
        with pytest.raises(NotFound):
            withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=stranger)
    with pytest.raises(NotFound):
        accept(referral, school)
    with pytest.raises(NotFound):
        withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=person)


def test_the_unanswered_stand_first_and_each_page_says_how_many(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    sent = [a_referral(service, school) for _ in range(22)]
    accept(sent[-1], person)
    first, total = referrals_for(school, 1)
    last, _ = referrals_for(school, 2)
    assert (len(first), total, len(last)) == (20, 22, 2)
    assert last[-1].id == sent[-1].id
    assert referrals_for(school, 9) == ([], 22)


def test_home_tells_the_provider_to_answer_and_the_school_of_answers(session: Session) -> None:
    service, person = a_service_and_its_person()
    school = a_school_person()
    first, second = a_referral(service, school), a_referral(service, school)
    assert [task.values["referral_id"] for task in waiting_for(person).now] == [first.id, second.id]
    accept(first, person)
    waiting = waiting_for(school)
    assert "can take a child" in waiting.now[0].sentence
    assert waiting.going_on[0].values == {"referral_id": second.id}
    with clock.staged_at(clock.now() + timedelta(days=8)):
        assert waiting_for(school).now[-1].values == {"referral_id": second.id}  # overdue


def test_home_and_lists_take_one_statement_each(session: Session) -> None:
    service, person = a_service_and_its_person()
    for more in (3, 27):
        for _ in range(more):
            a_referral(service)
        with counted() as statements:
            waiting_for(person)
            referrals_for(person, 1)
            waiting_for(THE_PORTAL)
        assert len(statements) == 2
