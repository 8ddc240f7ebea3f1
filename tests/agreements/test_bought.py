"""Agreements for a place that was bought before: the terms of the purchase, not of the offer."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from portal import clock
from portal.agreements.parents import copy_for_parents
from portal.agreements.services import start_agreement
from portal.agreements.terms import sha256_of
from portal.call_offs.bought import bought_for
from portal.errors import Refusal
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.agreements import REST, Placement
from tests.factories.blocks import an_agreed_block, take_place_from
from tests.factories.children import Chosen, a_upn, name_child
from tests.factories.commissioning import a_referral, accept
from tests.factories.directory import a_service_and_its_person
from tests.web_client import send, sign_in

pytestmark = pytest.mark.usefixtures("session")

BOUGHT = ["mon_am", "mon_pm", "thu_am", "thu_pm"]
OFFERED = {"sessions": ["tue_am"], "price": Decimal(45), "unit": "half_day"}
AIMS_AND_CARE = {name: value for name, value in REST.items() if name != "sessions"}


def a_bought_draft(**offer) -> Placement:
    """An agreement that was begun from a place that the council has bought, after another offer."""
    service, provider = a_service_and_its_person()
    school = a_school_person()
    lead = a_person(a_council(), "procurement_lead")
    block = an_agreed_block(service, lead, provider, sessions=tuple(BOUGHT), price=Decimal("119.50"))
    referral = a_referral(service, school)
    accept(referral, provider, **OFFERED | offer)
    choice = take_place_from(block, referral, school)
    name_child(Chosen(choice.id, referral, school, provider), upn=a_upn(77))
    return Placement(start_agreement(call_off_id=choice.id, by=school), choice.id, service, school, provider)


def row_of(content, code) -> str:
    return next(words for section in content for name, _, words in section["rows"] if name == code)


def test_a_draft_begins_with_what_was_bought():
    placement = a_bought_draft()
    bought = bought_for(placement.school, placement.call_off_id)
    terms = placement.seen_by(placement.school).shown.terms
    assert list(terms.sessions) == BOUGHT
    assert (terms.price, terms.price_unit, terms.week_costs) == (Decimal("119.50"), "day", Decimal(239))
    assert terms.ends_on == bought.ends_on < terms.starts_on + timedelta(weeks=12)
    assert all(terms.starts_on <= day <= terms.ends_on for day in terms.reviews_on)


def test_a_place_begins_no_earlier_than_its_purchase():
    placement = a_bought_draft(start_on=clock.today() + timedelta(days=200))
    terms = placement.seen_by(placement.school).shown.terms
    bought = bought_for(placement.school, placement.call_off_id)
    assert terms.starts_on == terms.ends_on == bought.ends_on


def test_who_has_paid_is_signed_and_parents_read_it():
    placement = a_bought_draft()
    placement.save(**AIMS_AND_CARE, vetting_confirmed_on=clock.today())
    placement.offer()
    facts = placement.seen_by(placement.provider)
    bought = bought_for(placement.provider, placement.call_off_id)
    version = facts.open
    assert row_of(version.content, "bought") == f"From purchase {bought.block_id}, paid by {bought.paid_by}"
    assert version.sha256 == sha256_of(version.content)
    said = " ".join(words for part in copy_for_parents(facts) for words in part.paragraphs)
    assert f"{bought.paid_by} pays for it" in said and "The school pays" not in said


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sessions": ["mon_am", "tue_am"]}, "sessions"),
        ({"price": Decimal(90)}, "price"),
        ({"price_unit": "half_day"}, "price"),
        ({"ends_on": clock.today() + timedelta(days=71)}, "ends_on"),
    ],
)
def test_what_was_not_bought_is_refused(change, field):
    placement = a_bought_draft()
    with pytest.raises(Refusal) as refused:
        placement.save(**change)
    assert refused.value.field == field


def test_fewer_half_days_than_were_bought_can_be_agreed():
    placement = a_bought_draft()
    placement.save(sessions=["mon_am"])
    assert placement.seen_by(placement.school).shown.terms.sessions == ["mon_am"]


def test_half_days_outside_are_refused_on_the_page_with_those_that_were_bought(client):
    placement = a_bought_draft()
    sign_in(client, placement.school.email)
    page = f"/agreements/{placement.id}/write/times"
    start, end = clock.today() + timedelta(days=20), clock.today() + timedelta(days=60)
    typed = {"sessions": ["tue_am"], "session_hours": "2.5", "site": "1 Forge Lane", "longest_weeks": "12"}
    for name, day in (("starts_on", start), ("ends_on", end)):
        typed |= {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', client.get(page).text)
    answer = send(client, page, **typed, seen=seen and seen.group(1))
    assert answer.status_code == 422
    assert "The place that was bought has these half days: Monday, Thursday." in answer.text


def test_the_choice_says_what_was_bought_to_both_sides(app):
    placement = a_bought_draft()
    for viewer in (placement.school, placement.provider):
        page = sign_in(app.test_client(), viewer.email).get(f"/choices/{placement.call_off_id}").text
        assert "Monday, Thursday" in page and "£119.50 a day, £239.00 a week" in page
        assert "From purchase" in page and "paid by" in page
        # A day that is not followed by a date: the page also says as at which day it is.
        assert not re.search(r"Tuesday(?!\s+\d)", page) and "£45" not in page


def test_strangers_learn_nothing_of_a_purchase():
    placement = a_bought_draft()
    assert bought_for(a_school_person(), placement.call_off_id) is None
