"""The host that a request names is its sender's word: nothing is built from it, production answers to one.

A letter that leads to another's site would give that site its reader's way in.
"""

from dataclasses import replace

import pytest
from flask import Blueprint, request
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.accounts.gate import public
from portal.app import create_app
from tests.factories.accounts import a_provider_person
from tests.factories.organisations import letters_to
from tests.web_client import PASSWORD

OURS = "https://ap.example.org"
EVIL = "evil.example.net"
NAMED = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Original-URL": f"//{EVIL}/"}


@pytest.fixture
def real(settings, session) -> FlaskClient:
    """A browser before the portal as it runs in production."""
    production = replace(settings, environment="production", mailbox_folder=None, public_url=OURS)
    return create_app(production).test_client()


@pytest.mark.parametrize("host", [EVIL, f"ap.example.org.{EVIL}", f"ap.example.org@{EVIL}", "", "127.0.0.1"])
def test_production_answers_under_its_own_name_alone(real, host):
    assert real.get("/sign-in", base_url=OURS).status_code == 200
    answer = real.get("/sign-in", base_url=OURS, headers={"Host": host})
    assert answer.status_code == 400 and EVIL not in answer.get_data(as_text=True)


@pytest.mark.parametrize("header", sorted(set(NAMED) - {"Host"}))
def test_no_other_header_names_the_host(real, header):
    answer = real.get("/referrals", base_url=OURS, headers={header: NAMED[header]})
    assert answer.status_code == 302 and answer.location == "/sign-in?next=/referrals"
    page = real.get("/sign-in", base_url=OURS, headers={header: NAMED[header]})
    assert page.status_code == 200 and EVIL not in page.get_data(as_text=True)


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_where_somebody_comes_from_is_the_word_of_trusted_proxies_alone(settings, proxies, address):
    bp = Blueprint("seen", __name__)
    bp.add_url_rule("/seen", view_func=public(lambda: [request.remote_addr, request.host]), endpoint="seen")
    app = create_app(replace(settings, trusted_proxies=proxies), further=[bp])
    chain = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 203.0.113.9", "X-Forwarded-Host": EVIL}
    assert app.test_client().get("/seen", headers=chain).json == [address, "localhost"]


@pytest.mark.parametrize("page", ["/reset-password", "/confirm-email/again"])
def test_a_letters_link_leads_to_the_portals_own_address_whatever_the_host(client, settings, session, page):
    person = a_provider_person()
    if page == "/confirm-email/again":
        session.execute(
            text("UPDATE person SET confirmed_at = NULL WHERE id = :id"), {"id": person.person_id}
        )
    client.post(page, data={"email": person.email}, headers=NAMED)
    body = letters_to(person.email)[-1].body
    assert f"{settings.public_url}/" in body and EVIL not in body


@pytest.mark.parametrize("page", ["/", "/sign-in", "/opportunities", "/register", "/nowhere"])
def test_no_page_repeats_the_host(client, page):
    assert EVIL not in client.get(page, headers=NAMED).get_data(as_text=True)


def test_signing_in_under_another_name_leads_to_a_path(client):
    data = {"email": a_provider_person().email, "password": PASSWORD}
    assert client.post("/sign-in", data=data, headers=NAMED).location == "/"
