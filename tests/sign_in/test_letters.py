"""What letters carry: confirmation, an address, a password; and that nobody learns who has an account."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from portal import clock
from portal.accounts.credentials import authenticate
from portal.accounts.models import Organisation, Person
from portal.accounts.queries import person_by_email
from portal.database import db
from portal.sign_in import mailed
from portal.sign_in.models import MailedToken
from tests.sign_in.conftest import code_in, link_in, person_of
from tests.web_client import PASSWORD, send, sign_in

NEW_PASSWORD = "purple canal lantern"
REGISTRATION = {
    "organisation_name": "Riverside Youth Workshop",
    "scheme": "GB-COH",
    "number": "01234567",
    "address": "1 Invented Street",
    "postcode": "M1 1AE",
    "telephone": "",
    "name": "Robin Example",
    "email": "robin@riverside.example.org",
    "password": "copper kettle morning",
}
CHANGING = re.compile(r"nonce=\"[^\"]*\"|[\w.+-]+@[\w.-]+")


def plain(answer):
    """A page without what differs from one request to the next, the address typed included."""
    return CHANGING.sub("", answer.text)


@pytest.fixture
def registered(client):
    """A provider that has just registered, in this client's browser."""
    assert client.post("/register?next=/opportunities", data=REGISTRATION).status_code == 303
    return REGISTRATION["email"]


def test_the_code_of_the_letter_confirms_the_address_and_signs_in(client, registered, letters):
    page = client.get("/confirm-email")
    assert f"We have sent a letter to {registered}" in page.text
    code = code_in(letters(registered)[0])
    answer = send(client, "/confirm-email?next=/opportunities", email=registered, code=code)
    assert answer.location == "/opportunities"
    assert "Riverside Youth Workshop" in client.get("/").text
    assert person_by_email(registered).confirmed_at


def test_the_link_confirms_by_its_button_and_not_by_being_followed(app, registered, letters):
    elsewhere, link = app.test_client(), link_in(letters(registered)[0])
    assert "Press the button" in elsewhere.get(link).text
    assert person_by_email(registered).confirmed_at is None
    assert send(elsewhere, link, token=link.partition("token=")[2]).location == "/sign-in"
    db.session.expire_all()
    assert person_by_email(registered).confirmed_at
    assert "too old, or was used already" in elsewhere.get(link).text


def test_a_code_from_another_browser_confirms_and_does_not_sign_in(app, registered, letters):
    elsewhere = app.test_client()
    answer = send(elsewhere, "/confirm-email", email=registered, code=code_in(letters(registered)[0]))
    assert answer.location.startswith("/sign-in")
    assert elsewhere.get("/referrals").status_code == 302


def test_a_letter_stands_five_wrong_codes(client, registered, letters):
    code = code_in(letters(registered)[0])
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(mailed.TRIES):
        assert send(client, "/confirm-email", email=registered, code=wrong).status_code == 422
    assert send(client, "/confirm-email", email=registered, code=code).status_code == 422


def test_another_letter_ends_the_one_before(client, registered, letters):
    first = code_in(letters(registered)[0])
    assert send(client, "/confirm-email/again", email=registered).status_code == 303
    assert send(client, "/confirm-email", email=registered, code=first).status_code == 422
    second = code_in(letters(registered)[0])
    assert send(client, "/confirm-email", email=registered, code=second).status_code == 303


def test_without_confirmation_one_may_apply_and_nothing_else(client, registered):
    sign_in(client, registered, REGISTRATION["password"])
    page = client.get("/").text
    assert "Your email address is not confirmed yet" in page
    assert client.get("/referrals").status_code == 403
    assert client.get("/your-sign-in/app").location == "/confirm-email"


def test_a_provider_who_waits_for_the_letter_may_submit():
    from portal.accounts.gate import UNCONFIRMED_MAY

    assert "application:submit" in UNCONFIRMED_MAY


def registrations(session):
    return session.scalar(select(func.count()).select_from(Person)), session.scalar(
        select(func.count()).select_from(Organisation)
    )


def test_registering_with_a_known_address_looks_the_same_and_tells_its_owner(
    app, session, client, provider, letters
):
    before = registrations(session)
    known = client.post("/register", data={**REGISTRATION, "email": provider.email})
    assert registrations(session) == before
    [letter] = letters(provider.email)
    assert letter.title == "You already have an account" and not re.search(r"\b\d{6}\b", letter.body)
    other = app.test_client()
    new = other.post("/register", data=REGISTRATION)
    assert (known.status_code, known.location) == (new.status_code, new.location)
    assert plain(client.get("/confirm-email")) == plain(other.get("/confirm-email"))


def test_a_known_address_hides_no_mistake_in_the_rest(client, provider):
    answer = client.post("/register", data={**REGISTRATION, "email": provider.email, "number": "12"})
    assert answer.status_code == 422 and "does not have the right shape" in answer.text


