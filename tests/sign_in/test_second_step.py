"""The second step: compulsory for council staff, each code good once, codes for the day a phone is lost."""

from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Membership
from portal.accounts.services import register_person
from portal.database import transaction
from portal.development.second_steps import secret_of
from portal.sign_in.authenticator import (
    WrongCode,
    add_authenticator,
    code_at,
    enrol_authenticator,
    new_secret,
    seal,
    unseal,
    use_code,
)
from portal.sign_in.models import Authenticator
from portal.sign_in.queries import factors_of
from portal.sign_in.recovery import new_recovery_codes, use_recovery_code
from tests.factories.accounts import a_council
from tests.web_client import PASSWORD, fresh_code, send, sign_in


def counter_of_now():
    return int(clock.now().timestamp()) // 30


@pytest.fixture
def newcomer(session):
    """The e-mail address of somebody whom the council has just registered."""
    register_person(
        name="New Hand",
        email="new@council.example.org",
        password=PASSWORD,
        organisation=a_council(),
        roles=["evaluator"],
        by=THE_PORTAL,
    )
    return "new@council.example.org"


def test_a_password_alone_opens_nothing_to_council_staff(client, officer):
    answer = send(client, "/sign-in", email=officer.email, password=PASSWORD)
    assert answer.location == "/sign-in/code"
    assert client.get("/frameworks").location == "/sign-in/code"
    assert client.get("/your-sign-in/app").location == "/sign-in/code"


def test_a_code_of_the_app_opens_the_portal(client, officer):
    assert sign_in(client, officer.email).get("/frameworks").status_code == 200


def test_a_wrong_code_opens_nothing_and_says_what_to_do(client, officer):
    send(client, "/sign-in", email=officer.email, password=PASSWORD)
    answer = send(client, "/sign-in/code", code="000000")
    assert answer.status_code == 422 and "That code is not right" in answer.text
    assert client.get("/frameworks").status_code == 302


def test_a_code_that_was_used_is_refused(app, client, officer):
    code = fresh_code(app, officer.email)
    send(client, "/sign-in", email=officer.email, password=PASSWORD)
    assert send(client, "/sign-in/code", code=code).status_code == 303
    thief = app.test_client()
    send(thief, "/sign-in", email=officer.email, password=PASSWORD)
    assert send(thief, "/sign-in/code", code=code).status_code == 422


def test_an_older_code_than_the_last_one_is_refused(officer):
    now = counter_of_now()
    assert use_code(person_id=officer.person_id, code=code_at(secret_of(officer.email), now))
    assert not use_code(person_id=officer.person_id, code=code_at(secret_of(officer.email), now - 1))


def test_a_code_of_another_half_minute_is_refused(officer):
    for away in (-2, 2):
        assert not use_code(
            person_id=officer.person_id, code=code_at(secret_of(officer.email), counter_of_now() + away)
        )


def test_a_secret_is_kept_encrypted(session, officer):
    kept = session.get_one(Authenticator, officer.person_id).secret
    assert secret_of(officer.email) not in kept and kept.startswith("gAAAA")


def test_council_staff_without_a_second_step_must_set_one_up_first(client, newcomer):
    assert send(client, "/sign-in", email=newcomer, password=PASSWORD).location == "/your-sign-in/second-step"
    assert "Council staff sign in with two steps" in client.get("/your-sign-in/second-step").text
    assert client.get("/marking").status_code == 302


def test_setting_up_an_app_ends_in_the_portal_with_recovery_codes(client, newcomer):
    send(client, "/sign-in?next=/marking", email=newcomer, password=PASSWORD)
    page = client.get("/your-sign-in/app").text
    sealed = page.partition('name="sealed"')[2].partition('value="')[2].partition('"')[0]
    secret = page.partition('portal-key">')[2].partition("<")[0].replace(" ", "")
    code = code_at(secret, counter_of_now())
    answer = client.post("/your-sign-in/app", data={"sealed": sealed, "code": code})
    assert answer.location == "/your-sign-in/recovery-codes?next=/marking"
    codes = client.post(answer.location).text
    assert codes.count("-") >= 20 and 'href="/marking"' in codes
    assert client.get("/marking").status_code == 200


