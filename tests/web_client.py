"""Helpers for tests that go in by the front door."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal import clock
from portal.database import transaction
from portal.development.second_steps import secret_of
from portal.sign_in.authenticator import code_at

PASSWORD = "three random words"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> FlaskClient:
    """Sign in through the pages, second step included, and say so when it did not work."""
    answer = first_step(client, email, password)
    if answer.location == "/sign-in/code":
        answer = send(client, "/sign-in/code", code=fresh_code(client.application, email))
        assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def first_step(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Give address and password, and nothing more."""
    answer = send(client, "/sign-in", email=email, password=password)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer


def send(client: FlaskClient, page: str, **fields: str) -> TestResponse:
    """Fill the form of a page and send it, with its token where one is asked for."""
    if client.application.config.get("WTF_CSRF_ENABLED", True):
        found = _TOKEN.search(client.get(page).get_data(as_text=True))
        assert found, f"no form on {page}"
        fields["csrf_token"] = found.group(1)
    return client.post(page, data=fields)


def fresh_code(app: Flask, email: str) -> str:
    """The code of the person's app, usable again: a test need not wait half a minute for the next one."""
    with app.app_context(), transaction() as session:
        session.execute(
            text(
                "UPDATE authenticator SET last_counter = 0 "
                "FROM person WHERE person.id = person_id AND lower(email) = :email"
            ),
            {"email": email.lower()},
        )
    return code_at(secret_of(email), int(clock.now().timestamp()) // 30)
