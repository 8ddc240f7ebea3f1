"""Pictures of each role's main pages, desktop and phone: `portal screenshots`.

Serves the demonstration on a data folder of its own and writes PNG files; with --readme also the one
picture that the README shows.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from portal.development.demonstration import sign_ins
from portal.development.running import served_portal
from portal.development.second_steps import code_of_now
from tests.browser import browser_executable

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
README_PICTURE = Path(__file__).parent.parent / ".readme" / "search.png"
SEARCH = "/search?words=construction&postcode=M5+4WT"
FIRST_LINK = "main a[href^='{}']"
# Role (as `sign_ins` names it; none for anyone), and its pages: a path, or the first link that begins so.
PAGES: dict[str, tuple[str, ...]] = {
    "": ("/", "/opportunities", "/opportunities/3", "/register", "/sign-in"),
    "Provider with a draft": ("/", "→/applications/", "→/applications/"),
    "Provider, admitted": ("/", "/referrals", "/services/1", "/services/1/page", "/services/1/places"),
    "Procurement lead": (
        "/",
        "/frameworks",
        "/frameworks/1",
        "/rounds/2",
        "/rounds/3/pack",
        "/rounds/1/conformity",
        "/rounds/2/panel",
        "/rounds/1/results",
        "/rounds/1/decisions",
        "/rounds/1/summaries",
        "→/rounds/1/summaries/",
        "/rounds/1/letters",
        "/rounds/1/challenges",
        "/rounds/1/awards",
        "/admission-conditions",
        "→/admission-conditions/",
    ),
    "Evaluator": ("/", "/marking", "→/marking/", "→/marking/"),
    "Moderator": ("/", "/rounds/2/moderation", "→/moderation/"),
    "Approver": ("/", "/approvals"),
    "Auditor": ("/", "/rounds/1/results"),
    "Quality officer": (
        "/",
        "/service-checks",
        "→/service-checks/",
        "/service-checks/own-words",
        "→/service-checks/own-words/",
        "/unmet-need",
        "/placements",
        "→/agreements/",
    ),
    "School": (
        "/",
        SEARCH,
        f"{SEARCH}&view=map",
        "/compare?service=1&service=2",
        "/shortlists",
        "→/shortlists/",
        "/services/1",
        "/services/1/refer",
        "/referrals",
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures and return the exit code."""
    parser = argparse.ArgumentParser(prog="portal screenshots", description=main.__doc__)
    parser.add_argument("--to", type=Path, default=Path(".data/screenshots"), metavar="FOLDER")
    parser.add_argument("--readme", action="store_true", help="also renew the README's picture")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    executable, flags = browser_executable()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        with served_portal(Path(folder), demonstration=True, durable=False, report=print) as portal:
            for role, pages in PAGES.items():
                for size in SIZES:
                    take(browser, portal.address, role, pages, size, options.to)
            if options.readme:
                picture_for_readme(browser, portal.address)
    print(f"The pictures are in {options.to}")
    return 0


def take(browser: Browser, address: str, role: str, pages: tuple[str, ...], size: str, folder: Path) -> None:
    """Write one role's pages at one size."""
    page = visitor(browser, address, role, size)
    name = role.lower().replace(",", "").replace(" ", "-") or "anyone"
    for number, path in enumerate(pages, start=1):
        if path.startswith("→"):
            page.locator(FIRST_LINK.format(path.removeprefix("→"))).first.click()
        else:
            page.goto(address + path)
        page.screenshot(path=folder / f"{name}-{number}-{size}.png", full_page=True)
    page.context.close()


def visitor(browser: Browser, address: str, role: str, size: str) -> Page:
    """A tab of somebody in this role, signed in."""
    page = browser.new_context(viewport=SIZES[size]).new_page()  # type: ignore[arg-type]
    for known, email, password in sign_ins():
        if known == role:
            page.goto(f"{address}/sign-in")
            page.get_by_label("Email address").fill(email)
            page.get_by_label("Password", exact=True).fill(password)
            page.get_by_role("button", name="Sign in").click()
            if page.get_by_label("Code", exact=True).count():
                page.get_by_label("Code", exact=True).fill(code_of_now(email))
                page.get_by_role("button", name="Continue").click()
    return page


def picture_for_readme(browser: Browser, address: str) -> None:
    """The school's search, as much of it as fits on a screen."""
    page = visitor(browser, address, "School", "desktop")
    page.goto(address + SEARCH)
    README_PICTURE.parent.mkdir(exist_ok=True)
    page.screenshot(path=README_PICTURE)
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
