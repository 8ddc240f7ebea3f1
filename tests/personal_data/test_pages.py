"""The administrator's pages on personal data."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.personal_data import queries
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.web_client import sign_in

PAGES = (
    "/administration/retention",
    "/administration/retention/due",
    "/administration/holds",
    "/administration/subject-access",
)


@pytest.fixture
def administrator(client: FlaskClient) -> FlaskClient:
    return sign_in(client, a_person(a_council(), "administrator").email)


@pytest.mark.parametrize("role", ["evaluator", "moderator", "approver"])
def test_other_roles_of_the_council_have_no_part_in_it(client: FlaskClient, role: str) -> None:
    sign_in(client, a_person(a_council(), role).email)
    assert [client.get(page).status_code for page in PAGES] == [403] * 4


def test_a_school_finds_none_of_it(client: FlaskClient, session: Session) -> None:
    sign_in(client, a_school_person().email)
    assert [client.get(page).status_code for page in PAGES] == [403] * 4


def test_an_auditor_reads_and_changes_nothing(client: FlaskClient, session: Session) -> None:
    sign_in(client, a_person(a_council(), "auditor").email)
    assert [client.get(page).status_code for page in PAGES] == [200, 200, 200, 403]
    assert [client.post(page).status_code for page in (PAGES[0], PAGES[2])] == [403, 403]
    assert "Set a new period" not in client.get(PAGES[0]).text


def test_a_period_is_set_on_the_page(administrator: FlaskClient) -> None:
    today = clock.today()
    answer = administrator.post(
        PAGES[0],
        data={
            "kind": "letter",
            "months": "24",
            "applies_from-day": today.day,
            "applies_from-month": today.month,
            "applies_from-year": today.year,
            "source": "Retention schedule 2026, line 14",
        },
    )
    assert answer.status_code == 303
    newest = queries.policies()["letter"][0]
    assert (newest["months"], newest["in_force"]) == (24, True)
    assert "Retention schedule 2026, line 14" in administrator.get(PAGES[0]).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(administrator: FlaskClient) -> None:
    answer = administrator.post(PAGES[0], data={"kind": "letter", "months": "none", "source": "Typed words"})
    assert answer.status_code == 422 and "must be a whole number" in answer.text
    assert "Typed words" in answer.text


def test_a_hold_is_placed_and_lifted_on_the_pages(administrator: FlaskClient) -> None:
    school = a_school_person()
    data = {"subject_type": "person", "named": school.email, "reason": "An inquiry."}
    assert administrator.post(PAGES[2], data=data).status_code == 303
    assert school.email in administrator.get(PAGES[2]).text
    (hold,), _ = queries.holds(most=1)
    lift = f"/administration/holds/{hold['id']}/lift"
    assert administrator.post(lift, data={"reason": ""}).status_code == 422
    assert administrator.post(lift, data={"reason": "It is over."}).status_code == 303
    assert administrator.post(lift, data={"reason": "It is over."}).status_code == 422
    assert "(lifted)" in administrator.get(PAGES[2]).text


def test_subject_access_gives_a_file_to_be_saved(administrator: FlaskClient) -> None:
    school = a_school_person()
    answer = administrator.post(PAGES[3], data={"about": school.email})
    assert answer.json["person"]["email"] == school.email
    assert answer.headers["Content-Disposition"].startswith("attachment")
    wrong = administrator.post(PAGES[3], data={"about": "nobody@example.org"})
    assert wrong.status_code == 422 and "Nobody here has this address" in wrong.text
