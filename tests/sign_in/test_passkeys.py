"""Passkeys, with a browser's own virtual authenticator; and the warning before a session ends."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from config import Settings
from portal.accounts.queries import actor_by_email
from portal.sign_in.authenticator import add_authenticator
from portal.sign_in.passkeys import PasskeyRefused, Place, options_to_use, use_passkey
from tests.journeys.people import press
from tests.live_server import Site, Tabs, copy_of, serving
from tests.web_client import PASSWORD

PROVIDER = "copper-kettle-kitchen@example.org"
PLACE = Place("https://ap.council.example.org", "The portal")


@pytest.fixture(scope="module")
def site(demonstration: Settings) -> Iterator[Site]:
    """A running portal under a name: passkeys know no addresses made of numbers."""
    with serving(copy_of(demonstration)) as running:
        yield replace(running, address=running.address.replace("127.0.0.1", "localhost"))


def with_authenticator(page: Page, *, verifies: bool = True) -> None:
    """Give the browser a virtual passkey."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": verifies,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )


def give_password(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    page.get_by_role("heading", level=1, name="Sign in", exact=True).wait_for(state="detached")


def add_passkey(page: Page, name: str) -> None:
    page.goto("/your-sign-in/passkeys")
    page.get_by_label("Name of the new passkey").fill(name)
    press(page, "Add a passkey")
    page.get_by_role("heading", level=1, name="Recovery codes").wait_for()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("heading", level=1, name="Alternative provision").wait_for()


def test_a_passkey_is_added_used_as_both_steps_and_as_the_second(tabs: Tabs, site: Site) -> None:
    page = tabs.open(site.address)
    with_authenticator(page)
    give_password(page, PROVIDER)
    add_passkey(page, "My laptop")
    page.goto("/your-sign-in/passkeys")
    assert page.get_by_role("main").get_by_text("My laptop").first.is_visible()
    sign_out(page)
    page.goto("/sign-in?next=/referrals")
    press(page, "Use a passkey")
    page.wait_for_url("**/referrals")
    sign_out(page)
    give_password(page, PROVIDER)
    page.get_by_role("heading", level=1, name="Second step").wait_for()
    press(page, "Use a passkey")
    page.get_by_role("heading", level=1, name="What needs you now").wait_for()


def test_a_passkey_that_verifies_nobody_is_no_first_step(tabs: Tabs, site: Site) -> None:
    page = tabs.open(site.address)
    with_authenticator(page, verifies=False)
    give_password(page, "irwell-bend-farm@example.org")
    add_passkey(page, "A key")
    sign_out(page)
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()  # its script stays on the page
    page.get_by_text("That did not work").wait_for()
    give_password(page, "irwell-bend-farm@example.org")
    press(page, "Use a passkey")
    page.get_by_role("heading", level=1, name="What needs you now").wait_for()


def test_a_challenge_serves_once_and_a_forged_answer_not_at_all(session) -> None:
    _, challenge = options_to_use(None, PLACE)
    forged = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}
    for _ in range(2):
        with pytest.raises(PasskeyRefused):
            use_passkey(credential=forged, challenge=challenge, place=PLACE)
    with pytest.raises(PasskeyRefused):
        use_passkey(credential={}, challenge="", place=PLACE)


def test_the_portal_says_in_time_that_a_session_ends_and_keeps_it(tabs: Tabs, site: Site) -> None:
    page = tabs.open(site.address)
    page.clock.install()
    give_password(page, "trafford-anvil-construction@example.org")
    page.route("**/sign-in/time-left", lambda route: route.fulfill(json={"seconds": 200}))
    page.clock.run_for("55:10")
    warning = page.get_by_role("dialog", name="You will be signed out soon")
    assert "In 3 minutes you will be signed out" in warning.inner_text()
    with page.expect_response("**/sign-in/keep-alive") as kept:
        warning.get_by_role("button", name="Stay signed in").click()
    assert kept.value.json()["seconds"] > 3500
    warning.wait_for(state="hidden")


def test_whoever_types_is_kept_and_asked_nothing(tabs: Tabs, site: Site) -> None:
    page = tabs.open(site.address)
    page.clock.install()
    give_password(page, "trafford-anvil-construction@example.org")
    page.goto("/your-sign-in/email")
    page.clock.run_for("05:00")
    with page.expect_request("**/sign-in/keep-alive"):
        page.get_by_label("Email address").press_sequentially("a")
    assert page.get_by_role("dialog").count() == 0


def test_council_staff_set_up_their_second_step_on_a_phone(tabs: Tabs, site: Site) -> None:
    with site.app.app_context():
        person = actor_by_email("admin@council.example.org")
        add_authenticator(person_id=person.person_id or 0, secret="JBSWY3DPEHPK3PXP", by=person)
    page = tabs.open(site.address, width=390)
    give_password(page, "admin@council.example.org")
    assert page.get_by_role("heading", level=1, name="Second step").is_visible()
    overflow = "() => document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(overflow)
