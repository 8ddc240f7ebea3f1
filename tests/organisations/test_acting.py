"""Acting for one of several organisations; a trust's people act for its schools."""

import pytest

from portal.accounts.member_services import add_member
from portal.accounts.queries import actor_by_email, members_with_permission
from portal.audit.queries import trail_of
from portal.database import db
from portal.organisations.member_services import deactivate_organisation
from tests.factories.accounts import (
    a_council_administrator,
    a_person,
    a_provider_person,
    a_school_person,
    a_trust_of,
    an_organisation,
)
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service
from tests.web_client import sign_in


@pytest.fixture
def trust(session):
    group, schools = a_trust_of(2)
    return a_person(group, "commissioner", "administrator", name="Amara"), group, schools


def acting(person, organisation):
    return actor_by_email(person.email, organisation.id)


def test_a_trusts_person_has_in_a_school_the_roles_of_that_school(trust):
    person, group, (_, second) = trust
    actor = acting(person, second)
    assert (actor.organisation_id, actor.organisation_kind, actor.through) == (
        second.id,
        "school",
        group.name,
    )
    assert actor.may("referral:send") and len(actor.choices) == 3


def test_the_first_school_is_chosen_until_somebody_chooses(trust):
    person, _, schools = trust
    assert actor_by_email(person.email).organisation_id == min(schools, key=lambda each: each.name).id


def test_for_the_trust_itself_one_manages_people_and_refers_no_child(trust):
    person, group, _ = trust
    actor = acting(person, group)
    assert actor.permissions == {"organisation:manage"}


def test_the_trail_names_trust_and_school(trust):
    person, group, (first, _) = trust
    referral = a_referral(a_service(), acting(person, first))
    line = trail_of("referral", referral.id)[0]
    assert line["actor_name"] == f"Amara ({group.name}, for {first.name})"


def test_a_trusts_people_get_the_letters_of_its_schools(trust):
    person, _, (first, _) = trust
    told = members_with_permission(first.id, "referral:send")
    assert [row["email"] for row in told] == [person.email]


def test_a_school_of_another_trust_is_no_choice(trust, client):
    person, _, _ = trust
    other = an_organisation("school")
    sign_in(client, person.email)
    assert client.post("/acting-for", data={"organisation_id": str(other.id)}).status_code == 404
    assert client.post("/acting-for", data={"organisation_id": "nonsense"}).status_code == 404


def test_one_chooses_on_a_page_and_the_header_says_for_whom(trust, client):
    person, _, (_, second) = trust
    sign_in(client, person.email)
    assert second.name in client.get("/acting-for").get_data(as_text=True)
    assert client.post("/acting-for", data={"organisation_id": str(second.id)}).status_code == 303
    page = client.get("/organisation").get_data(as_text=True)
    assert f">{second.name}</h1>" in page and "change" in page


def test_what_one_school_sent_is_not_shown_for_another(trust, client):
    person, _, (first, second) = trust
    referral = a_referral(a_service(), acting(person, first))
    sign_in(client, person.email)
    client.post("/acting-for", data={"organisation_id": str(first.id)})
    assert client.get(f"/referrals/{referral.id}").status_code == 200
    client.post("/acting-for", data={"organisation_id": str(second.id)})
    assert client.get(f"/referrals/{referral.id}").status_code == 404


def test_a_deactivated_trust_acts_for_none_of_its_schools(trust):
    person, group, (first, _) = trust
    deactivate_organisation(organisation_id=group.id, reason="Closed.", by=a_council_administrator())
    db.session.expire_all()
    assert acting(person, first).permissions == frozenset()
    assert members_with_permission(first.id, "referral:send") == []


def test_a_choice_that_is_gone_falls_back_to_the_first(session):
    person = a_school_person()
    assert actor_by_email(person.email).organisation_id == person.organisation_id
    other = an_organisation("school")
    add_member(person_id=person.person_id, organisation_id=other.id, roles=["commissioner"], by=person)
    db.session.expire_all()
    assert acting(person, other).organisation_id == other.id
    assert acting(person, an_organisation("school")).organisation_id == person.organisation_id


def test_somebody_with_one_organisation_is_not_asked(session, client):
    sign_in(client, a_provider_person().email)
    assert "/acting-for" not in client.get("/").get_data(as_text=True)
