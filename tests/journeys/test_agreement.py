"""A school and the provider that it chose write and sign what they agree; the council reads of it."""

from datetime import timedelta

from sqlalchemy import select

from portal.accounts.models import Membership, Person
from portal.accounts.queries import actor_by_email
from portal.agreements.models import PlacementAgreement
from portal.clock import today
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, SCHOOLS, address_of
from portal.directory.models import Service
from tests.factories.agreements import a_signed
from tests.journeys.people import body, fill_date, follow, press, sign, somebody, status_of
from tests.live_server import Site, Tabs

CHILD = "Robin Made-Up"


def test_an_agreement_is_written_signed_by_both_and_read_by_the_council(tabs: Tabs, site: Site) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[0].name), scripts=False)
    follow(school, "Start the agreement")
    press(school, "Start the agreement")
    school.get_by_label("Which tier of alternative provision").select_option("tier2")
    press(school, "Save and continue")
    school.get_by_label("How does the child get there and back").fill("By bus, with an adult.")
    press(school, "Save and continue")
    school.get_by_label("What is the placement to achieve?").fill("Two whole days a week by half term.")
    school.get_by_label("Attendance at the point of referral").fill("41")
    school.get_by_label("Where does the child start from?").fill("Comes on two days of five.")
    school.get_by_label("What will the child do there?").fill("One project with one mentor.")
    school.get_by_label("Which subjects and qualifications").fill("Functional skills in maths.")
    school.get_by_label("How will you know that the child is ready").fill("Four full weeks.")
    press(school, "Save and continue")
    school.get_by_label("Your designated safeguarding lead").fill("Ama Invented, 0161 496 0001")
    school.get_by_label("The provider’s designated safeguarding lead").fill("Bo Invented, 0161 496 0002")
    fill_date(school, today() - timedelta(days=3))
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


def test_an_agreement_is_varied_by_the_school_and_ended_by_the_provider(tabs: Tabs, site: Site) -> None:
    with site.app.app_context():
        placement = a_signed(
            service=db.session.query(Service).order_by(Service.id).first(),
            school=actor_by_email(address_of(SCHOOLS[1].name)),
            provider=actor_by_email(address_of(PROVIDERS[0].name)),
        )
        where = f"/agreements/{placement.id}"
    school = somebody(tabs, site, address_of(SCHOOLS[1].name))
    school.goto(where)
    follow(school, "Vary it")
    school.get_by_label("What do you change, and why?").fill("Fridays too: the mornings go well.")
    press(school, "Write the new version")
    school.get_by_role("link", name="Change").first.click()
    school.get_by_label("Friday morning").check()
    press(school, "Save and continue")
    school.goto(where)
    press(school, "Send it to be signed")
    sign(school, "Headteacher")

    provider = somebody(tabs, site, address_of(PROVIDERS[0].name), scripts=False)
    follow(provider, "Read and sign")
    assert "Fridays too: the mornings go well." in body(provider)
    assert "Friday" in " ".join(provider.locator("ins").all_inner_texts())
    sign(provider, "Director")
    follow(provider, "End it early")
    fill_date(provider, today() + timedelta(days=900))
    provider.get_by_label("Why does the placement end early?").fill("The family moves away.")
    press(provider, "End this placement")
    assert "nor after the last day that was agreed" in provider.get_by_role("alert").inner_text()
    fill_date(provider, today() + timedelta(days=21))
    press(provider, "End this placement")

    officer = somebody(tabs, site, "quality@council.example.org")
    for page in (school, provider, officer):
        page.goto(where)
        said = body(page)
        assert "ended it early" in said and "The family moves away." in said
        assert "Friday morning" in said and page.get_by_role("link", name="Version 1").count() == 1
    assert school.get_by_role("link", name="Vary it").count() == 0
    follow(school, "Version 1")
    assert "Friday morning" not in school.locator("dl").all_inner_texts()[0]
