"""A child's week is planned, and the hours that all schools agree with one provider are looked into."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from portal import clock
from portal.accounts.queries import actor_by_email
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, SCHOOLS, address_of
from portal.directory.models import Service
from tests.factories.hours import a_child, hours_agreed
from tests.journeys.people import body, follow, press, somebody, status_of
from tests.live_server import Site, Tabs

SESSIONS = ("mon_am", "mon_pm", "tue_am", "tue_pm", "wed_am", "wed_pm")


@pytest.fixture(scope="module")
def reference(site: Site) -> str:
    """The agreement over 15 hours a week, from its Monday on, of a child with a plan."""
    with site.app.app_context():
        school = actor_by_email(address_of(SCHOOLS[0].name))
        service = db.session.query(Service).order_by(Service.id).first()
        monday = clock.today() - timedelta(days=clock.today().weekday())
        child = a_child(school, has_ehcp=True)
        agreed = hours_agreed(service, school, SESSIONS, child=child, starts_on=monday)
        return agreed.row.reference


def test_a_school_sees_gaps_and_a_clash_in_a_childs_week(tabs: Tabs, site: Site, reference: str) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[0].name), scripts=False)
    school.get_by_role("link", name="Referrals").click()
    follow(school, "Children’s weeks")
    assert "10 hours missing" in body(school)
    follow(school, reference)
    assert "15 hours of 25 are planned." in body(school)
    school.get_by_label("Monday morning").select_option("At school")
    school.get_by_label("Thursday morning").select_option("Tuition")
    press(school, "Save the week")
    assert "In 1 session the child is expected in more than one place." in body(school)
    rows = school.get_by_role("table", name="Who has the child when").get_by_role("row")
    monday, thursday = rows.nth(1).inner_text(), rows.nth(4).inner_text()
    assert "Clash" in monday and PROVIDERS[0].name in monday and "At school" in monday
    assert "Tuition, 2.5 hours" in thursday and "Nothing" in thursday
    where = school.url.removeprefix(site.address)
    school.get_by_label("Monday morning").select_option("Nothing")
    press(school, "Save the week")
    assert "Clash" not in body(school) and "17.5 hours of 25" in body(school)
    assert status_of(somebody(tabs, site, address_of(SCHOOLS[1].name)), where) == 404
    assert status_of(somebody(tabs, site, address_of(PROVIDERS[0].name)), where) == 403


def set_figure(page: Page, label: str, number: int, source: str) -> None:
    page.get_by_label(label).fill(str(number))
    page.get_by_label("Where these figures come from").fill(source)
    press(page, "Save these figures")


def test_what_counts_as_full_time_is_set_and_the_case_that_follows_is_closed(
    tabs: Tabs, site: Site, reference: str
) -> None:
    administrator = somebody(tabs, site, "admin@council.example.org", scripts=False)
    administrator.get_by_role("link", name="Administration").click()
    administrator.get_by_role("link", name="Hours", exact=True).click()
    set_figure(administrator, "Hours a week that count as full-time", 12, "Cabinet, 3 March 2026")
    assert (
        "You count 12 hours as full-time, but 15 as near it."
        in administrator.get_by_role("alert").inner_text()
    )
    assert administrator.get_by_label("Where these figures").input_value() == "Cabinet, 3 March 2026"
    set_figure(administrator, "Hours a week that are near it", 10, "Cabinet, 3 March 2026")
    assert "12 hours a week; near it from 10" in body(administrator)

    officer = somebody(tabs, site, "quality@council.example.org", scripts=False)
    officer.get_by_role("link", name="Register", exact=True).click()
    follow(officer, "Hours agreed at each provider")
    assert "12 hours a week count as full-time" in body(officer) and "At the test" in body(officer)
    follow(officer, PROVIDERS[0].name)
    assert reference in body(officer) and "1 child with at least 12 hours a week" in body(officer)
    officer.get_by_label("What did you look at").fill("Visited. Two half days are travel and lunch.")
    press(officer, "Close the case")
    assert "Choose what you found." in officer.get_by_role("alert").inner_text()
    officer.get_by_label("not full-time in the council").check()
    press(officer, "Close the case")
    assert "Visited. Two half days are travel and lunch." in body(officer)
    where = officer.url.removeprefix(site.address)
    officer.get_by_role("link", name="Hours agreed").click()
    assert "not full-time in the council's view" in body(officer)
    assert status_of(somebody(tabs, site, address_of(PROVIDERS[0].name)), where) == 403
