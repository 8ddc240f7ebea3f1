"""A school and the provider that it chose write and sign what they agree; the council reads of it."""

from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from portal.accounts.models import Membership, Person
from portal.agreements.models import PlacementAgreement
from portal.clock import today
from portal.database import db
from portal.development.demonstration.cast import SCHOOLS, address_of
from tests.journeys.people import body, follow, press, somebody, status_of
from tests.live_server import Site, Tabs

CHILD = "Robin Made-Up"


def sign(page: Page, role: str) -> None:
    page.get_by_label("Your role").fill(role)
    page.get_by_label("I have read this agreement").check()
    press(page, "Sign this agreement")


def test_an_agreement_is_written_signed_by_both_and_read_by_the_council(tabs: Tabs, site: Site) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[0].name), scripts=False)
    follow(school, "Start the agreement")
    press(school, "Start the agreement")
    press(school, "Save and continue")
    school.get_by_label("How does the child get there and back").fill("By bus, with an adult.")
    press(school, "Save and continue")
    school.get_by_label("What is the placement to achieve?").fill("Two whole days a week by half term.")
    school.get_by_label("Attendance at the point of referral").fill("41")
    school.get_by_label("Where does the child start from?").fill("Comes on two days of five.")
    school.get_by_label("What will the child do there?").fill("One project with one mentor.")
    school.get_by_label("How will you know that the child is ready").fill("Four full weeks.")
    press(school, "Save and continue")
    school.get_by_label("Your designated safeguarding lead").fill("Ama Invented, 0161 496 0001")
    school.get_by_label("The provider’s designated safeguarding lead").fill("Bo Invented, 0161 496 0002")
    day = today() - timedelta(days=3)
    for part in ("Day", "Month", "Year"):
        school.get_by_label(part, exact=True).fill(str(getattr(day, part.lower())))
    press(school, "Save and continue")
    assert CHILD in body(school)
    press(school, "Send it to be signed")
    sign(school, "Headteacher")
    where = school.url.removeprefix(site.address).split("?")[0]
    with site.app.app_context():
        agreement = db.session.get_one(PlacementAgreement, int(where.rpartition("/")[2]))
        reference, email = (
            agreement.reference,
            db.session.scalars(
                select(Person.email)
                .join(Membership, Membership.person_id == Person.id)
                .where(Membership.organisation_id == agreement.provider_id)
                .where(Membership.roles.contains(["administrator"]))
            ).first(),
        )
    assert email
    provider = somebody(tabs, site, email, scripts=False)
    follow(provider, "Read and sign")
    assert "Two whole days a week by half term." in body(provider)
    sign(provider, "Director")
    assert "Agreed" in body(provider)
    officer = somebody(tabs, site, "quality@council.example.org")
    officer.goto("/placements")
    assert reference in body(officer) and CHILD not in body(officer)
    lead = somebody(tabs, site, "lead@council.example.org")
    assert status_of(lead, where) == 403
