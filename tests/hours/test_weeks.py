"""A child's week: who has it when, gaps, clashes, and what another school may not read."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.directory.models import Service
from portal.errors import NotFound, Refusal
from portal.hours.services import keep_slots
from portal.hours.week_queries import Week, monday_of, week_of, weeks_for
from tests.counting import counted
from tests.factories.accounts import a_person, a_school_person
from tests.factories.directory import a_service
from tests.factories.hours import a_child, hours_agreed
from tests.web_client import sign_in

# Next week, so that every day of it is one on which an agreement that begins today runs.
MONDAY = monday_of(clock.today()) + timedelta(days=7)


@pytest.fixture
def service(session: Session) -> Service:
    return a_service()


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


def only_week(school: Actor) -> Week:
    (week,) = weeks_for(school, MONDAY)
    return week


def test_a_week_adds_up_with_its_gaps(service, school):
    hours_agreed(service, school, ("mon_am", "mon_pm"))
    week = only_week(school)
    assert (week.hours, week.missing, len(week.gaps), week.clashes) == (5, 20, 8, [])


def test_two_agreements_in_one_session_clash_and_count_once(service, school):
    child = a_child(school)
    hours_agreed(service, school, ("mon_am",), child=child)
    hours_agreed(a_service(), school, ("mon_am", "tue_am"), child=child)
    week = only_week(school)
    assert (week.clashes, week.hours) == (["mon_am"], 5)


def test_an_agreement_that_ends_on_tuesday_leaves_wednesday_empty(service, school):
    hours_agreed(service, school, ("mon_am", "tue_am", "wed_am"), ends_on=MONDAY + timedelta(days=1))
    week = only_week(school)
    assert [code for code, planned in week.sessions.items() if planned] == ["mon_am", "tue_am"]


def test_another_schools_agreement_shows_as_taken_and_says_no_more(service, school):
    other = a_school_person()
    hours_agreed(a_service(), other, ("mon_am",), child=a_child(other, "X1"))
    hours_agreed(service, school, ("mon_am", "tue_am"), child=a_child(school, "X1"))
    clash = only_week(school).sessions["mon_am"]
    assert sorted((each.words, each.agreement_id is None) for each in clash)[0] == (
        "Agreed by another school or the council",
        True,
    )
    assert len(clash) == 2


def test_what_a_school_plans_itself_counts_as_a_tenth_of_a_week(service, school):
    placement = hours_agreed(service, school, ("mon_am",))
    keep_slots(child_id=placement.row.child_id, slots={"tue_am": "school", "mon_am": "tuition"}, by=school)
    week = only_week(school)
    assert (week.hours, week.clashes) == (Decimal(5), ["mon_am"])
    keep_slots(child_id=placement.row.child_id, slots={}, by=school)
    assert only_week(school).hours == Decimal("2.5")


@pytest.mark.parametrize("slots", [{"sat_am": "school"}, {"mon_am": "holiday"}])
def test_a_session_or_kind_that_there_is_not_is_refused(service, school, slots):
    placement = hours_agreed(service, school)
    with pytest.raises(Refusal):
        keep_slots(child_id=placement.row.child_id, slots=slots, by=school)


def test_another_school_reads_and_plans_no_week_of_the_child(service, school):
    child_id = hours_agreed(service, school).row.child_id
    other = a_school_person()
    with pytest.raises(NotFound):
        week_of(other, child_id, MONDAY)
    with pytest.raises(NotFound):
        keep_slots(child_id=child_id, slots={"mon_am": "school"}, by=other)


def test_whoever_only_reads_plans_nothing(service, school, session):
    child_id = hours_agreed(service, school).row.child_id
    lead = a_person(session.get_one(Organisation, school.organisation_id), "safeguarding_lead")
    assert week_of(lead, child_id, MONDAY).child_id == child_id
    with pytest.raises(NotFound):
        keep_slots(child_id=child_id, slots={"mon_am": "school"}, by=lead)


def test_the_pages_cost_the_same_for_one_child_and_for_ten(service, school, client: FlaskClient):
    hours_agreed(service, school)
    sign_in(client, school.email)
    with counted() as few:
        assert client.get("/weeks").status_code == 200
    for _ in range(9):
        hours_agreed(service, school)
    with counted() as many:
        client.get("/weeks")
    assert len(few) == len(many) <= 12


def test_a_week_is_planned_on_its_page(service, school, client: FlaskClient):
    child_id = hours_agreed(service, school, ("mon_am",)).row.child_id
    sign_in(client, school.email)
    address = f"/weeks/{child_id}?week={MONDAY}"
    assert client.post(address, data={"tue_am": "tuition"}).status_code == 303
    assert "Tuition, 2.5 hours" in client.get(address).text
    refused = client.post(address, data={"tue_am": "nonsense"})
    assert refused.status_code == 422 and "Choose one of the options." in refused.text


@pytest.mark.parametrize("week", ["", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_week_that_there_is_not_shows_this_week(service, school, client: FlaskClient, week):
    hours_agreed(service, school)
    sign_in(client, school.email)
    assert f"{monday_of(clock.today()).day} " in client.get(f"/weeks?week={week}").text


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [(7, 13, [1]), (4, 13, [0, 1]), (11, 14, [1, 2]), (5, 6, [])],
    ids=["one week", "from Friday on", "until Monday", "a weekend"],
)
def test_a_child_stands_in_the_weeks_in_which_its_agreement_runs_and_in_no_other(
    service, school, first, last, weeks
):
    hours_agreed(
        service,
        school,
        starts_on=MONDAY + timedelta(days=first),
        ends_on=MONDAY + timedelta(days=last),
    )
    listed = [week for week in range(-1, 4) if weeks_for(school, MONDAY + timedelta(days=7 * week))]
    assert listed == weeks


def test_a_childs_own_page_is_there_before_its_agreement_begins(service, school):
    child_id = hours_agreed(service, school, starts_on=MONDAY + timedelta(days=14)).row.child_id
    assert week_of(school, child_id, MONDAY).hours == 0