@pytest.mark.parametrize("page", ["/reset-password", "/confirm-email/again"])
def test_asking_for_a_letter_says_the_same_of_every_address(client, provider, page):
    known = send(client, page, email=provider.email)
    unknown = send(client, page, email="nobody@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert plain(known) == plain(unknown)


def statements_of(app, page, **fields):
    """How many statements a page costs."""
    sent, client = [], app.test_client()
    with app.app_context():
        connection = db.engine
    note = lambda *_, **__: sent.append(1)  # noqa: E731
    event.listen(connection, "before_cursor_execute", note)
    send(client, page, **fields)
    event.remove(connection, "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize(
    ("page", "more"), [("/sign-in", {"password": "not the password"}), ("/reset-password", {})]
)
def test_a_known_address_costs_the_same_work_as_an_unknown_one(app, provider, page, more):
    statements_of(app, page, email="first@example.org", **more)
    known = statements_of(app, page, email=provider.email, **more)
    unknown = statements_of(app, page, email="nobody@example.org", **more)
    assert known == unknown > 0


def test_a_forgotten_password_is_replaced_by_the_letter(app, client, provider, letters):
    sign_in(client, provider.email)
    elsewhere = app.test_client()
    send(elsewhere, "/reset-password", email=provider.email)
    link = link_in(letters(provider.email)[0])
    token = link.partition("token=")[2]
    assert "at least 12" in send(elsewhere, link, token=token, password="short").text
    assert send(elsewhere, link, token=token, password=NEW_PASSWORD).location == "/sign-in"
    assert client.get("/referrals").status_code == 302, "whoever was signed in is signed out"
    assert authenticate(provider.email, NEW_PASSWORD) and not authenticate(provider.email, PASSWORD)
    assert letters(provider.email)[0].title == "Your password was changed"
    assert send(elsewhere, link, token=token, password=PASSWORD).status_code == 422


def test_a_reset_leaves_the_second_step_in_place(app, officer, letters):
    client = app.test_client()
    send(client, "/reset-password", email=officer.email)
    link = link_in(letters(officer.email)[0])
    send(client, link, token=link.partition("token=")[2], password=NEW_PASSWORD)
    assert send(client, "/sign-in", email=officer.email, password=NEW_PASSWORD).location == "/sign-in/code"


def test_an_address_without_an_account_is_told_so_by_letter(client, letters):
    send(client, "/reset-password", email="nobody@example.org")
    assert letters("nobody@example.org")[0].title == "There is no account with this address"


@pytest.mark.parametrize(("purpose", "hours"), [("reset", 1), ("change", 24), ("confirm", 7 * 24)])
def test_a_link_is_good_for_its_time(provider, purpose, hours):
    with clock.staged_at(clock.now() - timedelta(hours=hours, seconds=1)):
        late = mailed.issue(purpose=purpose, person_id=provider.person_id, email=provider.email)
    assert mailed.redeem_link(late.token, purpose) is None


def test_a_link_serves_its_own_purpose_alone(provider):
    confirming = mailed.issue(purpose="confirm", person_id=provider.person_id, email=provider.email)
    assert mailed.redeem_link(confirming.token, "reset") is None
    assert mailed.redeem_code(provider.email, confirming.code, "change") is None


def test_neither_link_nor_code_is_kept_readable(session, provider):
    sent = mailed.issue(purpose="reset", person_id=provider.person_id, email=provider.email)
    kept = session.scalars(select(MailedToken).where(MailedToken.email == provider.email)).one()
    assert sent.token not in kept.token_hash and sent.code not in kept.code_hash


def test_a_new_address_counts_once_its_letter_is_answered(client, session, provider, letters):
    sign_in(client, provider.email)
    send(client, "/your-sign-in/email", email="new.address@example.org")
    assert person_of(session, provider).email == provider.email
    code = code_in(letters("new.address@example.org")[0])
    send(client, "/confirm-email", email="new.address@example.org", code=code)
    assert person_of(session, provider).email == "new.address@example.org"
    assert letters(provider.email)[0].title == "Your email address was changed"


def test_an_address_of_somebody_else_is_never_taken(client, session, provider, officer, letters):
    sign_in(client, provider.email)
    assert send(client, "/your-sign-in/email", email=officer.email).location.startswith("/confirm-email")
    assert letters(officer.email)[0].title == "You already have an account"
    assert person_of(session, provider).email == provider.email


def test_a_changed_password_signs_out_everywhere_else(app, client, provider):
    elsewhere = sign_in(app.test_client(), provider.email)
    sign_in(client, provider.email)
    assert send(client, "/your-sign-in/password", password=NEW_PASSWORD).location == "/your-sign-in"
    assert client.get("/referrals").status_code == 200
    assert elsewhere.get("/referrals").status_code == 302
