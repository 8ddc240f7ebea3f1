"""Signing in, and the door of every page."""

import pytest

from portal.accounts.credentials import PasswordTooWeak
from portal.accounts.services import register_provider
from portal.errors import Refusal
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.web_client import PASSWORD, sign_in

REGISTRATION = {
    "organisation_name": "Riverside Youth Workshop",
    "scheme": "GB-COH",
    "number": "01234567",
    "address": "1 Invented Street",
    "postcode": "m1 1ae",
    "telephone": "",
    "name": "Robin Example",
    "email": "robin@riverside.example.org",
    "password": "copper kettle morning",
}


def test_a_person_signs_in_and_meets_their_own_name(client):
    person = a_provider_person()
    page = sign_in(client, person.email).get("/").get_data(as_text=True)
    assert person.organisation_name in page


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client):
    person = a_provider_person()
    wrong = client.post("/sign-in", data={"email": person.email, "password": "not the password"})
    unknown = client.post("/sign-in", data={"email": "nobody@example.org", "password": "not the password"})
    sentence = "The email address or the password is not right"
    assert wrong.status_code == unknown.status_code == 422
    assert sentence in wrong.get_data(as_text=True)
    assert sentence in unknown.get_data(as_text=True)


@pytest.mark.parametrize(
    "target", ["//evil.example.org", "https://evil.example.org/", "/\\evil.example.org", "evil"]
)
def test_signing_in_never_leads_to_another_site(client, target):
    person = a_provider_person()
    answer = client.post(f"/sign-in?next={target}", data={"email": person.email, "password": PASSWORD})
    assert answer.location == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client):
    person = a_provider_person()
    answer = client.post("/sign-in?next=/referrals", data={"email": person.email, "password": PASSWORD})
    assert answer.location == "/referrals"


@pytest.mark.parametrize(
    ("referrer", "place"),
    [
        ("http://localhost/opportunities/7", "/opportunities/7"),
        ("https://evil.example.org/x", "/"),
        ("", "/"),
    ],
)
def test_what_was_sent_without_signing_in_leads_back_to_its_page(client, referrer, place):
    answer = client.post("/opportunities/7/apply", headers={"Referer": referrer})
    assert answer.location == f"/sign-in?next={place}"


def test_signing_out_ends_the_session(client):
    sign_in(client, a_provider_person().email).post("/sign-out")
    assert "Sign in" in client.get("/").get_data(as_text=True)


def test_a_registration_with_a_mistake_keeps_what_was_typed(client):
    answer = client.post("/register", data={**REGISTRATION, "number": "12"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "does not have the right shape" in page
    assert 'value="Riverside Youth Workshop"' in page


def test_a_number_that_another_organisation_has_is_refused(client):
    client.post("/register", data=REGISTRATION)
    again = client.post("/register", data={**REGISTRATION, "email": "other@example.org"})
    assert "is registered already" in again.get_data(as_text=True)


def test_a_failed_registration_leaves_nothing_behind(session):
    facts = {"organisation_name": "Half", "postcode": "M1 1AE", "name": "Kit", "email": "kit@example.org"}
    with pytest.raises(PasswordTooWeak):
        register_provider(**facts, identifiers=[("GB-COH", "07654321")], password="short")
    register_provider(**facts, identifiers=[("GB-COH", "07654321")], password="long enough to do")


def test_an_approver_cannot_be_an_evaluator_too(session):
    with pytest.raises(Refusal, match="cannot be both"):
        a_person(a_council(), "evaluator", "approver")
