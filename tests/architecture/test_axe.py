"""Everybody can use every page: axe finds nothing on it, and it fits a phone without scrolling sideways."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError

from tests.architecture.rare_pages import RARE
from tests.architecture.world import ANYONE, ROLES, Visit, World
from tests.live_server import DESKTOP, Tabs

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
PHONE = 320
WIDTH = "document.documentElement.scrollWidth"
SETTLED = 2000  # milliseconds

Kind = tuple[str, ...]


def different_pages(world: World) -> list[Visit]:
    """Of each endpoint's pages as many as it takes to show every kind of element that any of them shows."""
    chosen, seen = [], defaultdict[str, set[Kind]](set)
    for visit in sorted(world.pages, key=lambda visit: len(visit.shape), reverse=True):
        if not visit.shape <= seen[visit.endpoint]:
            seen[visit.endpoint] |= visit.shape
            chosen.append(visit)
    return chosen


def open_as(tabs: Tabs, world: World, role: str) -> Page:
    """A tab in which the role is signed in and axe is at hand."""
    page = tabs.open(world.site.address)
    if cookie := world.client(role).get_cookie("portal"):
        page.context.add_cookies([{"name": "portal", "value": cookie.value, "url": world.site.address}])
    page.context.add_init_script(AXE)
    return page


def violations(page: Page) -> list[str]:
    """What axe finds, with the first place of each."""
    found: list[Any] = page.evaluate("options => axe.run(document, options)", OPTIONS)["violations"]
    places = [(each["id"], node["html"]) for each in found for node in each["nodes"]]
    return [f"{rule} at {html[:160]}" for rule, html in places if not known(rule, html)]


def known(rule: str, html: str) -> bool:
    """Whether it is what the design system does on purpose.

    Its radios and checkboxes that reveal more say so with `aria-expanded`, which ARIA has no place for
    and which screen readers announce all the same (govuk-frontend 979).
    """
    return rule == "aria-allowed-attr" and "aria-controls" in html and "s__input" in html


def too_wide(page: Page) -> list[str]:
    """Whether the page scrolls sideways on a phone, once it has settled at that width."""
    page.set_viewport_size({"width": PHONE, "height": 800})
    try:
        page.wait_for_function(f"() => {WIDTH} <= {PHONE}", timeout=SETTLED)
    except TimeoutError:
        return [f"{page.evaluate(WIDTH)} px wide on a phone"]
    finally:
        page.set_viewport_size({"width": DESKTOP, "height": 900})
    return []


@pytest.mark.parametrize("role", ROLES)
def test_everybody_can_use_every_page(role: str, world: World, tabs: Tabs) -> None:
    page = open_as(tabs, world, role)
    problems = []
    for visit in (visit for visit in different_pages(world) if visit.role == role):
        page.goto(visit.address)
        problems += [f"{visit.address}: {problem}" for problem in violations(page) + too_wide(page)]
    assert problems == []


@pytest.mark.parametrize("endpoint", ["frameworks.create", "commissioning.send"])
def test_everybody_can_use_the_page_between_two_forms(endpoint: str, world: World, tabs: Tabs) -> None:
    role, show = RARE[endpoint]
    html = show(world, world.client(role))
    page = open_as(tabs, world, role)
    page.route("**/between", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/between")
    assert violations(page) + too_wide(page) == []


def test_pages_left_out_differ_from_others_in_words_alone(world: World) -> None:
    assert kinds_of(different_pages(world)) == kinds_of(world.pages)


def kinds_of(visits: list[Visit]) -> set[tuple[str, Kind]]:
    """Every kind of element on these pages, with its page's endpoint."""
    return {(visit.endpoint, kind) for visit in visits for kind in visit.shape}


def test_a_picture_without_words_and_a_faint_sentence_are_noticed(world: World, tabs: Tabs) -> None:
    page = open_as(tabs, world, ANYONE)
    page.goto("/")
    assert violations(page) == []
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.append(new Image());
          main.querySelector("p").style.color = "#ccc";
        }"""
    )
    assert [problem.split()[0] for problem in violations(page)] == ["color-contrast", "image-alt"]


def test_a_page_that_is_wider_than_a_phone_is_noticed(world: World, tabs: Tabs) -> None:
    page = open_as(tabs, world, ANYONE)
    page.goto("/")
    assert too_wide(page) == []
    page.evaluate("() => { document.querySelector('h1').style.width = '400px' }")
    assert too_wide(page) != []
