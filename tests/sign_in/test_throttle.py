"""Guessing becomes slow, and nobody keeps somebody else out with it."""

from datetime import timedelta

import pytest

from portal import clock
from portal.sign_in import throttle
from portal.sign_in.throttle import PASSWORD as LIMIT
from portal.sign_in.throttle import attempt, forgive, network_of
from tests.web_client import PASSWORD, send, sign_in

HERE, ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "198.51.100.7"}


def guess(client, email, times=6, password="not the password", where=HERE):
    for _ in range(times):
        answer = client.post("/sign-in", data={"email": email, "password": password}, environ_overrides=where)
    return answer


def test_guesses_are_slowed_down_and_told_when_to_try_again(client, provider):
    assert guess(client, provider.email, 5).status_code == 422
    answer = guess(client, provider.email, 1)
    assert answer.status_code == 429 and "Too many attempts. Try again at " in answer.text


def test_an_address_without_an_account_is_slowed_down_alike(client):
    assert guess(client, "nobody@example.org", 5).status_code == 422
    assert guess(client, "nobody@example.org", 1).status_code == 429


def test_each_wait_is_twice_as_long_up_to_the_longest(session):
    moment, waits = clock.now(), []
    for _ in range(14):
        with clock.staged_at(moment):
            attempt(LIMIT, "somebody")
        with clock.staged_at(moment + timedelta(microseconds=1)):
            free_at = attempt(LIMIT, "somebody") if len(waits) >= 4 else None
        waits.append(((free_at or moment) - moment).total_seconds())
        moment = free_at or moment + timedelta(seconds=1)
    assert waits[4:8] == [30, 60, 120, 240] and waits[-1] == 900


def test_what_was_long_ago_is_forgotten(session):
    with clock.staged_at(clock.now() - timedelta(hours=3)):
        while attempt(LIMIT, "somebody") is None:
            pass
    assert attempt(LIMIT, "somebody") is None


def test_a_right_password_ends_the_count(client, provider):
    guess(client, provider.email, 4)
    assert guess(client, provider.email, 1, PASSWORD).status_code == 303
    client.post("/sign-out")
    assert guess(client, provider.email, 4).status_code == 422


def test_a_rival_elsewhere_cannot_keep_the_owner_out(app, client, provider):
    assert guess(app.test_client(), provider.email, 20, where=ELSEWHERE).status_code == 429
    assert guess(client, provider.email, 1, PASSWORD, HERE).status_code == 303


def test_a_rival_in_the_same_network_cannot_keep_a_known_device_out(app, client, provider):
    sign_in(client, provider.email)
    client.post("/sign-out")
    assert guess(app.test_client(), provider.email, 20).status_code == 429
    assert guess(client, provider.email, 1, PASSWORD).status_code == 303


def test_a_device_is_known_for_its_own_people_alone(app, client, provider, officer):
    sign_in(client, officer.email).post("/sign-out")
    assert guess(client, provider.email, 20).status_code == 429
    assert guess(client, provider.email, 1, PASSWORD).status_code == 429


def test_a_forged_device_is_not_known(app, client, provider):
    client.set_cookie("portal_device", "WyJmb3JnZWQiLDFd.aaaa.bbbb")
    assert guess(client, provider.email, 20).status_code == 429
    assert guess(client, provider.email, 1, PASSWORD).status_code == 429


def test_a_right_password_with_a_second_step_is_never_refused(client, officer):
    assert guess(client, officer.email, 20).status_code == 429
    assert guess(client, officer.email, 1, PASSWORD).location == "/sign-in/code"


def test_codes_cannot_be_guessed_by_starting_again(app, officer):
    answers = []
    for _ in range(8):
        guesser = app.test_client()
        send(guesser, "/sign-in", email=officer.email, password=PASSWORD)
        answers.append(send(guesser, "/sign-in/code", code="000000").status_code)
    assert answers == [422] * 6 + [429] * 2


def test_a_network_that_tries_many_accounts_is_slowed_down(client, provider):
    for number in range(throttle.NETWORK.free):
        guess(client, f"person-{number}@example.org", 1)
    assert guess(client, provider.email, 1).status_code == 429


def test_letters_to_an_address_are_few(client, provider, letters):
    answers = [send(client, "/reset-password", email=provider.email).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429] and len(letters(provider.email)) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_what_one_user_has_of_addresses(address, network):
    assert network_of(address) == network


def test_forgiving_one_forgives_nobody_else(session):
    for who in ("one", "other"):
        while attempt(LIMIT, who) is None:
            pass
    forgive(LIMIT, "one")
    assert attempt(LIMIT, "one") is None and attempt(LIMIT, "other") is not None


def test_of_several_who_sign_in_at_the_same_moment_none_is_refused_for_having_come_a_little_earlier(session):
    moment = clock.now()
    for had_its_turn in (moment, moment - timedelta(milliseconds=5)):  # two that waited for the same row
        with clock.staged_at(had_its_turn):
            assert attempt(LIMIT, "a network") is None
