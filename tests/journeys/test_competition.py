"""Providers compete for one child: answers are sealed, opened together, marked, and the first is chosen."""

import re
from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from portal.clock import today
from portal.competitions.models import Entry
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, SCHOOLS, address_of
from portal.directory.models import SearchRow
from tests.journeys.people import body, fill_date, follow, press, refer, somebody, status_of
from tests.live_server import Site, Tabs

NEEDS = "Comes on two days of five, and stays where one adult knows what the day brings."
KETTLE, FARM = PROVIDERS[0].name, PROVIDERS[1].name


def answer(page: Page, school: str, fit: str) -> str:
    """A provider writes its answer, from its home page on; the address where it stands."""
    follow(page, re.compile(f"{school} asks for a place"))
    assert NEEDS in body(page)
    press(page, "Write your answer")
    press(page, "Save this answer")
    assert "Answer this question." in page.get_by_role("alert").inner_text()
    page.get_by_label("How will you meet this child").fill(fit)
    page.get_by_label("How does the child get to you").fill("By minibus, with an adult.")
    fill_date(page, today() + timedelta(days=14))
    for half in ("Monday morning", "Monday afternoon", "Tuesday morning", "Tuesday afternoon"):
        page.get_by_label(half).check()
    press(page, "Save this answer")
    assert "Your answer is kept" in body(page)
    return page.url.removeprefix(page.url[: page.url.index("/referrals/")])


def mark(page: Page, provider: str, points: int) -> None:
    """Mark one answer by both criteria."""
    follow(page, provider)
    for criterion in ("How the offer meets the need", "Getting there"):
        page.get_by_role("group", name=f"{criterion}: points").get_by_label(f"{points}:").check()
        page.get_by_label(f"{criterion}: why").fill(f"{points} points: it says how.")
    press(page, "Save these marks")


def test_two_providers_compete_for_a_child_and_the_first_ranked_one_is_chosen(tabs: Tabs, site: Site) -> None:
    with site.app.app_context():
        kettle = db.session.scalar(select(SearchRow.service_id).order_by(SearchRow.service_id).limit(1))
    school = somebody(tabs, site, address_of(SCHOOLS[1].name), scripts=False)
    refer(school, kettle, NEEDS)
    press(school, "Send to")
    follow(school, "All answers")
    follow(school, "start a mini-competition")
    school.get_by_label(FARM).check()
    press(school, "Invite them")
    assert "0 of 2" in body(school)
    competition = school.url.removeprefix(site.address).split("?")[0]

    first = somebody(tabs, site, address_of(PROVIDERS[0].name), scripts=False)
    second = somebody(tabs, site, address_of(PROVIDERS[1].name))
    own = answer(first, SCHOOLS[1].name, "The same tutor on both days.")
    others = answer(second, SCHOOLS[1].name, "Goats, and a quiet barn.")
    with site.app.app_context():
        entries = db.session.scalars(select(Entry.id).order_by(Entry.id.desc()).limit(2)).all()
    school.goto(competition)
    assert "2 of 2" in body(school) and "The same tutor" not in school.content()
    assert [status_of(school, f"/competitions/answers/{entry}") for entry in entries] == [404, 404]
    assert status_of(second, own) == status_of(first, others) == 404
    assert status_of(somebody(tabs, site, "lead@council.example.org"), competition) == 403

    press(school, "Open the answers")
    mark(school, FARM, 4)
    assert "Not marked" in body(school) and school.get_by_role("button", name="Choose").count() == 0
    mark(school, KETTLE, 3)
    first_row = school.get_by_role("row").nth(1).inner_text()
    assert first_row.startswith(FARM) and "\t1\t" in first_row
    assert re.search(f"{FARM}, .+ is first\\.", body(school))
    school.get_by_label("What the child wants").fill("Would like the animals.")
    press(school, "Choose this provider")
    assert f"{FARM} is chosen" in body(school) and "Ranked first of 2" in body(school)

    referral = own.removesuffix("/entry")
    first.goto(referral)
    assert "You were not chosen" in body(first) and NEEDS not in first.content()
    assert (status_of(first, own), status_of(first, competition)) == (404, 403)
    second.goto(others.removesuffix("/entry"))
    assert NEEDS in body(second) and "The same tutor" not in second.content()
