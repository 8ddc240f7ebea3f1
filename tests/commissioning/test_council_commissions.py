"""An officer of the council places a child as a school does, and reads nothing of what schools place."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements.access import party_of
from portal.agreements.list_queries import agreements_for
from portal.agreements.parents import copy_for_parents
from portal.agreements.queries import agreement_for
from portal.children.queries import names_for
from portal.database import db
from portal.errors import NotFound
from tests.factories.accounts import a_council, a_person
from tests.factories.agreements import REST, Placement, a_signed
from tests.factories.commissioning import a_referral
from tests.factories.organisations import letters_to
from tests.web_client import sign_in


@pytest.fixture
def officer(session: Session) -> Actor:
    return a_person(a_council(), "commissioner")


@pytest.fixture
def placed(officer: Actor) -> Placement:
    return a_signed(school=officer)


def test_the_whole_way_to_the_signature_and_the_words_say_council(
    client: FlaskClient, officer: Actor, placed: Placement
) -> None:
    sign_in(client, officer.email)
    facts = placed.seen_by(officer)
    assert (facts.party, facts.state) == ("school", "in_force") and {"vary", "end"} <= facts.moves
    said = {code: (title, words) for s in facts.shown.content for code, title, words in s["rows"]}
    assert said["school"] == ("Council", officer.organisation_name)
    assert said["school_contact"][0] == "Whom to call at the council"
    assert "stays a pupil of the school" not in str(copy_for_parents(facts))
    service = placed.service.id
    for address in (
        "/referrals",
        "/agreements",
        "/weeks",
        "/shortlists",
        f"/services/{service}",
        f"/services/{service}/your-checks",
        f"/services/{service}/refer",
        f"/choices/{placed.call_off_id}",
        f"/choices/{placed.call_off_id}/child",
        f"/agreements/{placed.id}",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "your school" not in page.text.lower(), address
    assert "Your council’s own checks" in client.get(f"/services/{service}/your-checks").text


def test_its_home_page_leads_on(client: FlaskClient, officer: Actor, placed: Placement) -> None:
    sign_in(client, officer.email)
    page = client.get("/").text
    assert "Referrals" in page and "Agreements" in page and "/your-checks" in page


def test_of_what_schools_place_the_commissioner_reads_nothing(officer: Actor, placed: Placement) -> None:
    schools = a_signed()
    assert [line.id for line in agreements_for(officer, 1)[0]] == [placed.id]
    with pytest.raises(NotFound):
        agreement_for(officer, schools.id)
    assert names_for(officer, [schools.call_off_id]) == {}
    assert names_for(officer, [placed.call_off_id])


def test_colleagues_at_the_council_read_no_name_and_no_draft_of_what_it_places(
    officer: Actor, placed: Placement
) -> None:
    council = db.session.get_one(Organisation, officer.organisation_id)
    for role in ("administrator", "procurement_lead", "quality_officer", "auditor"):
        colleague = a_person(council, role)
        assert names_for(colleague, [placed.call_off_id]) == {}
        with pytest.raises(NotFound):
            agreement_for(colleague, placed.id)
    reader = placed.officer
    facts = placed.seen_by(reader)
    assert facts.party == "" and not facts.moves
    assert "aims" not in [s["code"] for s in facts.shown.content if len(s["rows"]) > 1]


def test_who_reads_what_was_agreed_is_no_party_though_the_council_places_it_under_its_own_framework(
    session: Session,
) -> None:
    schools = a_signed()
    council = db.session.get_one(Organisation, schools.officer.organisation_id)
    own = a_signed(school=a_person(council, "commissioner"))
    colleague = a_person(council, "quality_officer")
    assert party_of(colleague, school_id=own.row.school_id, provider_id=own.row.provider_id) == ""
    assert party_of(own.school, school_id=own.row.school_id, provider_id=own.row.provider_id) == "school"


def test_a_provider_reads_the_councils_name_and_of_no_school(
    client: FlaskClient, officer: Actor, placed: Placement
) -> None:
    asked = a_referral(placed.service, officer)
    sign_in(client, placed.provider.email)
    for address in (
        "/referrals",
        "/agreements",
        f"/referrals/{asked.id}",
        f"/choices/{placed.call_off_id}",
        f"/choices/{placed.call_off_id}/child",
        f"/agreements/{placed.id}",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        shown = page.text.lower()
        for whoever_commissions in ("register as a school", "registered school", REST["transport"].lower()):
            shown = shown.replace(whoever_commissions, "")
        assert "the school" not in shown and "a school" not in shown and ">school" not in shown, address
    letters = letters_to(placed.provider.email)
    assert letters and not any("the school" in letter.body.lower() for letter in letters)
    assert any(f"{officer.organisation_name} is waiting" in letter.body for letter in letters)
