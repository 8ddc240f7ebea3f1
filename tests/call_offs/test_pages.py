"""Answers side by side, the page of the choice, and what comes after: as people open them."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs import steps
from portal.call_offs.services import cancel_call_off
from portal.call_offs.waiting_queries import CHOOSE_WITHIN, NEWS, waiting_for
from tests.call_offs.test_choosing import open_routes
from tests.counting import counted
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.call_offs import Asked, a_call_off, asked, beside, choose
from tests.factories.commissioning import PORTAL_URL, accept
from tests.factories.directory import a_colleague, a_service, a_service_and_its_person, suspend_standing
from tests.web_client import sign_in


@pytest.fixture
def request_of_three(session: Session) -> Asked:
    return asked(3, offers=2)


def address_of(request: Asked) -> str:
    return f"/requests/{request.referrals[0].request_id}"


def typed(**changed: str) -> dict[str, str]:
    return {"route": "direct_award", "reason": "It knows the child’s trade."} | changed


def test_a_school_compares_offers_by_the_week_and_sees_who_has_not_answered(client, request_of_three):
    sign_in(client, request_of_three.school.email)
    page = client.get(address_of(request_of_three)).text
    assert "2 providers can take the child, 1 has not answered" in page
    assert page.count("<strong>£135.00</strong>") == 2 and page.count("All day") == 2
    assert page.count("0 of 4 in date") == 2 and "less than 1 mile away" in page or "miles away" in page
    assert request_of_three.referrals[2].reference in page


def test_an_answer_that_is_overdue_is_called_so(client, request_of_three):
    with clock.staged_at(request_of_three.referrals[2].answer_by):
        sign_in(client, request_of_three.school.email)
        page = client.get(address_of(request_of_three)).text
    assert "(1 overdue)" in page and "Answer overdue" in page


def test_the_page_takes_the_same_statements_for_two_offers_and_for_eight(client, request_of_three):
    sign_in(client, request_of_three.school.email)
    numbers = []
    for more in (0, 6):
        for _ in range(more):
            service, person = a_service_and_its_person()
            accept(beside(request_of_three.referrals[0], service, request_of_three.school), person)
        with counted() as statements:
            assert client.get(address_of(request_of_three)).status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 12, numbers


def test_nobody_else_opens_a_request(client, request_of_three):
    for stranger in (a_school_person(), request_of_three.provider(0), a_provider_person()):
        sign_in(client, stranger.email)
        assert client.get(address_of(request_of_three)).status_code in (403, 404)
        choosing = f"/referrals/{request_of_three.referrals[0].id}/choose"
        assert client.get(choosing).status_code in (403, 404)
        assert client.post(choosing, data=typed()).status_code in (403, 404)
        client.post("/sign-out")


def test_the_page_of_the_choice_says_what_becomes_of_the_others(client, request_of_three):
    sign_in(client, request_of_three.school.email)
    page = client.get(f"/referrals/{request_of_three.referrals[0].id}/choose").text
    assert page.count("no longer reads what you wrote of the child") == 2
    assert "Direct award" in page and "The child&#39;s or the parents&#39; choice" in page
    assert "Mini-competition" in page and "bought before" not in page


def test_a_school_chooses_and_reads_what_comes_next(client, request_of_three):
    sign_in(client, request_of_three.school.email)
    address = f"/referrals/{request_of_three.referrals[0].id}/choose"
    refused = client.post(address, data=typed(reason="", parent_preference="Near home."))
    assert refused.status_code == 422 and 'href="#reason"' in refused.text
    assert "Near home.</textarea>" in refused.text
    answer = client.post(address, data=typed())
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "is chosen" in page and "It knows the child’s trade." in page and "0 of 4 in date" in page
    assert "chose a provider at" in client.get(address_of(request_of_three)).text
    assert "cancel that choice first" in client.get(address).text


def test_a_colleague_who_comes_second_keeps_what_was_typed(client, request_of_three):
    choose(request_of_three.referrals[0], request_of_three.school)
    sign_in(client, a_colleague(request_of_three.school, "commissioner").email)
    address = f"/referrals/{request_of_three.referrals[1].id}/choose"
    answer = client.post(address, data=typed())
    assert answer.status_code == 422 and request_of_three.school.name in answer.text


def test_a_suspended_provider_is_shown_and_cannot_be_chosen(client, request_of_three):
    suspend_standing(standing_id=request_of_three.places[0][0].standing_id)
    sign_in(client, request_of_three.school.email)
    assert "Not today: it cannot be chosen" in client.get(address_of(request_of_three)).text
    address = f"/referrals/{request_of_three.referrals[0].id}/choose"
    assert "cannot be chosen" in client.get(address).text
    answer = client.post(address, data=typed())
    assert answer.status_code == 422 and "may not take new children" in answer.text


def test_a_choice_is_cancelled_on_its_page_with_a_reason(client, session):
    choice, request = a_call_off()
    sign_in(client, request.school.email)
    address = f"/choices/{choice.id}"
    refused = client.post(f"{address}/cancel", data={"cancel_reason": ""})
    assert refused.status_code == 422 and 'href="#cancel_reason"' in refused.text
    assert client.post(f"{address}/cancel", data={"cancel_reason": "It is too far."}).status_code == 303
    assert "It is too far." in client.get(address).text


def test_the_chosen_provider_opens_the_choice_and_the_others_do_not(client, session):
    choice, request = a_call_off()
    sign_in(client, request.provider(0).email)
    page = client.get(f"/choices/{choice.id}")
    assert page.status_code == 200 and "You are chosen" in page.text and "adult whom" not in page.text
    assert "Cancel this choice" not in page.text
    client.post("/sign-out")
    sign_in(client, request.provider(1).email)
    assert client.get(f"/choices/{choice.id}").status_code == 404


def test_a_room_above_adds_its_steps(client, session, monkeypatch: pytest.MonkeyPatch):
    choice, request = a_call_off()

    def say_who(viewer: Actor, call_off_id: int) -> list[steps.Step]:
        return [steps.Step("Bring a cake", "to_do", "Write", "call_offs.show", {"call_off_id": 1})]

    monkeypatch.setattr(steps, "_rooms", list(steps._rooms))
    for _ in range(2):
        steps.subscribe(say_who)
    sign_in(client, request.school.email)
    page = client.get(f"/choices/{choice.id}").text
    assert page.count("Bring a cake") == 1 and "/choices/1" in page
    assert page.index("own checks") < page.index("Bring a cake")


def test_the_home_page_of_a_school_speaks_of_one_choice_for_each_child(request_of_three):
    first, second = request_of_three.referrals[:2]
    tasks = [each for each in waiting_for(request_of_three.school).now if "can take" in each.sentence]
    assert len(tasks) == 1 and tasks[0].verb == "Compare and choose"
    assert first.reference in tasks[0].sentence and second.reference in tasks[0].sentence


def test_after_the_choice_both_home_pages_speak_of_the_next_step(request_of_three):
    choice = choose(request_of_three.referrals[0], request_of_three.school)
    (task,) = waiting_for(request_of_three.school).now
    assert task.verb == "Go on to the next step" and task.values == {"call_off_id": choice.id}
    (told,) = waiting_for(request_of_three.provider(0)).now
    assert "has chosen your offer" in told.sentence
    assert [waiting_for(request_of_three.provider(number)).now for number in (1, 2)] == [(), ()]
    with clock.staged_at(clock.now() + NEWS):
        assert waiting_for(request_of_three.provider(0)).now == ()


def test_a_cancelled_choice_and_an_old_offer_wait_for_nobody(request_of_three):
    choice = choose(request_of_three.referrals[0], request_of_three.school)
    cancel_call_off(call_off_id=choice.id, reason="Moved.", portal_url=PORTAL_URL, by=request_of_three.school)
    assert waiting_for(request_of_three.school).now == ()
    old = asked(1, offers=1)
    with clock.staged_at(clock.now() + CHOOSE_WITHIN):
        assert waiting_for(old.school).now == ()


def test_what_waits_takes_one_statement(request_of_three):
    for viewer in (request_of_three.school, request_of_three.provider(0)):
        with counted() as statements:
            waiting_for(viewer)
        assert len(statements) == 1


def test_a_framework_that_opens_no_route_by_hand_says_whom_to_ask(client, request_of_three, session):
    open_routes(request_of_three.referrals[0], "block")
    sign_in(client, request_of_three.school.email)
    page = client.get(f"/referrals/{request_of_three.referrals[0].id}/choose").text
    assert "opens neither direct award nor user choice" in page and "<textarea" not in page


def test_a_price_above_its_page_is_compared_with_its_reason(client, session):
    request = asked(1)
    accept(request.referrals[0], request.provider(0), price=Decimal(140), price_reason="One to one.")
    sign_in(client, request.school.email)
    assert "Above its page: One to one." in client.get(address_of(request)).text


@pytest.mark.parametrize(
    ("routes", "here", "elsewhere"),
    [
        (("direct_award",), True, set()),
        (("mini_competition", "block"), False, {"/compete", "/choose/block"}),
        (("user_choice", "block"), True, {"/choose/block"}),
    ],
)
def test_every_open_route_is_a_way_on(client, session, routes, here, elsewhere):
    request = asked(1, offers=1)
    open_routes(request.referrals[0], *routes)
    sign_in(client, request.school.email)
    referral = f"/referrals/{request.referrals[0].id}"
    page = client.get(f"{referral}/choose").text
    assert ("Choose this provider" in page) is here
    assert {way for way in ("/compete", "/choose/block") if f'href="{referral}{way}"' in page} == elsewhere


def test_two_services_of_one_provider_are_one_provider(client, session):
    request = asked(1, offers=1)
    service, person = request.places[0]
    other = a_service(provider=session.get_one(Organisation, service.provider_id))
    accept(beside(request.referrals[0], other, request.school), person)
    (task,) = waiting_for(request.school).now
    assert task.sentence.startswith(f"{person.organisation_name} can take")
    sign_in(client, request.school.email)
    assert "1 provider can take the child" in client.get(address_of(request)).text


def test_a_list_says_which_referral_was_chosen(app, session):
    call_off, request = a_call_off()
    for viewer in (request.school, request.provider(0)):
        page = sign_in(app.test_client(), viewer.email).get("/referrals").text
        assert "Chosen" in page and "Offer" not in page
    cancel_call_off(call_off_id=call_off.id, reason="Moved.", portal_url=PORTAL_URL, by=request.school)
    assert "Chosen" not in sign_in(app.test_client(), request.school.email).get("/referrals").text
