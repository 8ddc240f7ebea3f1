"""Signing in with the council's own account: who the issuer vouches for comes in, and nobody else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import run_server_in_thread
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.accounts.credentials import end_sessions
from portal.app import create_app
from portal.database import db
from portal.sign_in.issuer import IssuerRefused, person_of, took_second_step
from portal.sign_in.models import IssuerLink
from tests.conftest import Visitor
from tests.sign_in.conftest import person_of as row_of

CLIENT = "portal"
MULTIFACTOR: dict[str, Any] = {"amr": ["pwd", "mfa"]}


@contextmanager
def portal_with(app: Flask, issuer: str) -> Iterator[Flask]:
    """The portal with this issuer, in the test's own transaction."""
    settings = replace(
        app.config["PORTAL"],
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret="a secret",
        public_url="http://localhost",
    )
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    made.test_client_class = Visitor
    with made.app_context():
        own = db.engine
    db._app_engines[made][None] = db._app_engines[app][None]
    try:
        yield made
    finally:
        db._app_engines[made][None] = own
        own.dispose()


@pytest.fixture
def real(app, session) -> Iterator[tuple[Flask, str]]:
    """A real issuer in a thread of its own, and the portal that trusts it."""
    with run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        with portal_with(app, issuer) as portal:
            yield portal, issuer


def tell(issuer: str, email: str, **claims: Any) -> None:
    """Let the real issuer know a person."""
    user = {"email": email, "email_verified": True, **claims}
    assert requests.put(f"{issuer}/users/{email}", json=user, timeout=10).ok


def return_of(client: Any, email: str, onward: str = "") -> Any:
    """Go to the issuer, sign in there as `email`, and come back."""
    there = client.get(f"/sign-in/council{onward}").location
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"]
    back = requests.post(there, data={"sub": email}, allow_redirects=False, timeout=10)
    parts = urlsplit(back.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def test_council_staff_come_in_with_their_own_account(real, officer):
    portal, issuer = real
    tell(issuer, officer.email, **MULTIFACTOR)
    client = portal.test_client()
    assert return_of(client, officer.email, "?next=/frameworks").location == "/frameworks"
    assert client.get("/frameworks").status_code == 200
    assert db.session.scalars(select(IssuerLink.subject)).all() == [officer.email]


def test_without_a_word_of_a_second_factor_ours_is_asked(real, officer):
    portal, issuer = real
    tell(issuer, officer.email)
    client = portal.test_client()
    assert return_of(client, officer.email).location == "/sign-in/code"
    assert client.get("/frameworks").status_code == 302


def test_an_answer_serves_once(real, officer):
    portal, issuer = real
    tell(issuer, officer.email, **MULTIFACTOR)
    client = portal.test_client()
    there = client.get("/sign-in/council").location
    back = requests.post(there, data={"sub": officer.email}, allow_redirects=False, timeout=10)
    parts = urlsplit(back.headers["Location"])
    address = f"{parts.path}?{parts.query}"
    assert client.get(address).location == "/"
    assert portal.test_client().get(address).location == "/sign-in"


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_address_that_the_issuer_has_not_verified_lets_nobody_in(real, officer, verified):
    portal, issuer = real
    tell(issuer, officer.email, **{**MULTIFACTOR, "email_verified": verified})
    assert return_of(portal.test_client(), officer.email).location == "/sign-in"


def test_nobody_but_council_staff_comes_in_this_way(real, provider):
    portal, issuer = real
    tell(issuer, provider.email, **MULTIFACTOR)
    assert return_of(portal.test_client(), provider.email).location == "/sign-in"


def test_a_deactivated_person_stays_out_though_linked(real, officer, session):
    portal, issuer = real
    tell(issuer, officer.email, **MULTIFACTOR)
    assert return_of(portal.test_client(), officer.email).location == "/"
    end_sessions(person_id=officer.person_id, by=officer)
    row_of(session, officer).active = False
    session.commit()
    assert return_of(portal.test_client(), officer.email).location == "/sign-in"


@pytest.fixture
def liar(app, session) -> Iterator[Any]:
    """An issuer that says in its tokens whatever a test wants: `liar.claims`, `liar.key`."""
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    server_app, state = Flask("liar"), type("Liar", (), {"claims": {}, "key": key, "nonce": ""})()
    server = make_server("localhost", 0, server_app, threaded=True)
    issuer = f"http://localhost:{server.server_port}"

    @server_app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        addresses = {
            name: f"{issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        return {"issuer": issuer, **addresses, "id_token_signing_alg_values_supported": ["RS256"]}

    @server_app.get("/jwks_uri")
    def keys() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False)]}

    @server_app.post("/token_endpoint")
    def token() -> dict[str, Any]:
        assert request.form["code_verifier"]
        now = int(time.time())
        usual = {"iss": issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "nonce": state.nonce}
        claims = {**usual, **MULTIFACTOR, **state.claims}
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, state.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with portal_with(app, issuer) as portal:
        state.portal = portal
        yield state
    server.shutdown()
    thread.join()


