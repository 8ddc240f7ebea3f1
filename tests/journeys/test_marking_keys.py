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
