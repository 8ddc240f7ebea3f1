"""Sessions: begun afresh, ended by time and by hand, and nothing that was sent too late is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.sessions import SecureCookieSessionInterface

from portal import clock
from portal.app import create_app
from portal.sign_in import keeping
from portal.sign_in.entering import own_path
from tests.sign_in.conftest import person_of
from tests.web_client import PASSWORD, fresh_code, send, sign_in


def cookie(client):
    return client.get_cookie("portal").value


def ago(**how_long):
    return clock.staged_at(clock.now() - timedelta(**how_long))


def test_signing_in_begins_a_fresh_session(app, client, provider):
    with client.session_transaction() as planted:
        planted.update(session="chosen by somebody else", planted="yes", csrf_token="known")
    sign_in(client, provider.email)
    with client.session_transaction() as held:
        assert "planted" not in held and held["session"] != "chosen by somebody else"
        assert held.get("csrf_token") != "known"


def test_the_second_step_begins_a_fresh_session_too(app, client, officer):
    send(client, "/sign-in", email=officer.email, password=PASSWORD)
    with client.session_transaction() as planted:
        planted["planted"] = "yes"
    send(client, "/sign-in/code", code=fresh_code(app, officer.email))
    with client.session_transaction() as held:
        assert "planted" not in held and "pending" not in held


def test_between_the_two_steps_nothing_of_an_earlier_session_is_left(client, officer):
    with client.session_transaction() as planted:
        planted.update(planted="yes", csrf_token="known")
    send(client, "/sign-in", email=officer.email, password=PASSWORD)
    with client.session_transaction() as held:
        assert "pending" in held and "planted" not in held and held.get("csrf_token") != "known"


def test_the_cookie_is_written_anew_each_half_minute_of_use_and_not_with_every_answer(client, provider):
    sign_in(client, provider.email)
    client.get("/referrals")
    assert "Set-Cookie" not in client.get("/referrals").headers
    with clock.staged_at(clock.now() + timedelta(seconds=31)):
        assert "Expires=" in client.get("/referrals").headers["Set-Cookie"]
        assert "Set-Cookie" not in client.get("/referrals").headers


def test_a_copy_of_the_cookie_ends_with_the_session(app, client, provider):
    copy = cookie(sign_in(client, provider.email))
    thief = app.test_client()
    thief.set_cookie("portal", copy)
    assert thief.get("/referrals").status_code == 200
    client.post("/sign-out")
    assert thief.get("/referrals").status_code == 302


def test_signing_out_everywhere_ends_every_session(app, client, provider):
    elsewhere = sign_in(app.test_client(), provider.email)
    sign_in(client, provider.email).post("/your-sign-in/everywhere")
    assert client.get("/referrals").status_code == elsewhere.get("/referrals").status_code == 302


def test_a_session_ends_after_an_idle_hour(client, provider):
    with ago(minutes=61):
        sign_in(client, provider.email)
    assert client.get("/referrals").status_code == 302


def test_every_request_begins_the_hour_anew_but_asking_does_not(client, provider):
    with ago(minutes=90):
        sign_in(client, provider.email)
    with ago(minutes=45):
        assert client.get("/referrals").status_code == 200
    with ago(minutes=10):
        assert 0 < client.get("/sign-in/time-left").get_json()["seconds"] <= 25 * 60
    assert client.get("/sign-in/time-left").get_json()["seconds"] <= 15 * 60
    assert client.post("/sign-in/keep-alive").get_json()["seconds"] > 55 * 60


def test_a_session_ends_after_half_a_day_whatever_is_done(client, provider):
    with ago(hours=12, minutes=1):
        sign_in(client, provider.email)
    for minutes in range(12 * 60, 0, -30):
        with ago(minutes=minutes):
            client.get("/referrals")
    assert client.get("/referrals").status_code == 302


def test_keeping_alive_does_not_revive_a_session_that_is_over(client, provider):
    with ago(minutes=61):
        sign_in(client, provider.email)
    assert client.post("/sign-in/keep-alive").status_code == 302
    assert client.get("/sign-in/time-left").get_json() == {"seconds": 0}


def test_a_person_who_is_deactivated_is_out_at_once(client, session, provider):
    sign_in(client, provider.email)
    person_of(session, provider).active = False
    session.commit()
    assert client.get("/referrals").status_code == 302


def test_what_is_sent_when_the_session_is_over_comes_back_after_signing_in(client, provider):
    with ago(minutes=61):
        sign_in(client, provider.email)
    answer = client.post(
        "/services/7/places",
        data={"summary": "Words that took an hour to write.\nAnd more.", "csrf_token": "old"},
        headers={"Referer": "http://localhost/services/7/places"},
    )
    assert answer.location == "/sign-in?next=/services/7/places"
    back = client.post(answer.location, data={"email": provider.email, "password": PASSWORD})
    assert back.location.startswith("/sign-in/kept/")
    page = client.get(back.location).text
    assert 'action="/services/7/places"' in page and "Words that took an hour to write." in page
    assert 'value="old"' not in page


def test_what_was_kept_is_for_its_own_person_alone(app, client, provider, officer):
    with ago(minutes=61):
        sign_in(client, provider.email)
    client.post("/services/7/places", data={"summary": "A rival must not read this."})
    back = client.post("/sign-in", data={"email": provider.email, "password": PASSWORD}).location
    assert client.get(back).status_code == 200
    assert sign_in(app.test_client(), officer.email).get(back).status_code == 404


def test_somebody_else_at_the_same_browser_is_not_led_to_what_was_kept(client, provider, officer):
    with ago(minutes=61):
        sign_in(client, provider.email)
    client.post("/services/7/places", data={"summary": "Not for the next at this desk."})
    sign_in(client, officer.email)
    assert client.get("/frameworks").status_code == 200
    with client.session_transaction() as held:
        assert "kept" not in held


def test_what_a_stranger_sends_is_not_kept(client):
    client.post("/services/7/places", data={"summary": "x" * 1000})
    with client.session_transaction() as held:
        assert "kept" not in held


def test_passwords_are_not_kept(client, provider):
    with ago(minutes=61):
        sign_in(client, provider.email)
    client.post("/your-sign-in/password", data={"password": "purple canal lantern"})
    with client.session_transaction() as held:
        assert "kept" not in held


def test_five_forms_are_kept_for_a_person_and_no_endless_one(session, provider):
    uniquifier = person_of(session, provider).fs_uniquifier
    kept = [
        keeping.keep(uniquifier=uniquifier, sent=keeping.Kept("/x", "/x", [("a", str(number))]))
        for number in range(7)
    ]
    still = [keeping.kept_form(provider.person_id, each) is not None for each in kept]
    assert still == [False, False, True, True, True, True, True]
    assert keeping.keep(uniquifier=uniquifier, sent=keeping.Kept("/x", "/x", [("a", "x" * 600_000)])) is None


def test_a_script_that_saves_too_late_is_told_in_words(client, provider):
    with ago(minutes=61):
        sign_in(client, provider.email)
    answer = client.post("/services/7/places", headers={"X-Requested-With": "autosave"})
    assert answer.status_code == 401 and "signed out" in answer.get_json()["message"]
    assert answer.get_json()["sign_in"].startswith("/sign-in?next=")


@pytest.fixture
def guarded(app):
    """The application with tokens against forgery switched on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize(
    ("origin", "comes_back"), [("http://localhost", True), ("https://evil.example.org", False), ("", False)]
)
def test_a_form_from_before_signing_in_again_is_offered_to_its_own_pages_alone(
    guarded, client, provider, origin, comes_back
):
    sign_in(client, provider.email)
    form = {"summary": "Words that took an hour.", "csrf_token": "of the session before"}
    answer = client.post("/services/7/places", data=form, headers={"Origin": origin})
    assert answer.status_code == 400
    assert ("Words that took an hour." in answer.text) is comes_back


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example.org", "/\\evil.example.org", "https://evil.example.org", "javascript:alert(1)", "",
        "/\t/evil.example.org", "/ /evil.example.org", "evil", "///evil.example.org", "/a\\b",
    ],
)  # fmt: skip
def test_only_paths_of_the_portal_are_gone_to(app, target):
    with app.test_request_context("/"):
        assert own_path(target) == "/"
        assert own_path("/rounds/7?page=2") == "/rounds/7?page=2"


