"""What a provider offers: half days, a price, and why it is above that of its page."""

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.commissioning.answer_services import take_offer_back
from portal.commissioning.models import Referral
from portal.commissioning.offers import days_of, stated_price, suggested_sessions, week_price
from portal.commissioning.queries import referral_for
from portal.directory.models import Service
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from tests.commissioning.test_pages import offer
from tests.factories.accounts import a_school_person
from tests.factories.commissioning import PORTAL_URL, a_referral, accept
from tests.factories.directory import a_service_and_its_person, free_in, offers
from tests.factories.organisations import letters_to
from tests.web_client import sign_in

Place = tuple[Service, Actor]


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def place(session: Session) -> Place:
    return a_service_and_its_person()


@pytest.fixture
def referral(school: Actor, place: Place) -> Referral:
    return a_referral(place[0], school)


def take_back(referral: Referral, by: Actor, reason: str = "A group has closed.") -> None:
    take_offer_back(referral_id=referral.id, reason=reason, portal_url=PORTAL_URL, by=by)


@pytest.mark.parametrize(
    ("sessions", "price", "unit", "week"),
    [
        (["mon_am", "mon_pm"], "90", "day", "90.00"),
        (["mon_am", "tue_am"], "90", "day", "90.00"),
        (["mon_am"], "90", "day", "45.00"),
        (["mon_am", "tue_am", "wed_am"], "50", "half_day", "150.00"),
        (["mon_am", "mon_pm"], "20.50", "hour", "102.50"),
    ],
)
def test_offers_in_several_units_compare_by_a_weeks_price(sessions, price, unit, week):
    assert week_price(sessions, Decimal(price), unit) == Decimal(week)


def test_the_price_of_a_page_is_read_in_every_unit(place):
    service, _ = place
    offers(service, price_per_day=None, price_half_day=Decimal(50), price_hour=None)
    assert [stated_price(service, unit) for unit in ("day", "half_day", "hour")] == [100, 50, 20]
    offers(service, price_half_day=None)
    assert stated_price(service, "day") is None


def test_a_price_above_the_page_is_offered_with_a_reason_alone(school, place, referral):
    _, provider = place
    with pytest.raises(Refusal, match="£95.00 for a day") as refused:
        accept(referral, provider, price=Decimal("95.01"))
    assert refused.value.field == "price_reason"
    accept(referral, provider, price=Decimal(120), price_reason="One to one all day.")
    assert referral_for(school, referral.id).offered_price_reason == "One to one all day."


def test_a_reason_for_a_price_that_needs_none_is_not_kept(school, place, referral):
    accept(referral, place[1], price=Decimal(95), price_reason="It is dear.")
    assert referral_for(school, referral.id).offered_price_reason == ""


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sessions": []}, "sessions"),
        ({"sessions": ["sun_am"]}, "sessions"),
        ({"unit": "month"}, "unit"),
        ({"price": Decimal(-1)}, "price"),
    ],
)
def test_what_no_school_could_take_up_is_no_offer(place, referral, changed, field):
    with pytest.raises(Refusal) as refused:
        accept(referral, place[1], **changed)
    assert refused.value.field == field


def test_the_school_reads_the_half_days_in_the_order_of_the_week(school, place, referral):
    accept(referral, place[1], sessions=["thu_pm", "mon_pm", "mon_am", "mon_am"])
    seen = referral_for(school, referral.id)
    assert seen.offered_sessions == ["mon_am", "mon_pm", "thu_pm"]
    assert seen.offered == "Monday, Thursday afternoon"


def test_free_half_days_are_ticked_where_they_are_no_more_than_was_asked_for():
    free = ["mon_am", "mon_pm", "tue_am"]
    assert (suggested_sessions(free, 2), suggested_sessions(free, 1), days_of(free)) == (free, [], 2)


def test_the_form_shows_free_places_and_the_pages_price(client: FlaskClient, place, referral):
    service, provider = place
    free_in(service, "mon_am", "wed_pm", number=3)
    sign_in(client, provider.email)
    page = client.get(f"/referrals/{referral.id}").text
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    assert len(boxes) == 10 and sum(" checked" in box for box in boxes) == 2
    assert page.count("3 free") == 2 and 'value="95"' in page and "£95 a day" in page


def test_a_refused_offer_keeps_all_that_was_typed(client: FlaskClient, place, referral):
    sign_in(client, place[1].email)
    typed = offer(price="130", unit="hour", sessions=["fri_pm"], answer_note="Ring Sam.")
    answer = client.post(f"/referrals/{referral.id}/accept", data=typed)
    assert answer.status_code == 422 and 'href="#price_reason"' in answer.text
    for kept in ('value="130"', 'value="fri_pm" checked', 'value="hour" checked', "Ring Sam.</textarea>"):
        assert kept in answer.text
    assert answer.text.count("checked") == 2


def test_an_offer_without_a_half_day_is_sent_back_to_the_table(client: FlaskClient, place, referral):
    sign_in(client, place[1].email)
    answer = client.post(f"/referrals/{referral.id}/accept", data=offer(sessions=[]))
    assert answer.status_code == 422 and 'href="#sessions"' in answer.text


def test_an_offer_is_taken_back_with_a_reason_and_the_school_is_told(school, place, referral):
    accept(referral, place[1])
    with pytest.raises(Refusal, match="Say why"):
        take_back(referral, place[1], " ")
    take_back(referral, place[1])
    take_back(referral, place[1])
    seen = referral_for(school, referral.id)
    assert (seen.state, seen.decline_reason, seen.start_on) == ("declined", "A group has closed.", None)
    assert [each.title for each in letters_to(school.email)].count(
        f"The offer for referral {referral.reference} was taken back"
    ) == 1


def test_nobody_else_takes_an_offer_back(school, place, referral):
    accept(referral, place[1])
    for stranger in (school, a_service_and_its_person()[1]):
        with pytest.raises(NotFound):
            take_back(referral, stranger)


def test_a_referral_without_an_offer_has_none_to_take_back(place, referral):
    with pytest.raises(MoveRefused):
        take_back(referral, place[1])


def test_a_start_of_today_is_an_offer(place, referral, school):
    accept(referral, place[1], start_on=clock.today())
    assert referral_for(school, referral.id).start_on == clock.today()
