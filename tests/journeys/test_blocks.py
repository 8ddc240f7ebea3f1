"""Places are bought before it is known for whom, and taken one by one."""

import re
from datetime import timedelta

from sqlalchemy import select

from portal.clock import today
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, SCHOOLS, address_of
from portal.directory.models import SearchRow
from tests.journeys.people import body, fill_date, follow, press, refer, somebody, status_of
from tests.live_server import Site, Tabs

NEEDS = "Has no place for two days a week, and cooks at home for four."


def test_a_school_buys_places_the_provider_agrees_and_a_child_takes_one(tabs: Tabs, site: Site) -> None:
    with site.app.app_context():
        service_id = db.session.scalar(select(SearchRow.service_id).order_by(SearchRow.service_id).limit(1))
    school = somebody(tabs, site, address_of(SCHOOLS[1].name), scripts=False)
    school.goto(f"/services/{service_id}")
    follow(school, "Buy places in advance")
    school.get_by_label("How many places?").fill("2")
    for name, day in {"First day": today(), "Last day": today() + timedelta(days=90)}.items():
        fill_date(school.get_by_role("group", name=name), day)
    press(school, "Continue")
    assert "Say why you buy in advance." in school.get_by_role("alert").inner_text()
    school.get_by_label("Why do you buy in advance?").fill("Two children come back every January.")
    press(school, "Continue")
    assert "All places together" in body(school)
    press(school, "Propose this purchase")
    assert "Waits for the provider" in body(school)
    where = school.url.removeprefix(site.address)

    provider = somebody(tabs, site, address_of(PROVIDERS[0].name), scripts=False)
    follow(provider, re.compile("wants to buy 2 places"))
    assert "Waits for you" in body(provider)
    assert "Two children come back every January." in body(provider)
    provider.get_by_label("We agree to these terms").check()
    press(provider, "Send your answer")
    assert status_of(somebody(tabs, site, address_of(PROVIDERS[1].name)), where) == 404

    refer(school, service_id, NEEDS)
    press(school, "Send to")
    provider.goto("/")
    follow(provider, re.compile(f"{SCHOOLS[1].name} asks for a place"))
    fill_date(provider, today() + timedelta(days=14))
    provider.get_by_label("Monday morning").check()
    press(provider, "Offer this place")
    school.reload()
    press(school, "Compare the answers and choose")
    follow(school, f"Choose {PROVIDERS[0].name}")
    follow(school, "A place that was bought before")
    school.get_by_label(f"Of {SCHOOLS[1].name}: 2 of 2 free").check()
    school.get_by_label("Why this provider?").fill("We pay for the place already.")
    press(school, "Take this place")
    assert f"{PROVIDERS[0].name} is chosen" in body(school)
    for page in (school, provider):
        page.goto("/referrals")
        follow(page, "Block purchases")
        assert "2 places, 1 taken" in body(page)
    follow(provider, "purchase")
    assert SCHOOLS[1].name in provider.get_by_role("table").inner_text() and NEEDS not in body(provider)
