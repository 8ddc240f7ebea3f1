"""Signing in and asking, as a person at a browser."""

import re

from playwright.sync_api import Page

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


def status_of(page: Page, path: str) -> int:
    """The status with which the portal answers this person at `path`."""
    return page.request.get(path, max_redirects=0).status


def body(page: Page) -> str:
    """All words of the page's own part."""
    return page.get_by_role("main").inner_text()
