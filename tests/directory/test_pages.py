"""The search page, a service's page and its form, as people meet them."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.directory.models import Service
from portal.directory.queries import waiting_for
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person, an_organisation
from tests.factories.directory import (
    a_service,
    a_service_and_its_person,
    remove_standing,
    services_in,
    some_lots,
    suspend_standing,
)
from tests.web_client import sign_in


@pytest.fixture
def school(client: FlaskClient) -> FlaskClient:
    """A school's commissioner, signed in."""
    return sign_in(client, a_school_person().email)


def words_of(client: FlaskClient, address: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_card_answers_what_a_school_asks(school: FlaskClient) -> None:
    a_service(provider=an_organisation("provider", name="Heron House"), registered_school=True, urn="123456")
    page = words_of(school, "/search?words=engines&postcode=M1+1AE&key_stages=KS4&needs=SEMH&needs=ASD")
    for said in (
        "1 service found",
        "Heron House",
        "Children repair engines",
        "Takes Key stage 3, Key stage 4 Needs Social, emotional and mental health",
        "M14, about 2 miles away",
        "Takes 12 children at a time; free places not confirmed yet",
        "£95 a day",
        "Registered school, URN 123456",
        "to lot 1, Full-time provision; term to",
        "Fits: Takes key stage 4. Caters for social, emotional and mental health",
        "Does not fit: Does not say that it caters for autistic spectrum disorder",
        "It is not a recommendation: your school must make its own checks",
        "an order of chance that changes every day",
    ):
        assert said in page, said


def test_choices_stay_in_the_form_and_can_be_taken_away_one_by_one(school: FlaskClient) -> None:
    a_service()
    page = school.get("/search?words=engines&key_stages=KS4&needs=SEMH&needs=ASD&page=1").get_data(
        as_text=True
    )
    assert re.search(r'name="needs" type="checkbox" value="ASD" checked', page)
    assert 'value="engines"' in page
    assert 'href="/search?words=engines&amp;key_stages=KS4&amp;needs=ASD"' in page


@pytest.mark.parametrize("typed", ["nowhere", "BT1+1AA"])
def test_an_unusable_postcode_gets_a_sentence_and_the_results_stand(school: FlaskClient, typed: str) -> None:
    a_service()
    page = words_of(school, f"/search?postcode={typed}&within=5&sort=distance")
    assert "1 service found" in page and "miles away" not in page
    assert "Error: Find approved provision" in page and "postcode" in page


def test_distance_without_a_postcode_is_asked_for(school: FlaskClient) -> None:
    assert "so that we know where to measure from" in words_of(school, "/search?within=5")


@pytest.mark.parametrize(
    "query",
    [
        "lots=x&lots=-1&lots=" + "9" * 40,
        "key_stages=KS9&needs=%00",
        "page=99999",
        "within=x&sort=x",
        "words=" + "a+" * 500,
    ],
)
def test_a_mangled_address_is_a_search_like_any_other(school: FlaskClient, query: str) -> None:
    a_service()
    words_of(school, f"/search?{query}")


def test_an_empty_result_says_what_to_try(school: FlaskClient) -> None:
    page = words_of(school, "/search?words=zebra&key_stages=KS1")
    assert "No approved service fits all of this" in page
    assert "search without “zebra”" in page and "search without Key stage 1" in page


def test_an_empty_register_says_how_services_get_there(school: FlaskClient) -> None:
    assert "Services appear here as soon as" in words_of(school, "/search")


def test_long_results_come_twenty_at_a_time(school: FlaskClient) -> None:
    services_in(some_lots(1)[0], 23)
    assert "Showing 1 to 20 of 23 services" in words_of(school, "/search")
    assert "Showing 21 to 23 of 23 services" in words_of(school, "/search?page=2")


def test_the_search_page_takes_two_statements_for_3_and_for_30_services(school: FlaskClient) -> None:
    lot, taken = some_lots(1)[0], []
    for more in (3, 27):
        services_in(lot, more)
        with counted() as statements:
            words_of(school, "/search?words=workshop&postcode=M1&needs=SEMH")
        taken.append(len(statements))
    assert taken == [2, 2]  # who asks, and what they search for


def leave(service: Service, how: str) -> None:
    """Let a service stop being live."""
    change = {"suspend": suspend_standing, "remove": remove_standing}[how]
    change(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)


@pytest.mark.parametrize("how", ["suspend", "remove", "expired", "not yet"])
def test_who_is_not_admitted_today_is_nowhere_for_a_school(school: FlaskClient, how: str) -> None:
    shift = {"expired": -20, "not yet": 20}.get(how, 0)
    today = clock.today()
    service = a_service(
        starts_on=today + timedelta(days=shift - 9), ends_on=today + timedelta(days=shift + 9)
    )
    if not shift:
        leave(service, how)
    for query in (
        "",
        "words=engines",
        "words=provider",
        "key_stages=KS4",
        "needs=SEMH",
        "postcode=M14&within=3",
    ):
        assert "0 services found" in words_of(school, f"/search?{query}"), query
    words_of(school, f"/services/{service.id}", 404)
    words_of(school, f"/services/{service.id}/refer", 404)


def test_the_services_page_says_what_a_visitor_wants_to_know(school: FlaskClient) -> None:
    service = a_service()
    page = words_of(school, f"/services/{service.id}")
    for said in (
        "M14 5RQ",
        "Not a registered school",
        "£95 a day without VAT",
        "As at",
        "How to refer a child",
        "your school must visit",
    ):
        assert said in page, said
    assert "What happened to this entry" not in page


def test_the_council_sees_a_suspended_service_with_its_trail_and_cannot_refer(client: FlaskClient) -> None:
    service = a_service()
    leave(service, "suspend")
    sign_in(client, a_person(a_council(), "auditor").email)
    page = words_of(client, f"/services/{service.id}")
    assert "Schools cannot find this service" in page and "Concern" in page
    assert "Refer a child" not in page
    assert client.get(f"/services/{service.id}/refer").status_code == 403


def test_a_provider_sees_its_own_service_only(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    other = a_service()
    leave(service, "suspend")
    sign_in(client, person.email)
    assert "Change this entry" in words_of(client, f"/services/{service.id}")
    for address in (f"/services/{other.id}", f"/services/{other.id}/edit"):
        assert client.get(address).status_code == 404
    assert client.post(f"/services/{other.id}/edit", data=said()).status_code == 404
    assert client.get("/search").status_code == 403


def said(**changed: str) -> dict[str, object]:
    """What a provider types, with some of it changed."""
    typed: dict[str, object] = {
        "version": "1",
        "title": "Bike workshop",
        "summary": "Children repair bicycles.",
        "key_stages": ["KS4"],
        "needs": ["ASD"],
        "postcode": "m1 1ae",
        "price_per_day": "£80.50",
        "places": "8",
        "places_free": "2",
    }
    return typed | changed


def test_a_provider_changes_its_entry(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    assert "Motor workshop" in client.get(f"/services/{service.id}/edit").get_data(as_text=True)
    answer = client.post(f"/services/{service.id}/edit", data=said())
    assert answer.status_code == 303
    page = words_of(client, f"/services/{service.id}")
    assert "Bike workshop" in page and "2 places free on" in page and "£80.50" in page


def test_a_stale_entry_shows_both_versions_and_the_next_save_keeps_ones_own(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    client.post(f"/services/{service.id}/edit", data=said(title="The colleague's"))
    answer = client.post(f"/services/{service.id}/edit", data=said(title="My own"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The colleague&#39;s" in page and 'value="My own"' in page and 'value="2"' in page
    assert (
        client.post(f"/services/{service.id}/edit", data=said(title="My own", version="2")).status_code == 303
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"summary": "word " * 61}, "61 words"),
        ({"postcode": "M1"}, "full UK postcode"),
        ({"postcode": "BT1 1AA"}, "We do not know where BT1 is"),
        ({"price_per_day": "cheap"}, "must be an amount in pounds"),
        ({"places_free": "9"}, "more places free than you have"),
        ({"title": " "}, "Give the service a name"),
        ({"version": "x"}, "A colleague saved this page"),
    ],
)
def test_what_schools_could_not_use_comes_back_as_typed(
    client: FlaskClient, wrong: dict, sentence: str
) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    answer = client.post(f"/services/{service.id}/edit", data=said(**wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in page
    assert wrong.get("postcode", "") in page and wrong.get("price_per_day", "") in page


def test_providers_are_asked_to_confirm_places_after_30_days(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    assert waiting_for(person).now[0].verb == "Confirm your free places"
    sign_in(client, person.email)
    client.post(f"/services/{service.id}/edit", data=said())
    assert waiting_for(person).now == ()
    with clock.staged_at(clock.now() + timedelta(days=31)):
        assert len(waiting_for(person).now) == 1
    leave(service, "suspend")
    assert [line.state for line in waiting_for(person).going_on] == ["suspended"]


def test_nobody_else_is_asked_and_no_statement_is_spent(client: FlaskClient) -> None:
    person = a_school_person()
    with counted() as statements:
        assert waiting_for(person).now == ()
    assert statements == []
    assert waiting_for(a_provider_person()).going_on == ()


def test_the_way_back_from_a_service_keeps_the_search(school: FlaskClient) -> None:
    service = a_service()
    came_from = {"Referer": "http://localhost/search?words=engines&key_stages=KS4"}
    page = school.get(f"/services/{service.id}", headers=came_from).get_data(as_text=True)
    assert 'href="/search?words=engines&amp;key_stages=KS4" class="govuk-back-link"' in page
    for elsewhere in ("https://example.org/search?words=x", "http://localhost/referrals?page=2"):
        page = school.get(f"/services/{service.id}", headers={"Referer": elsewhere}).get_data(as_text=True)
        assert 'href="/search" class="govuk-back-link"' in page
