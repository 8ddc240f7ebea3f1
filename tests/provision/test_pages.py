"""The pages on which a provider keeps its page, confirms places, and the council checks."""

import re

import pytest
from flask.testing import FlaskClient

from portal.directory.queries import service_named
from portal.home.queries import waiting_for
from portal.provision.services import confirm_places
from tests.counting import counted
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.directory import a_service_and_its_person, offers
from tests.factories.provision import a_checker, a_page_sent, save
from tests.web_client import sign_in

WHERE = {
    "modes": ["at_site"],
    "sites-0-address": "Arch 5, Station Approach",
    "sites-0-postcode": "m1 1ae",
    "sites-1-address": "",
    "sites-1-postcode": "",
}


def words_of(client: FlaskClient, address: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def seen_on(client: FlaskClient, address: str) -> str:
    """What stands for the page as it is shown."""
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def test_every_part_can_be_filled_in_and_the_page_be_sent(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    page = f"/services/{service.id}/page"
    assert "Something is missing" in words_of(client, page)
    for part, typed in {
        "about": {"title": "Bike workshop", "summary": "Bikes.", "subjects": ["motor"]},
        "children": {"key_stages": ["KS4"], "needs": ["ASD"], "sex": "any", "tiers": ["tier2"]},
        "where": WHERE,
        "when": {"sessions": ["mon_am"], "places": "8", "transport": "none"},
        "prices": {"price_per_day": "£80.50", "price_includes": ["lunch"]},
        "registration": {"registered": "no"},
    }.items():
        typed["seen"] = seen_on(client, f"{page}/{part}")
        answer = client.post(f"{page}/{part}", data=typed)
        assert answer.status_code == 303, (part, answer.get_data(as_text=True))
    assert "Send to the council" in words_of(client, page)
    assert client.post(f"{page}/send").status_code == 303
    shown = words_of(client, page)
    assert "Waiting for the council" in shown and "Take it back" in shown
    assert client.post(f"{page}/take-back").status_code == 303


def test_a_page_that_lacks_something_cannot_be_sent_and_says_what(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    answer = client.post(f"/services/{service.id}/page/send")
    assert answer.status_code == 422 and "“Whom it is for” is not complete" in answer.get_data(as_text=True)


def test_what_is_wrong_comes_back_as_typed_with_a_sentence(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    address = f"/services/{service.id}/page/prices"
    answer = client.post(address, data={"price_per_day": "cheap", "seen": seen_on(client, address)})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="cheap"' in page and "must be an amount in pounds" in page


def test_a_stale_page_keeps_what_was_typed_and_the_next_save_keeps_it(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    address = f"/services/{service.id}/page/about"
    typed = {"title": "My own", "summary": "Bikes.", "seen": seen_on(client, address)}
    save(person, service, "about", title="The colleague's")
    answer = client.post(address, data=typed)
    assert answer.status_code == 422 and 'value="My own"' in answer.get_data(as_text=True)
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', answer.get_data(as_text=True))
    assert found and client.post(address, data=typed | {"seen": found[1]}).status_code == 303
    assert service_named(service.id).title == "My own"


def test_another_row_for_a_site_is_offered_after_saving(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    address = f"/services/{service.id}/page/where"
    assert "sites-1-address" in client.get(address).get_data(as_text=True)
    second = {"sites-1-address": "The Old Depot", "sites-1-postcode": "SK1 3XE", "sites-1-run_by": "Depot"}
    client.post(address, data=WHERE | second | {"seen": seen_on(client, address)})
    assert "sites-2-address" in client.get(address).get_data(as_text=True)


def test_places_are_confirmed_with_one_button_and_schools_see_the_sessions(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    address = f"/services/{service.id}/places"
    assert "Say that first" in words_of(client, address)
    offers(service, sessions=["mon_am", "fri_pm"])
    assert 'name="mon_pm"' not in client.get(address).text
    assert client.post(address, data={"mon_am": "2", "fri_pm": "1"}).status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert re.search(r'name="mon_am"[^>]*value="2"', page)
    page = words_of(client, f"/services/{service.id}")
    assert "Monday 2 0 Tuesday 0 0 Wednesday 0 0 Thursday 0 0 Friday 0 1" in page


@pytest.mark.parametrize(
    ("typed", "sentence"), [("x", "must be a whole number"), ("99", "no more can be free")]
)
def test_places_that_cannot_be_come_back_as_typed(client: FlaskClient, typed: str, sentence: str) -> None:
    service, person = a_service_and_its_person()
    offers(service, sessions=["wed_am"])
    sign_in(client, person.email)
    answer = client.post(f"/services/{service.id}/places", data={"wed_am": typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in page
    assert re.search(rf'name="wed_am"[^>]*value="{typed}"', page)


def test_the_council_sees_old_and_new_side_by_side_and_publishes(client: FlaskClient) -> None:
    service, _, proposal_id = a_page_sent()
    sign_in(client, a_checker(service).email)
    assert "Bike workshop" in words_of(client, "/service-checks")
    address = f"/service-checks/{proposal_id}"
    page = words_of(client, address)
    assert "£95" in page and "£80.50" in page and "Depot Trust" in page
    found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(address).get_data(as_text=True))
    assert found
    assert client.post(f"{address}/publish", data={"how": "", "version": found[1]}).status_code == 422
    answer = client.post(f"{address}/publish", data={"how": "Visited.", "version": found[1]})
    assert answer.status_code == 303
    assert "By the council on" in words_of(client, f"/services/{service.id}")
    assert "Published at" in words_of(client, address)


def test_the_council_sends_a_page_back_with_a_reason(client: FlaskClient) -> None:
    service, person, proposal_id = a_page_sent()
    sign_in(client, a_checker(service).email)
    address = f"/service-checks/{proposal_id}/send-back"
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert client.post(address, data={"reason": "Name the second site."}).status_code == 303
    assert [task.verb for task in waiting_for(person).now][0] == "Read why and change it"


def test_others_find_none_of_these_pages(client: FlaskClient) -> None:
    service, _, proposal_id = a_page_sent()
    pages = [f"/services/{service.id}/page", f"/services/{service.id}/page/prices"]
    pages += [f"/services/{service.id}/places"]
    sign_in(client, a_provider_person().email)
    assert [client.get(page).status_code for page in pages] == [404] * 3
    assert client.post(f"/services/{service.id}/places").status_code == 404
    assert client.get(f"/service-checks/{proposal_id}").status_code == 403
    client.post("/sign-out")
    sign_in(client, a_school_person().email)
    assert [client.get(page).status_code for page in pages] == [403] * 3


def test_an_unknown_part_is_no_page(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    sign_in(client, person.email)
    assert client.get(f"/services/{service.id}/page/secrets").status_code == 404
    assert client.post(f"/services/{service.id}/page/secrets").status_code == 404


def test_home_asks_for_places_and_for_checks(client: FlaskClient) -> None:
    service, person, _ = a_page_sent()
    assert [task.verb for task in waiting_for(person).now] == ["Confirm your free places"]
    confirm_places(service_id=service.id, free=[0] * 10, by=person)
    assert waiting_for(person).now == ()
    verbs = [task.verb for task in waiting_for(a_checker(service)).now]
    assert verbs == ["Check them", "Read what schools read now"]


def test_an_officer_reads_what_changed_without_a_check(client: FlaskClient) -> None:
    service, person = a_service_and_its_person()
    save(person, service, "about", title="Bikes")
    sign_in(client, a_checker(service).email)
    assert "1 part of service pages changed without a check" in words_of(client, "/service-checks")
    page = client.get("/service-checks/own-words").text
    address = re.search(r'href="(/service-checks/own-words/\d+)"', page)[1]  # type: ignore[index]
    assert "Name Motor workshop Bikes" in words_of(client, address)
    stale = client.post(address, data={"version": "9"})
    assert stale.status_code == 422 and "changed this again" in stale.text
    assert client.post(address, data={"version": "1"}).status_code == 303
    assert "until somebody at the council has read it" in words_of(client, "/service-checks/own-words")


def test_the_page_takes_the_same_few_statements_whatever_is_proposed(client: FlaskClient) -> None:
    service, person, _ = a_page_sent()
    sign_in(client, person.email)
    with counted() as statements:
        words_of(client, f"/services/{service.id}/page")
    assert len(statements) <= 6
