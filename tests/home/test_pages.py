"""The home page and what stands at the foot of every page."""

from datetime import timedelta

import pytest

from portal import clock
from portal.directory.postcodes import ATTRIBUTION
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.web_client import sign_in


def words(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def test_every_page_names_the_sources_of_its_data(client):
    page = words(client.get("/"))
    assert all(line in page for line in ATTRIBUTION)


def test_a_school_finds_the_search_on_its_home_page(client):
    page = words(sign_in(client, a_school_person().email).get("/"))
    assert 'action="/search"' in page and "Find approved provision" in page


def test_an_empty_home_page_says_what_would_be_there(client):
    page = words(sign_in(client, a_provider_person().email).get("/"))
    assert "What needs you will be listed here" in page


@pytest.mark.parametrize(
    "role", ["administrator", "procurement_lead", "evaluator", "moderator", "approver", "auditor"]
)
def test_each_council_role_has_a_home_page(client, role):
    answer = sign_in(client, a_person(a_council(), role).email).get("/")
    assert answer.status_code == 200
    assert "What needs you now" in words(answer)


def test_the_machine_that_watches_gets_a_true_answer(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    state = client.get("/readyz").get_json()
    assert abs(state.pop("clocks_apart")) < 1
    assert state == {"database": True, "documents": True, "clock": True}


@pytest.mark.parametrize("wrong", [3, -3])
def test_the_machine_that_watches_hears_that_two_clocks_disagree(client, caplog, wrong):
    with clock.staged_at(clock.now() - timedelta(seconds=wrong)):
        answer = client.get("/readyz")
    assert answer.status_code == 200, "no clock is worth a portal that nobody reaches"
    assert answer.json["clock"] is False and abs(answer.json["clocks_apart"] - wrong) < 1
    assert "the database's clock is" in caplog.text
