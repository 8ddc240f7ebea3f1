"""One need profile to several providers in one step, and what becomes of those that are not chosen."""

import html
import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.access import THE_PORTAL, Actor
from portal.commissioning.models import Referral
from portal.commissioning.queries import referral_for
from portal.commissioning.services import MOST_ASKED, AskedAlready, send_referrals
from portal.database import db
from portal.directory.models import Service
from portal.directory.queries import service_named
from portal.directory.services import NotAdmitted
from portal.errors import Refusal
from portal.mail.models import Letter
from tests.commissioning.test_pages import hidden, text_of, typed
from tests.factories.accounts import a_school_person
from tests.factories.call_offs import choose
from tests.factories.commissioning import PORTAL_URL, a_profile, a_referral, accept
from tests.factories.directory import a_service_and_its_person, suspend_standing
from tests.web_client import sign_in

Place = tuple[Service, Actor]


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def places(session: Session) -> list[Place]:
    return [a_service_and_its_person() for _ in range(3)]


def ask(school: Actor, *services: Service, **more: object) -> list[Referral]:
    said = {"token": uuid4(), "profile": a_profile(), "portal_url": PORTAL_URL, "by": school} | more
    return send_referrals(service_ids=[each.id for each in services], **said)  # type: ignore[arg-type]


def address(places: list[Place], step: str = "") -> str:
    others = "&".join(f"also={service.id}" for service, _ in places[1:])
    return f"/services/{places[0][0].id}/refer{step}?{others}"


def name(place: Place) -> str:
    return service_named(place[0].id).provider_name


def referrals() -> int:
    return db.session.scalar(select(func.count()).select_from(Referral)) or 0


def test_each_is_asked_by_a_referral_of_its_own_for_one_child(school, places):
    token = uuid4()
    sent = ask(school, *(service for service, _ in places), token=token)
    assert len({each.request_id for each in sent}) == 1
    assert {each.service_id for each in sent} == {service.id for service, _ in places}
    assert len({each.reference for each in sent}) == len(places)
    told = db.session.scalars(select(Letter.subject_id).where(Letter.subject_type == "referral")).all()
    assert sorted(told) == sorted(str(each.id) for each in sent)
    again = ask(school, *(service for service, _ in places), token=token)
    assert [each.id for each in again] == [each.id for each in sent] and referrals() == len(places)


def test_all_are_asked_or_none_and_the_sentence_names_who_cannot_be(school, places):
    suspend_standing(standing_id=places[2][0].standing_id, reason="Concern", by=THE_PORTAL)
    with pytest.raises(NotAdmitted, match=name(places[2])) as refusal:
        ask(school, *(service for service, _ in places))
    assert refusal.value.field == "services" and referrals() == 0


def test_nobody_is_asked_twice_for_the_same_child_while_the_answer_is_to_come(school, places):
    first = a_referral(places[0][0], school)
    with pytest.raises(AskedAlready, match=name(places[0])):
        ask(school, places[0][0], places[1][0], request_id=first.request_id)
    assert referrals() == 1
    assert [each.service_id for each in ask(school, places[1][0], request_id=first.request_id)] == [
        places[1][0].id
    ]


def test_nobody_and_too_many_are_refused(school, places):
    with pytest.raises(Refusal, match=f"1 to {MOST_ASKED}"):
        ask(school)
    with pytest.raises(Refusal, match=f"1 to {MOST_ASKED}"):
        send_referrals(
            service_ids=range(1, MOST_ASKED + 2),
            profile=a_profile(),
            token=uuid4(),
            portal_url=PORTAL_URL,
            by=school,
        )


def test_one_is_chosen_and_the_others_read_nothing_more_and_are_told(school, places):
    sent = ask(school, *(service for service, _ in places))
    for referral, (_, person) in zip(sent, sorted(places, key=lambda place: place[0].id), strict=True):
        accept(referral, person)
    choose(sent[1], school)
    readers = [person for _, person in sorted(places, key=lambda place: place[0].id)]
    knows = [referral_for(reader, each.id).need_summary for reader, each in zip(readers, sent, strict=True)]
    assert [bool(words) for words in knows] == [False, True, False]
    keys = set(db.session.scalars(select(Letter.key).where(Letter.subject_type == "referral")))
    told = {key for key in keys if ":not chosen:" in key}
    assert {key.split(":")[1] for key in told} == {str(each.id) for each in (sent[0], sent[2])}


