"""The marking page by keyboard: numbers choose the mark, n and p lead on and back, unless somebody types."""

import re

from playwright.sync_api import Page, expect

from tests.factories.evaluation import a_marking_evaluation
from tests.journeys.people import somebody
from tests.live_server import Site, Tabs


def a_marking_page(tabs: Tabs, site: Site) -> Page:
    with site.app.app_context():
        marking = a_marking_evaluation()
        own, answer = marking.assignment().id, marking.answers()[0]
        email = marking.evaluators[0].email
    page = somebody(tabs, site, email)
    page.goto(f"/marking/{own}/answers/{answer}")
    return page


def test_a_number_chooses_the_mark_and_n_leads_on(tabs: Tabs, site: Site) -> None:
    page = a_marking_page(tabs, site)
    page.keyboard.press("4")
    expect(page.get_by_role("radio", name="4: ")).to_be_checked()
    page.get_by_label("Your reason").press_sequentially("3 of 5 people are named")
    expect(page.get_by_role("radio", name="4: ")).to_be_checked()
    expect(page.get_by_label("Your reason")).to_have_value("3 of 5 people are named")
    expect(page.get_by_text("Saved at")).to_be_visible(timeout=15000)
    before = page.url
    page.get_by_role("radio", name="4: ").focus()
    page.keyboard.press("n")
    expect(page).not_to_have_url(before)
    page.keyboard.press("p")
    expect(page).to_have_url(before)


def test_the_keys_can_be_turned_off_and_stay_so(tabs: Tabs, site: Site) -> None:
    page = a_marking_page(tabs, site)
    page.get_by_role("button", name="Turn these keys off").click()
    page.reload()
    page.keyboard.press("4")
    expect(page.get_by_role("radio", name=re.compile("^4: "))).not_to_be_checked()
    expect(page.get_by_role("button", name="Turn number keys on")).to_be_visible()


def test_advice_on_a_saved_reason_comes_without_leaving_the_page(tabs: Tabs, site: Site) -> None:
    page = a_marking_page(tabs, site)
    advice = page.locator("#advice")
    expect(advice).to_be_hidden()
    page.keyboard.press("1")
    page.get_by_label("Your reason").press_sequentially("It touches the question and leaves out most of it.")
    expect(advice).to_contain_text("It mostly repeats the scale", timeout=15000)
    expect(page.get_by_label("Your reason")).to_be_focused()
    page.get_by_role("button", name="Save and go on").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save and stay")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Turn these keys off")).to_be_focused()


def test_two_digits_in_time_are_one_number(tabs: Tabs, site: Site) -> None:
    page = a_marking_page(tabs, site)
    page.evaluate("document.querySelector('input[name=points][value=\"5\"]').value = '10'")
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="1: ")).to_be_checked()
    page.keyboard.press("0")
    expect(page.get_by_role("radio", name="5: ")).to_be_checked()
    page.wait_for_timeout(1100)
    page.keyboard.press("0")
    expect(page.get_by_role("radio", name="0: ")).to_be_checked()
