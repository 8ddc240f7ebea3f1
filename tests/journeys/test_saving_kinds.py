"""Every kind of answer is saved while it is typed and outlives a lost line: numbers, dates, tables,
prices."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.access import Actor
from portal.database import db
from tender.applications.queries import own_item_for
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.journeys.test_saving import EXPECTED, cut_line, enter, offer, says
from tests.live_server import Site, Tabs
from tests.tender.applications.test_kinds import ASKING

DATE = {"value-day": "6", "value-month": "3", "value-year": "2026"}
ROW = {"role": "Tutor", "people": "4"}
RATES = {"value-0-one_day": "95.50", "value-0-one_hour": "20"}
# What is typed by the names of its boxes, what is kept of it, and the box that is typed into again.
KINDS: dict[str, tuple[dict[str, str], Any, str]] = {
    "places": ({"value": "1,200"}, "1200", "value"),
    "since": (DATE, "2026-03-06", "value-day"),
    "team": (
        {f"value-0-{part}": value for part, value in ROW.items()},
        [{**ROW, "since": ""}],
        "value-0-people",
    ),
    "day_rate": ({"value": "95.5"}, "95.50", "value"),
}


@dataclass(frozen=True)
class Typing:
    """A draft, who writes it, and the lot that it is for."""

    site: Site
    draft: int
    mine: Actor
    lot: int

    def address(self, code: str) -> str:
        place = f"/lots/{self.lot}" if code in ("day_rate", "rates") else ""
        return f"/applications/{self.draft}{place}/questions/{code}"

    def saved(self, code: str) -> object:
        with self.site.app.app_context():
            lot = self.lot if code in ("day_rate", "rates") else None
            return own_item_for(self.mine, self.draft, code, lot).value


@pytest.fixture
def typing(site: Site) -> Typing:
    with site.app.app_context():
        round, mine = a_published_round(asking=ASKING), a_provider_person()
        lot = lot_ids(round)[0]
        made = Typing(site, a_draft(round, mine, [lot]), mine, lot)
        db.session.commit()
    return made


@pytest.fixture
def page(tabs: Tabs, site: Site, typing: Typing) -> Iterator[Page]:
    opened = tabs.open(site.address)
    enter(opened, typing.mine, "/")
    yield opened
    tabs.complaints[:] = [each for each in tabs.complaints if not any(said in each for said in EXPECTED)]


def fill(page: Page, boxes: dict[str, str]) -> None:
    for name, value in boxes.items():
        page.locator(f"[name='{name}']").fill(value)


@pytest.mark.parametrize("code", KINDS)
def test_it_is_saved_while_it_is_typed_and_drawn_again(page: Page, typing: Typing, code: str) -> None:
    boxes, kept, _ = KINDS[code]
    page.goto(typing.address(code))
    fill(page, boxes)
    says(page, "Saved at")
    assert typing.saved(code) == kept
    page.reload()
    again = {name: page.locator(f"[name='{name}']").input_value() for name in boxes}
    assert {name: value.replace(",", "") for name, value in again.items()}.keys() == boxes.keys()
    assert all(again.values())
    expect(offer(page)).to_have_count(0)


@pytest.mark.parametrize("code", KINDS)
def test_what_was_typed_without_a_line_is_put_back(page: Page, typing: Typing, code: str) -> None:
    boxes, kept, _ = KINDS[code]
    page.goto(typing.address(code))
    cut_line(page)
    fill(page, boxes)
    says(page, "Not saved")
    page.goto(typing.address(code))
    expect(offer(page)).to_contain_text(next(iter(boxes.values())))
    page.get_by_role("button", name="Put it back").click()
    says(page, "Saved at")
    assert typing.saved(code) == kept


def test_a_rate_card_is_saved_price_by_price(page: Page, typing: Typing) -> None:
    page.goto(typing.address("rates"))
    prices = page.locator("form[data-autosave] input.govuk-input")
    prices.first.fill("95.50")
    says(page, "Saved at")
    (card,) = typing.saved("rates")  # type: ignore[misc]
    assert "95.50" in card.values()


def test_half_a_date_is_kept_on_the_device_and_saved_once_it_is_whole(page: Page, typing: Typing) -> None:
    page.goto(typing.address("since"))
    fill(page, {"value-day": "6"})
    says(page, "Not saved yet.")
    assert typing.saved("since") is None
    fill(page, DATE)
    says(page, "Saved at")
    assert typing.saved("since") == "2026-03-06"
