"""The search page, a service's page and its form, as people meet them."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.directory import queries
from portal.directory import search as searching
from portal.directory.models import Service
from portal.web.filters import uk_date
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_school_person, an_organisation
from tests.factories.directory import (
    a_service,
    a_service_and_its_person,
    free_in,
    offers,
    remove_standing,
    services_in,
    some_lots,
    suspend_standing,
    teaches_at,
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


def test_a_group_of_filters_is_open_only_where_one_of_it_is_chosen(school: FlaskClient) -> None:
    a_service()
    group = '<details class="govuk-details"'
    assert school.get("/search").text.count(f"{group} open") == 0
    assert school.get("/search?tiers=tier2").text.count(f"{group} open") == 1


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


def test_an_empty_result_says_what_finds_something(school: FlaskClient) -> None:
    a_service(key_stages=["KS3"], needs=["SEMH"])
    page = words_of(school, "/search?words=enignes&key_stages=KS1&needs=SEMH&price=200")
    assert "No approved service fits all of this" in page and "We looked for engines" in page
    assert "search without Key stage 1 (years 1 and 2) : 1 service" in page
    assert page.count("search without") == 1


def test_an_empty_result_that_no_one_choice_mends_says_so(school: FlaskClient) -> None:
    a_service(key_stages=["KS3"])
    page = words_of(school, "/search?words=zebra&key_stages=KS1")
    assert "take away more than one" in page and "check how they are spelt" in page
    assert "take away" not in words_of(school, "/search?words=zebra")


@pytest.mark.parametrize(
    "choice",
    ["words=zebra", "within=5&postcode=L1", "sessions=sun_am&sessions=fri_pm", "price=1", "places=y"],
)
def test_what_is_chosen_once_is_taken_away_whole(school: FlaskClient, choice: str) -> None:
    a_service()
    page = words_of(school, f"/search?key_stages=KS3&needs=SEMH&{choice}")
    assert page.count("search without") == 1 and ": 1 service" in page


def test_an_empty_register_says_how_services_get_there(school: FlaskClient) -> None:
    assert "Services appear here as soon as" in words_of(school, "/search")


def test_long_results_come_twenty_at_a_time(school: FlaskClient) -> None:
    services_in(some_lots(1)[0], 23)
    assert "Showing 1 to 20 of 23 services" in words_of(school, "/search")
    assert "Showing 21 to 23 of 23 services" in words_of(school, "/search?page=2")


def test_the_search_page_takes_three_statements_for_3_and_for_30_services(school: FlaskClient) -> None:
    lot, taken = some_lots(1)[0], []
    for more in (3, 27):
        services_in(lot, more)
        with counted() as statements:
            words_of(school, "/search?words=workshop&postcode=M1&needs=SEMH")
        taken.append(len(statements))
    assert taken == [3, 3]  # who asks, what they search for, and the entries that are new to the connection


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
    assert "Change this page" in words_of(client, f"/services/{service.id}")
    assert client.get(f"/services/{other.id}").status_code == 404
    assert client.get("/search").status_code == 403


def test_the_way_back_from_a_service_keeps_the_search(school: FlaskClient) -> None:
    service = a_service()
    came_from = {"Referer": "http://localhost/search?words=engines&key_stages=KS4"}
    page = school.get(f"/services/{service.id}", headers=came_from).get_data(as_text=True)
    assert 'href="/search?words=engines&amp;key_stages=KS4" class="govuk-back-link"' in page
    for elsewhere in ("https://example.org/search?words=x", "http://localhost/referrals?page=2"):
        page = school.get(f"/services/{service.id}", headers={"Referer": elsewhere}).get_data(as_text=True)
        assert 'href="/search" class="govuk-back-link"' in page


def test_the_map_and_the_list_are_the_same_results(school: FlaskClient) -> None:
    a_service(provider=an_organisation("provider", name="Heron House"))
    page = school.get("/search?view=map&postcode=M1&words=engines").get_data(as_text=True)
    assert 'href="#result-1" aria-label="1: Heron House, M14"' in page and 'id="result-1"' in page
    assert "3 miles" in page and 'href="/search?view=list&amp;postcode=M1&amp;words=engines"' in page


def test_the_card_and_the_map_mean_the_nearest_site(school: FlaskClient) -> None:
    service = a_service(provider=an_organisation("provider", name="Heron House"))
    teaches_at(service, "LA9 4DQ", "SK1 3XE", run_by="Wren Farm")
    page = words_of(school, "/search?postcode=SK1&view=map")
    assert "Where LA9. Nearest site: SK1, less than 1 mile away, run by Wren Farm" in page
    assert 'aria-label="1: Heron House, SK1"' in school.get("/search?postcode=SK1&view=map").text
    assert "Nearest site" not in words_of(school, "/search?postcode=LA9")


def test_words_that_were_meant_are_named(school: FlaskClient) -> None:
    a_service()
    page = words_of(school, "/search?words=wrokshop")
    assert "Nothing is called “wrokshop”. These are the results for workshop" in page


def test_all_filters_stay_in_the_address_and_in_the_form(school: FlaskClient) -> None:
    service = a_service(registered_school=True, urn="123456")
    offers(service, tiers=["tier2"], modes=["online"], subjects=["maths"], sessions=["mon_am"])
    query = "tiers=tier2&modes=online&subjects=maths&registration=registered&sessions=mon_am&price=%C2%A3120"
    page = school.get(f"/search?{query}").get_data(as_text=True)
    assert "1 service found" in page and 'value="£120"' in page
    for chosen in ("tier2", "online", "maths", "registered", "mon_am"):
        assert re.search(rf'value="{chosen}" checked', page), chosen
    assert "£120 a day or less" in words_of(school, f"/search?{query}")


def test_a_price_that_is_none_gets_a_sentence_and_the_results_stand(school: FlaskClient) -> None:
    a_service()
    page = words_of(school, "/search?price=cheap")
    assert "must be an amount in pounds" in page and "1 service found" in page


def test_the_page_says_how_many_have_a_free_place(school: FlaskClient) -> None:
    lot = some_lots(1)[0]
    free, _ = a_service(lot), a_service(lot)
    free_in(free, "mon_am")
    assert "Has a free place, confirmed in the last 30 days: 1" in words_of(school, "/search")


def test_where_not_all_can_be_ranked_the_page_says_which_are_shown(
    school: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_RANKED", 3)
    monkeypatch.setattr(queries, "MOST_RANKED", 3)
    services_in(some_lots(1)[0], 5)
    for query, which in (
        ("words=engines", "3 of the 5 are shown: those that chance has drawn today."),
        ("words=engines&view=map&postcode=M1", "3 of the 5 are shown: the nearest."),
        ("words=engines&needs=SEMH", "those with most of your needs, of equal ones those that chance"),
    ):
        page = words_of(school, f"/search?{query}")
        assert which in page and "best" not in page.replace("Best fit", ""), query
    by_price = words_of(school, "/search?words=engines&sort=price")
    assert "are shown:" not in by_price and "5 services found" in by_price


def test_a_services_page_leads_to_the_others_of_its_provider(school: FlaskClient) -> None:
    provider = an_organisation("provider")
    one, two, gone = (a_service(provider=provider, title=title) for title in ("First", "Second", "Third"))
    leave(gone, "suspend")
    page = words_of(school, f"/services/{one.id}")
    assert "Also by this provider Second" in page and "Third" not in page


def test_free_places_stand_by_half_day_on_the_page_and_on_the_card(school: FlaskClient) -> None:
    service = a_service()
    free_in(service, "wed_am", number=1)
    assert f"1 place free, of 12, as confirmed on {uk_date(clock.today())}: Wed am 1" in words_of(
        school, "/search"
    )
    page = words_of(school, f"/services/{service.id}")
    assert "Day Morning Afternoon Monday 0 0 Tuesday 0 0 Wednesday 1 0 Thursday 0 0 Friday 0 0" in page
    free_in(service)
    assert "Free places None" in words_of(school, f"/services/{service.id}")
