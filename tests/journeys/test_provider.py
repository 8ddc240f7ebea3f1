"""A provider registers, applies and submits; with and without JavaScript, and by keyboard."""

import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.people import body, press, status_of
from tests.live_server import Site, Tabs
from tests.storage import corpus
from tests.web_client import PASSWORD

_serial = count(1)
ANSWER = "We ring home before half past nine and write down what we heard and what we did."


def register(page: Page, round_id: int) -> None:
    """Register a new provider from the opportunity's page and start an application."""
    page.goto(f"/opportunities/{round_id}")
    press(page, "Start your application")
    serial = next(_serial)
    page.get_by_label("Name of your organisation").fill(f"Invented Workshop {serial}")
    page.get_by_label("Postcode").fill("M1 1AE")
    page.get_by_label("Your name").fill("Robin Example")
    page.get_by_label("Your email address").fill(f"robin{serial}@workshop.example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Register and continue")
    page.get_by_role("main").get_by_role("link", name="sign in").click()  # the letter need not be waited for
    page.get_by_label("Email address").fill(f"robin{serial}@workshop.example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    assert page.url.endswith(f"/opportunities/{round_id}"), "registering leads back to what was wanted"
    press(page, "Start your application")


def open_round_of(page: Page) -> int:
    page.goto("/opportunities")
    for link in page.get_by_role("main").get_by_role("link").all():
        if found := re.search(r"/opportunities/(\d+)$", link.get_attribute("href") or ""):
            page.goto(found[0])
            if page.get_by_text(re.compile("Start your application")).count():
                return int(found[1])
    raise AssertionError("no round is open")


def choose_a_lot(page: Page) -> str:
    """Choose the first lot; the application's address."""
    address = re.search(r"/applications/\d+", page.url)[0]
    page.goto(f"{address}/lots")
    page.get_by_role("checkbox").first.check()
    press(page, "Save and continue")
    page.goto(address)
    return address


def answer_everything(page: Page, address: str, policy: Path) -> None:
    """Answer what the task list still has to do, one page after another."""
    while True:
        page.goto(address)
        waiting = page.locator(".govuk-task-list__item", has_text="To do").get_by_role("link")
        if not waiting.count():
            return
        with page.expect_navigation():
            waiting.first.click()
        answer(page, policy)


def answer(page: Page, policy: Path) -> None:
    main = page.get_by_role("main")
    if main.locator("input[type=file]").count():
        main.locator("input[type=file]").set_input_files(policy)
        if main.get_by_role("button", name="Upload").is_visible():
            press(page, "Upload")
        main.locator("#documents").get_by_text(policy.name).first.wait_for()
    elif main.locator("textarea").count():
        main.locator("textarea").fill(ANSWER)
    elif main.get_by_role("radio").count():
        main.get_by_role("radio").first.check()
    elif main.get_by_role("checkbox").count():
        main.get_by_role("checkbox").first.check()
    elif page.url.endswith("/staff"):
        for part, value in {"role": "Tutor", "people": "4", "hours": "120"}.items():
            main.locator(f"[name='value-0-{part}']").fill(value)
    else:
        label = page.url.rpartition("/")[2]
        typed = {"day_rate": "95.50", "places": "12", "site_postcode": "M1 1AE"}
        main.locator("input.govuk-input").fill(typed.get(label, "ZA123456"))
    press(page, "Save and continue")


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "Policy, final (2).pdf"
    path.write_bytes(corpus.pdf())
    return path


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_provider_applies_and_gets_a_receipt(tabs: Tabs, site: Site, policy: Path, scripts: bool) -> None:
    page = tabs.open(site.address, scripts=scripts)
    register(page, open_round_of(page))
    address = choose_a_lot(page)
    page.goto(f"{address}/check")
    assert page.get_by_role("heading", name=re.compile("missing|before you submit", re.I)).count()
    answer_everything(page, address, policy)
    page.goto(f"{address}/check")
    assert ANSWER in body(page) and policy.name in body(page)
    for declaration in page.get_by_role("main").get_by_role("checkbox").all():  # certified, and may submit
        declaration.check()
    press(page, "Submit application")
    assert re.search(r"AP-\d{4}-\w{4}-\w{4}", body(page))
    assert re.search(r"[0-9a-f]{64}", page.content()), "the receipt has no SHA-256"
    stranger = tabs.open(site.address)
    assert status_of(stranger, address) == 302
    page.goto(f"{address}/questions/safeguarding")
    assert not page.locator("textarea").count(), "a submitted answer can still be typed over"


def test_what_is_typed_is_saved_kept_over_the_limit_and_reached_by_keyboard(
    tabs: Tabs, site: Site, policy: Path, tmp_path: Path
) -> None:
    page = tabs.open(site.address)
    register(page, open_round_of(page))
    address = choose_a_lot(page)
    page.goto(f"{address}/questions/safeguarding")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type("Typed by keyboard alone.")
    page.locator("[data-autosave-status]", has_text="Saved").wait_for()
    page.reload()
    assert page.locator("textarea").input_value() == "Typed by keyboard alone."
    page.locator("textarea").fill("word " * 760)
    page.get_by_text("10 words too many").first.wait_for()
    page.locator("[data-autosave-status]", has_text="over the limit").wait_for()
    page.goto(f"{address}/questions/safeguarding")
    assert len(page.locator("textarea").input_value().split()) == 760, "what is over the limit is kept"
    page.goto(f"{address}/check")
    assert "10 words over the limit of 750" in body(page)

    disguised = tmp_path / "policy.pdf"
    disguised.write_bytes(b"MZ\x90\x00 this is a program and not a policy" * 50)
    page.goto(f"{address}/questions/safeguarding_policy")
    page.locator("input[type=file]").set_input_files(disguised)
    page.locator(".portal-upload--failed", has_text="policy.pdf").wait_for()
    assert "is not a PDF, although its name says so" in body(page)
