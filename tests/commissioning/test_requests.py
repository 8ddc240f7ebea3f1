"""One child, several providers: what is asked together, and what is kept when all of them say no."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.models import Referral
from portal.commissioning.queries import profile_for
from portal.commissioning.requests import asked_beside, profiles_to_send_on
from portal.commissioning.services import erase_referral, send_referral, withdraw_referral
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound
from portal.finding.models import DeclinedNeed
from tests.factories.accounts import a_school_person
from tests.factories.call_offs import asked, choose
from tests.factories.commissioning import PORTAL_URL, a_profile, a_referral, accept
from tests.factories.directory import a_service_and_its_person
from tests.web_client import sign_in

Place = tuple[Service, Actor]


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def places(session: Session) -> list[Place]:
    return [a_service_and_its_person() for _ in range(2)]


def both_asked(school: Actor, places: list[Place]) -> list[Referral]:
    """Two services asked for the same child."""
    first = a_referral(places[0][0], school)
    second = send_referral(
        service_id=places[1][0].id,
        profile=a_profile(),
        token=uuid4(),
        portal_url=PORTAL_URL,
        by=school,
        request_id=first.request_id,
    )
    return [first, second]


def decline(referral: Referral, place: Place) -> None:
    decline_referral(referral_id=referral.id, reason="We are full.", portal_url=PORTAL_URL, by=place[1])


def kept() -> list[DeclinedNeed]:
    db.session.expire_all()
    return list(db.session.query(DeclinedNeed))


def test_a_school_sees_who_else_is_asked_for_a_child_and_a_provider_does_not(school, places, client):
    first, second = both_asked(school, places)
    assert [each.reference for each in asked_beside(school, first.id)] == [second.reference]
    sign_in(client, places[0][1].email)
    page = client.get(f"/referrals/{first.id}").get_data(as_text=True)
    assert second.reference not in page and "Who else is asked" not in page
    assert asked_beside(places[0][1], first.id) == []


def test_another_schools_request_is_not_joined_and_its_profile_not_read(school, places):
    first = a_referral(places[0][0], school)
    stranger = a_school_person()
    joined = send_referral(
        service_id=places[1][0].id,
        profile=a_profile(),
        token=uuid4(),
        portal_url=PORTAL_URL,
        by=stranger,
        request_id=first.request_id,
    )
    assert joined.request_id != first.request_id
    with pytest.raises(NotFound):
        profile_for(stranger, first.id)


def test_a_need_is_kept_without_the_child_when_all_have_said_no(school, places):
    first, second = both_asked(school, places)
    decline(first, places[0])
    assert kept() == []
    decline(second, places[1])
    (need,) = kept()
    assert (need.key_stage, need.needs, need.days_a_week, need.asked) == ("KS3", ["SEMH"], 2, 2)
    assert need.area == "M1" and need.met_on is None
    erase_referral(first.id, by=school)
    assert len(kept()) == 1


def test_no_need_is_kept_where_one_provider_says_yes(school, places):
    first, second = both_asked(school, places)
    accept(first, places[0][1], start_on=clock.today())
    decline(second, places[1])
    assert kept() == []


def test_a_need_that_is_met_after_all_says_when(school, places):
    first = a_referral(places[0][0], school)
    decline(first, places[0])
    second = send_referral(
        service_id=places[1][0].id,
        profile=a_profile(),
        token=uuid4(),
        portal_url=PORTAL_URL,
        by=school,
        request_id=first.request_id,
    )
    accept(second, places[1][1], start_on=clock.today())
    assert kept()[0].met_on == clock.today()


def test_what_was_written_once_is_offered_for_another_provider(
    school: Actor, places: list[Place], client: FlaskClient
) -> None:
    first = a_referral(places[0][0], school)
    sign_in(client, school.email)
    address = f"/services/{places[1][0].id}/refer"
    assert f"{address}?like={first.id}" in client.get(address).get_data(as_text=True)
    page = client.get(f"{address}?like={first.id}").get_data(as_text=True)
    assert str(first.request_id) in page and "rebuild trust" in page
    assert client.get(f"{address}?like=nonsense").status_code == 200
    assert client.get(f"{address}?like=99999999").status_code == 404


def test_a_child_for_whom_somebody_is_chosen_is_not_offered_again(school, places):
    first = a_referral(places[0][0], school)
    accept(first, places[0][1], start_on=clock.today())
    assert [each.id for each in profiles_to_send_on(school)] == [first.id]
    choose(first, school)
    assert profiles_to_send_on(school) == []


def withdrawn(referral: Referral, school: Actor, *, late: bool) -> None:
    assert referral.answer_by
    when = referral.answer_by + timedelta(minutes=1) if late else referral.answer_by - timedelta(minutes=1)
    with clock.staged_at(when):
        withdraw_referral(referral_id=referral.id, portal_url=PORTAL_URL, by=school)


def test_a_referral_that_nobody_answered_in_time_and_that_is_withdrawn_is_a_need_nobody_met(session):
    request = asked(2)
    withdrawn(request.referrals[0], request.school, late=True)
    assert kept() == []
    decline_referral(
        referral_id=request.referrals[1].id, reason="Full.", portal_url=PORTAL_URL, by=request.provider(1)
    )
    (need,) = kept()
    assert (need.asked, need.met_on) == (2, None)


def test_the_last_one_withdrawn_without_an_answer_keeps_the_need_alone(session):
    request = asked(1)
    withdrawn(request.referrals[0], request.school, late=True)
    assert [need.asked for need in kept()] == [1]


@pytest.mark.parametrize("declines", [False, True])
def test_what_a_school_takes_back_in_time_is_nobodys_refusal(session, declines):
    request = asked(2)
    if declines:
        decline_referral(
            referral_id=request.referrals[0].id, reason="Full.", portal_url=PORTAL_URL, by=request.provider(0)
        )
    withdrawn(request.referrals[1], request.school, late=False)
    assert kept() == []
