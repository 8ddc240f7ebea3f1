"""Every component in a real browser: usable by all, on a phone, without scripts, and losing nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from portal.web.words import count_words
from tests.web.conftest import make_edge
from tests.web.gallery import add_gallery, serve

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def gallery() -> Flask:
    """The gallery's application."""
    return add_gallery(make_edge())


@pytest.fixture(scope="module")
def address(gallery: Flask) -> str:
    """Where the gallery is served."""
    return serve(gallery)


@pytest.fixture
def tab(chromium: Browser, address: str) -> Iterator[Page]:
    """A tab at the gallery; whatever the browser complains about fails the test."""
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield page
    page.close()
    assert complaints == []


def violations(tab: Page) -> list[str]:
    """What axe finds."""
    tab.evaluate(AXE)
    found = tab.evaluate("() => axe.run(document)")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]


@pytest.mark.parametrize("width", [1280, 320])
def test_everybody_can_use_every_component_at_any_width(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    tab.reload()
    assert violations(tab) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth") == width


def test_on_a_phone_a_stacked_table_shows_every_cell_beside_its_head(tab: Page) -> None:
    tab.set_viewport_size({"width": 375, "height": 800})
    table = tab.get_by_role("table", name="Files")
    digest = table.get_by_role("cell").last
    box = digest.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 375
    assert digest.evaluate("cell => getComputedStyle(cell, '::before').content") == '"SHA-256"'
    assert table.get_by_role("rowheader").inner_text() == "Safeguarding policy.pdf"


def test_a_page_with_problems_names_them_first_and_in_its_title(tab: Page) -> None:
    tab.fill("#name", "")
    tab.fill("#price", "lots")
    tab.get_by_role("button", name="Save and continue").click()
    assert tab.title().startswith("Error: Gallery of components – ")
    tab.get_by_role("link", name="Price for a day must be an amount").click()
    assert tab.evaluate("() => document.activeElement.id") == "price"
    assert tab.input_value("#price") == "lots"
    assert violations(tab) == []


def test_the_counter_shows_what_the_portal_counts(tab: Page) -> None:
    for text in ("well-known don't", "a\u00a0b\u200bc — d", "one\n\ntwo\ufeffthree", "x " * 25):
        tab.fill("#answer", text)
        left = 20 - count_words(text)
        words = f"{abs(left)} word{'' if abs(left) == 1 else 's'} {'remaining' if left > 0 else 'too many'}"
        tab.get_by_text(f"You have {words}").first.wait_for()


def test_what_is_typed_is_saved_by_itself(tab: Page, gallery: Flask) -> None:
    tab.fill("#answer", "We know every child.")
    tab.get_by_text("Saved 4 words.").wait_for()
    assert gallery.extensions["saved"]["answer"] == "We know every child."


def test_what_could_not_be_saved_is_offered_again_with_the_page(chromium: Browser, address: str) -> None:
    tab = chromium.new_page()
    tab.goto(address)
    tab.route("**/save", lambda route: route.abort())
    tab.fill("#answer", "Not lost.")
    tab.get_by_text("Not saved: no connection.").wait_for()
    tab.reload()
    assert tab.input_value("#answer") == ""
    tab.unroute("**/save")
    tab.get_by_role("button", name="Put it back").click()
    assert tab.input_value("#answer") == "Not lost."
    tab.get_by_text("Saved 2 words.").wait_for()
    tab.close()


def test_a_second_press_sends_nothing(tab: Page) -> None:
    sent: list[str] = []
    tab.route("**/", lambda route: sent.append(route.request.method) or route.fulfill(status=204))
    button = tab.get_by_role("button", name="Save and continue")
    button.click()
    tab.wait_for_timeout(1200)  # longer than GOV.UK Frontend's own guard against a double click
    button.click()
    tab.wait_for_timeout(200)
    assert sent == ["POST"]


def test_the_page_works_without_scripts(chromium: Browser, address: str) -> None:
    tab = chromium.new_page(java_script_enabled=False)
    tab.goto(address)
    assert tab.get_by_text("You can enter up to 20 words").is_visible()
    assert tab.get_by_role("link", name="Find provision").is_visible()
    assert not tab.get_by_role("button", name="Print this page").is_visible()
    tab.fill("#answer", "Typed without scripts.")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save and continue").click()
    assert tab.get_by_role("heading", name="There is a problem").is_visible()
    assert tab.input_value("#answer") == "Typed without scripts."
    tab.close()
