"""The council's pages on hours, by whoever may read and decide."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.hours.models import RegistrationCase
from portal.hours.services import open_cases
from tests.counting import counted
from tests.factories.accounts import a_person, a_school_person
from tests.factories.directory import a_service
from tests.factories.hours import a_child, all_rows, hours_agreed
from tests.web_client import sign_in


@pytest.fixture
def case(session: Session) -> RegistrationCase:
    school = a_school_person()
    hours_agreed(a_service(), school, child=a_child(school, has_ehcp=True))
    open_cases(by=THE_PORTAL)
    return all_rows(RegistrationCase)[0]


def somebody(case: RegistrationCase, role: str) -> Actor:
    return a_person(db.session.get_one(Organisation, case.council_id), role)


def test_an_officer_finds_the_case_from_home_and_closes_it(case, client: FlaskClient):
    sign_in(client, somebody(case, "quality_officer").email)
    address = f"/hours/cases/{case.id}"
    assert address in client.get("/").text and address in client.get("/hours").text
    refused = client.post(address, data={"note": "Half of it is travel."})
    assert refused.status_code == 422 and "Half of it is travel." in refused.text
    found = {"finding": "reduced", "note": "Half of it is travel."}
    unseen = client.post(address, data=found)
    assert "Since you opened this page" in unseen.text and "Half of it is travel." in unseen.text
    (seen,) = re.findall(r'name="seen"[^>]*value="([^"]+)"', unseen.text)
    client.post(address, data=found | {"seen": seen})
    assert "Stays closed" in client.get(address).text
    assert "The hours have been reduced" in client.get(address).text
    assert address not in client.get("/").text


def test_an_auditor_reads_and_is_offered_no_decision(case, client: FlaskClient):
    sign_in(client, somebody(case, "auditor").email)
    page = client.get(f"/hours/cases/{case.id}").text
    assert "Whose hours these are" in page and "Close the case" not in page


def test_an_administrator_sets_figures_with_their_source(case, client: FlaskClient):
    sign_in(client, somebody(case, "administrator").email)
    figures = {
        "full_time_hours": "20",
        "near_hours": "16",
        "pupils": "5",
        "near_pupils": "4",
        "intensive_weeks": "12",
        "part_time_sessions": "4",
        "full_week_hours": "25",
    }
    assert "Say where the figures come from." in client.post("/hours/rules", data=figures).text
    client.post("/hours/rules", data=figures | {"source": "Cabinet, 1 March 2026"})
    assert "Cabinet, 1 March 2026" in client.get("/hours/rules").text


def test_the_list_costs_the_same_for_one_provider_and_for_ten(case, client: FlaskClient):
    sign_in(client, somebody(case, "quality_officer").email)
    with counted() as few:
        client.get("/hours")
    lot_id = db.session.scalar(
        text("SELECT lot_id FROM standing WHERE provider_id = :id"), {"id": case.provider_id}
    )
    for _ in range(9):
        hours_agreed(a_service(lot_id), a_school_person())
    with counted() as many:
        assert client.get("/hours").text.count("full-time.") >= 10
    assert len(few) == len(many) <= 12