def test_a_wrong_first_code_sets_up_nothing(provider):
    with pytest.raises(WrongCode):
        enrol_authenticator(person_id=provider.person_id, secret=new_secret(), code="123456", by=provider)
    assert not factors_of(provider.person_id).any


def test_a_sealed_secret_is_good_for_its_person_and_for_an_hour(provider):
    sealed = seal(provider.person_id, "JBSWY3DPEHPK3PXP")
    assert unseal(provider.person_id, sealed) == "JBSWY3DPEHPK3PXP"
    assert unseal(provider.person_id + 1, sealed) is None
    assert unseal(provider.person_id, sealed[:-4] + "AAAA") is None


def test_a_recovery_code_works_once_whatever_its_spelling(provider):
    first, second, *_ = new_recovery_codes(person_id=provider.person_id, by=provider)
    spelt = first.upper().replace("-", " ")
    assert use_recovery_code(person_id=provider.person_id, code=spelt, by=provider)
    assert not use_recovery_code(person_id=provider.person_id, code=first, by=provider)
    assert use_recovery_code(person_id=provider.person_id, code=second, by=provider)


def test_new_recovery_codes_end_the_old_ones(provider):
    old = new_recovery_codes(person_id=provider.person_id, by=provider)
    new_recovery_codes(person_id=provider.person_id, by=provider)
    assert not use_recovery_code(person_id=provider.person_id, code=old[0], by=provider)


def test_a_recovery_code_is_the_second_step(client, officer):
    code = new_recovery_codes(person_id=officer.person_id, by=officer)[0]
    send(client, "/sign-in", email=officer.email, password=PASSWORD)
    assert send(client, "/sign-in/code", code=code).status_code == 303
    assert client.get("/frameworks").status_code == 200


def test_whoever_joins_the_council_meanwhile_owes_the_second_step(client, session, provider):
    sign_in(client, provider.email)
    assert client.get("/referrals").status_code == 200
    with transaction():
        session.add(
            Membership(person_id=provider.person_id, organisation_id=a_council().id, roles=["auditor"])
        )
    assert client.get("/referrals").status_code == 302
    assert client.get("/your-sign-in/second-step").status_code == 200


def test_council_staff_cannot_remove_their_only_second_step(client, officer):
    sign_in(client, officer.email).post("/your-sign-in/app/remove")
    assert factors_of(officer.person_id).app


def test_others_may_remove_theirs(client, provider):
    add_authenticator(person_id=provider.person_id, secret=secret_of(provider.email), by=provider)
    new_recovery_codes(person_id=provider.person_id, by=provider)
    sign_in(client, provider.email).post("/your-sign-in/app/remove")
    factors = factors_of(provider.person_id)
    assert not factors.any and factors.recovery_codes == 0


def test_a_right_password_waits_twenty_minutes_for_its_second_step(client, officer):
    with clock.staged_at(clock.now() - timedelta(minutes=21)):
        send(client, "/sign-in", email=officer.email, password=PASSWORD)
    assert client.get("/sign-in/code").location == "/sign-in"


def test_the_pages_of_second_factors_ask_for_the_password_again_after_a_while(client, provider):
    with clock.staged_at(clock.now() - timedelta(minutes=16)):
        sign_in(client, provider.email)
    assert client.get("/your-sign-in/app").location == "/sign-in/again?next=/your-sign-in/app"
    assert send(client, "/sign-in/again", password="not the password").status_code == 422
    assert client.get("/your-sign-in/app").status_code == 302
    assert (
        send(client, "/sign-in/again?next=/your-sign-in/app", password=PASSWORD).location
        == "/your-sign-in/app"
    )
    assert client.get("/your-sign-in/app").status_code == 200
