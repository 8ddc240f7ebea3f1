"""What a school checks of a provider itself: signed, dated, reusable while fresh, and nobody else's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.queries import trail_of
from portal.call_offs.check_waiting import waiting_for
from portal.commissioning.check_queries import checks_for
from portal.commissioning.check_services import sign_check
from portal.commissioning.own_checks import OWN_CHECKS
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound, Refusal
from tests.factories.accounts import a_person, a_school_person
from tests.factories.call_offs import choose
from tests.factories.commissioning import a_referral, accept
from tests.factories.directory import a_service_and_its_person, suspend_standing
from tests.web_client import send, sign_in


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def service_and_person(session: Session) -> tuple[Service, Actor]:
    return a_service_and_its_person()


def sign(service: Service, by: Actor, kind: str = "visit", days_ago: int = 0, note: str = "Calm.") -> None:
    sign_check(
        service_id=service.id,
        kind=kind,
        done_on=clock.today() - timedelta(days=days_ago),
        done_by="Ada Invented, deputy head",
        note=note,
        by=by,
    )


def on(day: date) -> dict[str, str]:
    return {"done_on-day": str(day.day), "done_on-month": str(day.month), "done_on-year": str(day.year)}


def fresh(school: Actor, service: Service) -> list[str]:
    return [each.kind for each in checks_for(school, service.provider_id) if each.fresh]


def test_a_signed_check_counts_for_the_whole_school_while_it_is_fresh(school, service_and_person):
    service, _ = service_and_person
    colleague = a_person(db.session.get_one(Organisation, school.organisation_id), "safeguarding_lead")
    sign(service, school)
    sign(service, school, "registration", days_ago=121)
    assert fresh(colleague, service) == ["visit"]
    visit = checks_for(colleague, service.provider_id)[0]
    assert (visit.done_by, visit.signed_by) == ("Ada Invented, deputy head", school.name)


def test_the_newest_check_of_a_kind_counts_and_earlier_ones_stay(school, service_and_person):
    service, _ = service_and_person
    sign(service, school, days_ago=400)
    assert fresh(school, service) == []
    sign(service, school, days_ago=1)
    sign(service, school, days_ago=1)
    assert fresh(school, service) == ["visit"]
    assert db.session.scalar(text("SELECT count(*) FROM school_check")) == 2


def test_a_check_is_never_changed_and_its_signing_is_in_the_trail(school, service_and_person):
    service, _ = service_and_person
    sign(service, school)
    check_id = db.session.scalar(text("SELECT id FROM school_check"))
    assert trail_of("school_check", check_id)[0]["actor_name"] == school.name
    with pytest.raises(DBAPIError, match="record"), db.session.begin_nested():
        db.session.execute(text("UPDATE school_check SET note = 'Better.'"))


@pytest.mark.parametrize(
    ("said", "field"),
    [({"kind": "smell"}, "kind"), ({"days_ago": -1}, "done_on"), ({"note": " "}, "note")],
)
def test_a_check_says_what_it_must(school, service_and_person, said, field):
    with pytest.raises(Refusal) as refused:
        sign(service_and_person[0], school, **said)
    assert refused.value.field == field


def test_another_schools_checks_are_not_seen_and_providers_sign_none(school, service_and_person):
    service, provider = service_and_person
    sign(service, school)
    assert fresh(a_school_person(), service) == []
    for attempt in (lambda: sign(service, provider), lambda: checks_for(provider, service.provider_id)):
        with pytest.raises(NotFound):
            attempt()


def test_a_school_checks_a_suspended_provider_only_where_it_has_asked_for_a_place(school, service_and_person):
    service, _ = service_and_person
    a_referral(service, school)
    suspend_standing(standing_id=service.standing_id)
    sign(service, school)
    with pytest.raises(NotFound):
        sign(service, a_school_person())


def test_the_home_page_speaks_of_checks_that_are_missing_before_a_child_starts(school, service_and_person):
    service, provider = service_and_person
    referral = a_referral(service, school)
    assert waiting_for(school).now == ()
    start = clock.today() + timedelta(days=9)
    accept(referral, provider, start_on=start)
    assert waiting_for(school).now == ()
    choose(referral, school)
    sign(service, school)
    task = waiting_for(school).now[0]
    assert referral.reference in task.sentence and task.detail.startswith("1 of 4")
    for kind in OWN_CHECKS:
        sign(service, school, kind)
    assert waiting_for(school).now == ()


def test_a_school_signs_on_the_page_and_a_wrong_day_keeps_what_was_typed(school, service_and_person, client):
    service, _ = service_and_person
    sign_in(client, school.email)
    address = f"/services/{service.id}/your-checks"
    assert client.get(address).get_data(as_text=True).count("Missing") == 4
    typed = {"kind": "visit", "done_by": "Ada Invented", "note": "Small groups, calm."}
    wrong = send(
        client, address, **typed, **{"done_on-day": "1", "done_on-month": "1", "done_on-year": "2099"}
    )
    assert wrong.status_code == 422 and "Small groups, calm." in wrong.get_data(as_text=True)
    assert send(client, address, **typed, **on(clock.today())).status_code == 303
    assert "Small groups, calm." in client.get(address).get_data(as_text=True)


def test_a_services_page_leads_to_the_schools_checks_and_they_lead_back_and_to_a_referral(
    school, service_and_person, client
):
    service, _ = service_and_person
    sign_in(client, school.email)
    assert f'href="/services/{service.id}/your-checks"' in client.get(f"/services/{service.id}").text
    checks = client.get(f"/services/{service.id}/your-checks").text
    assert f'href="/services/{service.id}"' in checks and f'href="/services/{service.id}/refer"' in checks


def test_the_checks_of_a_suspended_provider_lead_to_the_referrals_and_not_to_a_page_that_is_gone(
    school, service_and_person, client
):
    service, _ = service_and_person
    referral = a_referral(service, school)
    suspend_standing(standing_id=service.standing_id)
    sign_in(client, school.email)
    assert "takes no new children today" in client.get(f"/referrals/{referral.id}").text
    checks = client.get(f"/services/{service.id}/your-checks").text
    assert 'href="/referrals"' in checks and f'href="/services/{service.id}"' not in checks