def test_the_page_lets_a_school_untick_some_shows_what_each_will_see_and_sends_it(
    client: FlaskClient, school: Actor, places: list[Place]
) -> None:
    sign_in(client, school.email)
    form = client.get(address(places)).get_data(as_text=True)
    assert "Ask several providers for one child" in form
    ticked = re.findall(r'name="services" type="checkbox" value="(\d+)" checked', form)
    assert ticked == [str(service.id) for service, _ in places]
    token = re.search(r'name="token"[^>]*value="([^"]+)"', form)
    assert token
    said = typed(token=token[1], services=ticked[1:])
    shown = client.post(html.unescape(address(places)), data=said)
    words = text_of(shown.get_data(as_text=True))
    assert name(places[0]) not in words and all(name(place) in words for place in places[1:])
    assert "or who else is asked" in words and "Send to 2 providers" in words
    assert name(places[2]) in client.post(address(places, "/change"), data=hidden(shown.text)).text
    answers = [client.post(address(places, "/send"), data=hidden(shown.text)) for _ in range(2)]
    assert answers[0].status_code == 303 and answers[0].location == answers[1].location
    assert answers[0].location.startswith("/requests/") and referrals() == 2
    assert "2 referrals are sent" in text_of(client.get(answers[0].location).text)


def test_nobody_ticked_is_said_where_they_are_ticked(client, school, places):
    sign_in(client, school.email)
    answer = client.post(address(places), data=typed())
    assert answer.status_code == 422 and 'href="#services"' in answer.text
    assert "Choose whom you ask: at least one service." in answer.text


def test_who_is_asked_already_is_not_ticked_for_the_same_child(client, school, places):
    first = a_referral(places[1][0], school)
    sign_in(client, school.email)
    page = client.get(f"{address(places)}&like={first.id}").get_data(as_text=True)
    ticked = re.findall(r'name="services" type="checkbox" value="(\d+)" checked', page)
    assert ticked == [str(places[0][0].id), str(places[2][0].id)]


def test_who_takes_no_children_is_not_offered_beside_others(client, school, places):
    suspend_standing(standing_id=places[1][0].standing_id, reason="Concern", by=THE_PORTAL)
    sign_in(client, school.email)
    page = client.get(address(places)).get_data(as_text=True)
    assert f'value="{places[2][0].id}"' in page and f'value="{places[1][0].id}"' not in page


def test_more_than_can_be_asked_at_once_are_not_left_out_in_silence(client, school, places, monkeypatch):
    monkeypatch.setattr("portal.commissioning.services.MOST_ASKED", 2)
    sign_in(client, school.email)
    page = text_of(client.get(address(places)).text)
    assert "These are the first 2 of those that you chose; the other 1 can be asked afterwards" in page


def test_services_side_by_side_lead_to_one_profile_for_all_of_them(client, school, places):
    sign_in(client, school.email)
    ids = [service.id for service, _ in places]
    page = client.get("/compare?" + "&".join(f"service={each}" for each in ids)).get_data(as_text=True)
    assert "Ask these 3 for one child" in page
    assert html.escape(f"/services/{ids[0]}/refer?also={ids[1]}&also={ids[2]}") in page


def test_asked_already_is_said_at_the_one_service_that_was_to_be_asked(client, school, places):
    first = a_referral(places[0][0], school)
    sign_in(client, school.email)
    said = typed(request=str(first.request_id))
    answer = client.post(f"/services/{places[0][0].id}/refer/send", data=said)
    assert answer.status_code == 422 and "has been asked for this child already" in answer.text
    assert 'href="#services"' in answer.text and 'id="services"' in answer.text