def visit(liar: Any, email: str, *, state: str = "") -> Any:
    """Go there and back, with what the liar says."""
    client = liar.portal.test_client()
    asked = parse_qs(urlsplit(client.get("/sign-in/council").location).query)
    liar.nonce = asked["nonce"][0]
    liar.claims = {"email": email, "email_verified": True, **liar.claims}
    return client.get(f"/sign-in/council/answer?code=1&state={state or asked['state'][0]}")


def test_a_true_answer_is_believed(liar, officer):
    assert visit(liar, officer.email).location == "/"


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"iss": "https://evil.example.org"},
        {"aud": "another service"},
        {"aud": "another service", "azp": CLIENT},
        {"exp": 1},
        {"sub": None},
    ],
    ids=str,
)
def test_an_answer_that_does_not_hold_is_refused(liar, officer, lie):
    liar.claims = lie
    assert visit(liar, officer.email).location == "/sign-in"


def test_an_answer_signed_by_another_key_is_refused(liar, officer):
    liar.key = RSAKey.generate_key(2048, {"kid": "1"})
    assert visit(liar, officer.email).location == "/sign-in"


def test_an_answer_to_another_browser_is_refused(liar, officer):
    assert visit(liar, officer.email, state="of another browser").location == "/sign-in"


def test_a_person_is_linked_to_one_subject_of_an_issuer(officer):
    claims = {"iss": "https://id.example.org", "sub": "1", "email": officer.email, "email_verified": True}
    assert person_of(claims).id == officer.person_id
    with pytest.raises(IssuerRefused):
        person_of({**claims, "sub": "2"})


def test_a_link_stays_when_the_address_changes(officer):
    claims = {"iss": "https://id.example.org", "sub": "1", "email": officer.email, "email_verified": True}
    person_of(claims)
    assert person_of({**claims, "email": "married@council.example.org"}).id == officer.person_id


@pytest.mark.parametrize(
    ("claims", "changes", "strong"),
    [
        ({}, {}, False),
        ({"amr": ["pwd"]}, {}, False),
        ({"amr": "mfa"}, {}, False),
        ({"amr": ["mfa"]}, {}, True),
        ({"acr": "gold"}, {"oidc_strong_acr": ("gold",)}, True),
        ({"acr": "tin"}, {"oidc_strong_acr": ("gold",)}, False),
        ({}, {"oidc_enforces_second_factor": True}, True),
    ],
)
def test_the_issuers_second_factor_counts_when_it_says_so_or_is_known_to_ask(
    settings, claims, changes, strong
):
    assert took_second_step(claims, replace(settings, **changes)) is strong


def test_without_an_issuer_there_is_no_such_way_in(client):
    assert client.get("/sign-in/council").status_code == 404
    assert "council account" not in client.get("/sign-in").text


def test_an_issuer_that_does_not_answer_leaves_the_other_ways_open(app, session):
    with portal_with(app, "http://localhost:9") as portal:
        client = portal.test_client()
        assert client.get("/sign-in/council").location == "/sign-in"
        assert "did not work" in client.get("/sign-in").text
