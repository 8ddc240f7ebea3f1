"""The lead takes a pack from one round to another as a file, and gives more time to whom a fault has met."""

import re
from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from portal.clock import now
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, address_of
from tender.applications.models import Application
from tender.frameworks.models import Round
from tests.journeys.people import body, fill_date, follow, press, somebody
from tests.live_server import Site, Tabs

LEAD = "lead@council.example.org"
MORE_TIME = "The council has given you more time"


def the_round(site: Site, number: int) -> int:
    """The id of a round of the first framework: 6 is open, 7 a draft."""
    with site.app.app_context():
        return db.session.scalar(select(Round.id).where(Round.number == number).order_by(Round.id).limit(1))


def test_a_pack_leaves_as_a_file_and_another_rounds_draft_takes_it_over(tabs: Tabs, site: Site) -> None:
    lead = somebody(tabs, site, LEAD, scripts=False)
    draft = the_round(site, 7)
    lead.goto(f"/rounds/{draft}/pack")
    questions = lead.get_by_role("button", name="Duplicate")
    asked = questions.count()
    with lead.expect_navigation():
        questions.first.click()
    lead.goto(f"/rounds/{draft}/pack")
    assert questions.count() == asked + 1
    lead.goto(f"/rounds/{the_round(site, 6)}/pack")
    with lead.expect_download() as download:
        lead.get_by_role("link", name="Save this pack as a file").click()
    pack = download.value.path().read_bytes()
    lead.goto(f"/rounds/{draft}/pack")
    follow(lead, "Take over a pack from a file")
    lead.get_by_label("File", exact=True).set_input_files(
        {"name": download.value.suggested_filename, "mimeType": "application/json", "buffer": pack}
    )
    press(lead, "Look into it")
    assert "Nothing has changed yet." in body(lead)
    press(lead, "Take it over")
    assert "The pack is taken over" in body(lead)
    assert questions.count() == asked


def application_of(tabs: Tabs, site: Site, provider: str, **how: bool) -> Page:
    """The page of a provider's application in the open round."""
    page = somebody(tabs, site, address_of(provider), **how)
    with site.app.app_context():
        ids = db.session.scalars(
            select(Application.id).where(Application.round_id == the_round(site, 6))
        ).all()
    page.goto(next(path for each in ids if page.request.get(path := f"/applications/{each}").ok))
    return page


def test_one_applicant_is_given_more_time_after_a_fault_and_another_one_is_not(
    tabs: Tabs, site: Site
) -> None:
    met = application_of(tabs, site, PROVIDERS[2].name)
    spared = application_of(tabs, site, PROVIDERS[1].name)
    assert MORE_TIME not in body(met)
    reference = re.search(r"Reference of this application: ([\w -]+)", body(met))[1]
    lead = somebody(tabs, site, LEAD)
    lead.goto(f"/rounds/{the_round(site, 6)}")
    follow(lead, "Give more time")
    later = now() + timedelta(days=12)
    lead.get_by_label("Named applicants").check()
    lead.get_by_label("References of their applications").fill("0000000000")
    lead.get_by_label("Why this is fair").fill("The line was cut at this applicant alone.")
    new_close = lead.get_by_role("group", name="New closing time")
    fill_date(new_close, later.date())
    new_close.get_by_label("Time").fill("14:00")
    lead.get_by_label("Reason", exact=True).fill("Your telephone line was cut by the storm.")
    press(lead, "Give more time")
    assert "0000000000" in lead.get_by_role("alert").inner_text()
    lead.get_by_label("References of their applications").fill(reference)
    press(lead, "Give more time")
    until = f"2pm on {later:%A} {later.day} {later:%B %Y}"
    waiting = met.get_by_role("region", name="Not submitted yet")
    waiting.get_by_text(until).wait_for(timeout=30_000)  # by itself: nobody loads the page again
    assert re.search(r"\((11|12) days", waiting.inner_text())
    met.reload()
    spared.reload()
    assert MORE_TIME in body(met) and until in body(met)
    assert MORE_TIME not in body(spared) and until not in body(spared)
    lead.goto(f"/rounds/{the_round(site, 6)}/extend")
    assert "The line was cut at this applicant alone." in body(lead)
    assert PROVIDERS[2].name not in body(lead), "who it is stays hidden until the tender box is opened"