def test_production_answers_under_its_own_name_alone(settings):
    real = replace(settings, environment="production", public_url="https://ap.council.example.org")
    client = create_app(real).test_client()
    assert client.get("/privacy", base_url="https://ap.council.example.org").status_code == 200
    assert client.get("/privacy", base_url="https://evil.example.org").status_code == 400


def test_a_cookie_signed_by_another_key_opens_nothing(app, client, provider, session):
    forged = type(app)("forged")
    forged.secret_key = "another key"
    held = {"person": person_of(session, provider).fs_uniquifier, "session": "x", "since": 9e9, "seen": 9e9}
    signer = SecureCookieSessionInterface().get_signing_serializer(forged)
    client.set_cookie("portal", signer.dumps(held))
    assert client.get("/referrals").status_code == 302


def test_every_event_is_a_line_in_the_trail_and_no_secret_is_in_it(client, officer, trail):
    sign_in(client, officer.email)
    client.post("/sign-out")
    send(client, "/sign-in", email=officer.email, password="a secret that nobody may read")
    lines = trail()
    actions = [line.action for line in lines]
    assert {"sign_in.succeed", "sign_in.sign_out", "sign_in.fail", "second_factor.add"} <= set(actions)
    assert not any("secret that nobody" in str(line.details) for line in lines)
