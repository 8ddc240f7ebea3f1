"""Hours of one child over all who commission for it: the council looks, and nobody else learns more."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.agreements.limits import warnings_of
from portal.children.models import Child
from portal.database import db, transaction
from portal.directory.offer import SESSIONS
from portal.errors import Refusal
from portal.hours.models import RegistrationCase
from portal.hours.services import open_cases
from portal.mail.models import Letter
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.agreements import Placement
from tests.factories.directory import a_service
from tests.factories.hours import a_child, all_rows, closed, hours_agreed, varied
from tests.web_client import sign_in

UPN = "A123456789012"
FIRST, LAST = tuple(SESSIONS)[:4], tuple(SESSIONS)[6:]


@pytest.fixture
def schools(session: Session) -> list[Actor]:
    return [a_school_person(), a_school_person()]


def shared(schools: list[Actor], one=FIRST, other=LAST) -> list[Placement]:  # type: ignore[no-untyped-def]
    """One child, for which two schools have agreed hours at two providers."""
    placements = [
        hours_agreed(a_service(), school, sessions, child=a_child(school, UPN))
        for school, sessions in zip(schools, (one, other), strict=True)
    ]
    forget_cases()
    return placements


def forget_cases() -> None:
    """Those that opened over the half days with which the factory lets both sign."""
    with transaction() as session:
        session.execute(delete(RegistrationCase))


def cases() -> list[RegistrationCase]:
    open_cases(by=THE_PORTAL)
    return [case for case in all_rows(RegistrationCase) if case.child_id]


def officer_of(case: RegistrationCase) -> Actor:
    return a_person(db.session.get_one(Organisation, case.council_id), "quality_officer")


def test_what_two_schools_agree_adds_up_and_opens_one_case(schools):
    shared(schools)
    (case,) = cases()
    assert (case.agreed_hours, case.clashes, case.full_time, case.protected) == (20, 0, 1, 0)
    assert cases() == [case]


@pytest.mark.parametrize(("one", "other"), [(FIRST, LAST[:3]), (FIRST[:1], LAST[:1])])
def test_fewer_hours_together_open_none(schools, one, other):
    shared(schools, one, other)
    assert cases() == []


def test_one_agreement_alone_is_a_matter_of_its_provider(schools):
    hours_agreed(a_service(), schools[0], child=a_child(schools[0], UPN))
    assert cases() == []


def test_a_half_day_in_two_places_opens_one_however_few_the_hours(schools):
    shared(schools, FIRST[:1], FIRST[:2])
    (case,) = cases()
    assert (case.clashes, case.full_time, case.protected) == (1, 0, 0)


def test_officers_are_told_without_a_name_and_nobody_else(schools):
    placements = shared(schools)
    council = db.session.scalars(select(Organisation).where(Organisation.kind == "council")).first()
    assert council
    a_person(council, "quality_officer")
    (case,) = cases()
    told = db.session.scalars(select(Letter).where(Letter.subject_type == "registration_case")).all()
    assert {letter.organisation_id for letter in told} <= {case.council_id}
    for letter in told:
        assert not any(placement.row.reference in letter.body for placement in placements)


def test_the_officer_reads_who_has_the_child_when_and_no_other_council_does(client: FlaskClient, schools):
    placements = shared(schools, FIRST, FIRST[:1] + LAST)
    (case,) = cases()
    sign_in(client, officer_of(case).email)
    address = f"/hours/cases/{case.id}"
    assert address in client.get("/").text and address in client.get("/hours").text
    page = client.get(address).text
    assert all(placement.row.reference in page for placement in placements) and "Clash" in page
    assert all(school.organisation_name in page for school in schools)
    assert "Invented" not in page
    client.post("/sign-out")
    sign_in(client, a_person(a_council(), "quality_officer").email)
    assert client.get(address).status_code == 404


def test_another_school_learns_that_there_is_more_and_nothing_else(client: FlaskClient, schools):
    placements = shared(schools)
    version = placements[0].seen_by(schools[0]).shown
    (warned,) = [s for s in warnings_of(version.id, version.terms, today=clock.today()) if "else" in s]
    sign_in(client, schools[0].email)
    page = client.get(f"/weeks/{placements[0].row.child_id}").text
    for other in (schools[1].organisation_name, placements[1].provider.organisation_name):
        assert other not in page and other not in warned


def test_a_case_is_closed_with_a_finding_of_its_own_and_opens_again_when_more_counts(schools):
    shared(schools)
    (case,) = cases()
    with pytest.raises(Refusal):
        closed(case.id, officer_of(case), "registered")
    closed(case.id, officer_of(case), "suitable", "Both know.")
    assert len(cases()) == 1
    third = a_school_person()
    hours_agreed(a_service(), third, LAST[:1], child=a_child(third, UPN))
    assert sorted(each.state for each in cases()) == ["closed", "open"]


def test_another_agreement_of_as_many_hours_opens_another_case(schools):
    placements = shared(schools)
    (case,) = cases()
    closed(case.id, officer_of(case), "suitable", "Both know.")
    today = clock.today()
    varied(placements[1], LAST, today, today + timedelta(days=27))
    again = cases()
    assert [(each.state, each.agreed_hours) for each in again] == [("closed", 20), ("open", 20)]


def test_a_plan_that_comes_later_opens_another_case_of_the_same_agreements(schools):
    placements = shared(schools)
    (case,) = cases()
    closed(case.id, officer_of(case), "suitable", "Both know.")
    with transaction() as session:
        session.get_one(Child, placements[0].row.child_id).looked_after = True
    assert [each.protected for each in cases()] == [0, 1]
