"""Signing in, asking and filling in, as a person at a browser."""

import re
from datetime import date, timedelta

from playwright.sync_api import Page

from portal.clock import today
from tests.live_server import Site, Tabs
from tests.web_client import PASSWORD, fresh_code


def somebody(tabs: Tabs, site: Site, email: str, **how: bool) -> Page:
    """A tab of somebody who has just signed in."""
    page = tabs.open(site.address, **how)
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    if page.get_by_label("Code", exact=True).count():
        page.get_by_label("Code", exact=True).fill(fresh_code(site.app, email))
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1, name="What needs you now").wait_for()
    return page


def press(page: Page, button: str) -> None:
    """Press the button of this name in the page's own part, and wait until the answer is all there.

    A click returns once the answer has begun: whoever then counts what is on the page may count too early.
    """
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button).click()


def follow(page: Page, link: str | re.Pattern[str]) -> None:
    """Follow the link of this name in the page's own part, and wait until its page is all there."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=link).click()


def fill_date(page: Page, day: date) -> None:
    """Fill in the only date that the page asks for."""
    for part in ("Day", "Month", "Year"):
        page.get_by_label(part, exact=True).fill(str(getattr(day, part.lower())))


def refer(page: Page, service_id: int, needs: str) -> None:
    """A school describes a child of year 9 to a service, up to the preview."""
    page.goto(f"/services/{service_id}")
    page.get_by_role("button", name="Refer a child").click()
    page.get_by_label("Year group").select_option("9")
    plan = page.get_by_role("group", name="Has the child an education, health and care plan?")
    plan.get_by_label("No", exact=True).check()
    page.get_by_label("Days a week").select_option("2")
    fill_date(page, today() + timedelta(days=14))
    page.get_by_label("What does the child need?").fill(needs)
    page.get_by_label("What is the child good at").fill("Good with tools and with younger children.")
    press(page, "Continue")


def sign(page: Page, role: str) -> None:
    """Sign the placement agreement that is on the page."""
    page.get_by_label("Your role").fill(role)
    page.get_by_label("I have read this agreement").check()
    press(page, "Sign this agreement")


def status_of(page: Page, path: str) -> int:
    """The status with which the portal answers this person at `path`."""
    return page.request.get(path, max_redirects=0).status


def body(page: Page) -> str:
    """All words of the page's own part."""
    return page.get_by_role("main").inner_text()
