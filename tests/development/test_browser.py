"""The browser that npm brings must do on a machine that has none."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser import browser_executable


def _page_is_rendered(browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    page.set_content("<h1>Referral</h1><script>document.title = String(innerWidth)</script>")
    assert page.title() == "320"
    box = page.get_by_role("heading", name="Referral").bounding_box()
    assert box is not None and box["height"] > 20
    assert len(page.screenshot()) > 1000


def test_the_browser_renders_a_page(playwright: Playwright) -> None:
    path, arguments = browser_executable()
    browser = playwright.chromium.launch(executable_path=path, args=arguments)
    _page_is_rendered(browser)
    browser.close()


def test_the_browser_of_npm_renders_pages_where_the_machine_has_none(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # an empty folder: no browser to be found
    path, arguments = browser_executable()
    assert path.name == "start"
    monkeypatch.undo()
    browser = playwright.chromium.launch(executable_path=path, args=arguments)
    _page_is_rendered(browser)
    _page_is_rendered(browser)  # a second context: several people in one journey
    browser.close()
