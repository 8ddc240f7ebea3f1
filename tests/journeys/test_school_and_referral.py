"""A school finds approved provision and refers a child without naming it; the provider answers."""

import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.accounts.models import Membership, Organisation, Person
from portal.clock import today
from portal.commissioning.models import Referral
from portal.database import db
from portal.development.demonstration.cast import PROVIDERS, SCHOOLS, address_of
from portal.directory.models import SearchRow, Service, Standing
from tests.journeys.people import body, fill_date, follow, press, refer, somebody, status_of
from tests.live_server import Site, Tabs

NEEDS = "Finds large groups hard. Was doing well until the spring and wants to be back for the summer term."

FULL = "Both groups are full until the summer term."


def a_found_service(site: Site) -> tuple[int, str]:
    """A service that schools can find: its id and its provider's name."""
    with site.app.app_context():
        return db.session.execute(
            select(Service.id, Organisation.name)
            .join(SearchRow, SearchRow.service_id == Service.id)
            .join(Organisation, Organisation.id == Service.provider_id)
            .where(Organisation.name == PROVIDERS[0].name)
            .order_by(Service.id)
        ).first()


def test_a_school_finds_who_is_admitted_and_nobody_else(tabs: Tabs, site: Site) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[0].name))
    school.get_by_label("Find approved provision").fill("cookery")
    school.get_by_label("Postcode to search near").fill("M5 4WT")
    press(school, "Search")
    assert PROVIDERS[0].name in body(school)
    school.get_by_label("Key stage 4").check()
    press(school, "Show results")
    assert PROVIDERS[0].name in body(school) and "key_stages=KS4" in school.url
    school.goto("/search")
    names = body(school)
    with site.app.app_context():
        admitted = set(
            db.session.scalars(
                select(Organisation.name).join(Standing, Standing.provider_id == Organisation.id)
            )
        )
    everyone = {provider.name for provider in PROVIDERS[:3]}
    assert everyone - admitted, "the demonstration has nobody who was not admitted"
    assert all((name in names) == (name in admitted) for name in everyone)


def test_a_pupil_number_is_refused_and_nothing_typed_is_lost(tabs: Tabs, site: Site) -> None:
    service_id, _ = a_found_service(site)
    school = somebody(tabs, site, address_of(SCHOOLS[0].name))
    refer(school, service_id, f"{NEEDS} UPN A123456789012.")
    assert "pupil number" in school.get_by_role("alert").inner_text()
    assert school.get_by_label("What does the child need?").input_value().startswith(NEEDS)
    assert school.get_by_label("Year group").input_value() == "9"


def test_a_referral_is_sent_without_a_name_and_accepted_with_a_date(tabs: Tabs, site: Site) -> None:
    service_id, provider_name = a_found_service(site)
    school = somebody(tabs, site, address_of(SCHOOLS[1].name))
    refer(school, service_id, NEEDS)
    assert NEEDS in body(school), "the preview shows what the provider will see"
    press(school, "Send to")
    where = school.url.removeprefix(site.address)
    provider = somebody(tabs, site, address_of(PROVIDERS[0].name))
    provider.goto(where)
    assert NEEDS in body(provider)
    start = today() + timedelta(days=20)
    fill_date(provider, start)
    provider.get_by_label("Monday morning").check()
    press(provider, "Offer this place")
    school.goto(where)
    assert "The provider’s offer" in body(school) and str(start.year) in body(school)
    other = somebody(tabs, site, address_of(PROVIDERS[1].name))
    colleague = somebody(tabs, site, address_of(SCHOOLS[2].name))
    lead = somebody(tabs, site, "lead@council.example.org")
    assert status_of(other, where) == status_of(colleague, where) == 404
    assert status_of(lead, where) == 403, "facts about a child are not the procurement lead's to read"


def test_a_referral_is_declined_with_a_reason(tabs: Tabs, site: Site) -> None:
    service_id, _ = a_found_service(site)
    school = somebody(tabs, site, address_of(SCHOOLS[2].name), scripts=False)
    refer(school, service_id, NEEDS)
    press(school, "Send to")
    where = school.url.removeprefix(site.address)
    provider = somebody(tabs, site, address_of(PROVIDERS[0].name), scripts=False)
    provider.goto(where)
    provider.get_by_text("We cannot take this child").click()
    press(provider, "Decline this referral")
    assert "Say why" in body(provider), "a refusal without a reason was taken"
    provider.get_by_label("Why can you not take the child?").fill(FULL)
    press(provider, "Decline this referral")
    school.goto(where)
    assert FULL in body(school)


def test_a_search_is_kept_as_it_was_decided_on_and_signed(tabs: Tabs, site: Site) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[2].name), scripts=False)
    school.goto("/search?words=cookery")
    follow(school, "Keep as a shortlist")
    school.get_by_label("A label of your own").fill("Case 12")
    press(school, "Keep this list")
    assert PROVIDERS[0].name in body(school) and "Case 12" in body(school)
    school.get_by_role("radio", name="Keep", exact=True).first.check()
    school.get_by_label("Reason for those that are left out").fill("Too far for the child.")
    school.get_by_label("Leave out all that are not decided yet").check()
    press(school, "Save and go on to sign")
    press(school, "Sign the shortlist")
    assert "Signed" in body(school) and "Kept: 1 service" in body(school)
    where = school.url.removeprefix(site.address)
    other = somebody(tabs, site, address_of(SCHOOLS[1].name))
    lead = somebody(tabs, site, "lead@council.example.org")
    assert status_of(other, where) == 404 and status_of(lead, where) == 403
    follow(school, f"Refer a child to {PROVIDERS[0].name}")
    assert "Refer a child" in body(school)


def test_a_school_compares_two_offers_and_chooses_one_and_the_other_keeps_nothing(
    tabs: Tabs, site: Site
) -> None:
    school = somebody(tabs, site, address_of(SCHOOLS[0].name), scripts=False)
    follow(school, re.compile("providers can take a child in year 10"))  # for one in year 9 they compete
    where = school.url.removeprefix(site.address)
    assert "2 providers can take the child" in body(school)
    school.get_by_role("link", name=re.compile("^Choose ")).first.click()
    school.get_by_label("Direct award").check()
    press(school, "Choose this provider")
    assert "Say why you choose this provider." in school.get_by_role("alert").inner_text()
    school.get_by_label("Why this provider?").fill("It has the smallest groups.")
    press(school, "Choose this provider")
    assert "is chosen" in body(school) and "What comes next" in body(school)
    choice = school.url.removeprefix(site.address)
    with site.app.app_context():
        asked = db.session.execute(
            select(Person.email, Referral.id, Referral.state)
            .join(Service, Service.id == Referral.service_id)
            .join(Membership, Membership.organisation_id == Service.provider_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Referral.request_id == UUID(where.rpartition("/")[2]))
            .where(Membership.roles.contains(["administrator"]))
        ).all()
    for email, referral_id, state in asked:
        provider = somebody(tabs, site, email)
        provider.goto(f"/referrals/{referral_id}")
        assert ("Reads a lot" in body(provider)) == (state == "accepted")
        assert status_of(provider, choice) == (200 if state == "accepted" else 404)
    assert sorted(state for _, _, state in asked) == ["accepted", "not_chosen"]
