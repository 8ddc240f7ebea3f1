"""Members: roles, suspending, removing, leaving; an administrator always stays."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier

import pytest
from sqlalchemy import select, text

from portal.accounts.access import Actor
from portal.accounts.member_services import (
    ConflictOfInterest,
    LastAdministrator,
    add_member,
    leave,
    restore_member,
)
from portal.accounts.models import Membership, Organisation
from portal.accounts.permissions import INCOMPATIBLE, ROLE_MEANINGS, ROLE_NAMES, ROLES
from portal.accounts.queries import actor_by_email
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from portal.organisations.member_services import change_roles, remove_member, suspend_member
from tests.factories.accounts import a_council, a_council_administrator, a_person, a_provider_person
from tests.factories.directory import a_colleague
from tests.factories.organisations import letters_to
from tests.web_client import sign_in


def membership_id(person: Actor) -> int:
    found = select(Membership.id).where(
        Membership.person_id == person.person_id, Membership.organisation_id == person.organisation_id
    )
    return db.session.scalars(found).one()


def test_every_role_has_a_name_and_says_what_it_is_for():
    for kind, roles in ROLES.items():
        assert set(roles) == set(ROLE_MEANINGS[kind]) and set(roles) <= set(ROLE_NAMES)


def test_changed_roles_hold_at_once_and_are_told_by_letter(session):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    change_roles(membership_id=membership_id(editor), roles=["certifier"], by=administrator)
    assert actor_by_email(editor.email).roles == {"certifier"}
    assert "Certifier" in letters_to(editor.email)[-1].body


def test_saving_the_same_roles_writes_no_letter(session):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    change_roles(membership_id=membership_id(editor), roles=["editor"], by=administrator)
    assert letters_to(editor.email) == []


@pytest.mark.parametrize("roles", [[], ["approver"], ["commissioner", "editor"]])
def test_roles_that_the_organisation_does_not_have_are_refused(session, roles):
    administrator = a_provider_person()
    with pytest.raises(Refusal, match="role"):
        change_roles(membership_id=membership_id(administrator), roles=roles, by=administrator)


@pytest.mark.parametrize("pair", INCOMPATIBLE, ids=lambda pair: "-".join(sorted(pair)))
def test_roles_that_one_person_may_not_hold_together_are_refused(session, pair):
    administrator = a_council_administrator()
    colleague = a_colleague(administrator, "moderator")
    with pytest.raises(Refusal, match="cannot be both"):
        change_roles(membership_id=membership_id(colleague), roles=sorted(pair), by=administrator)


def test_a_second_membership_cannot_bring_together_what_must_stay_apart(session):
    administrator = a_council_administrator()
    evaluator = a_colleague(administrator, "evaluator")
    with pytest.raises(Refusal, match="cannot be both"):
        add_member(
            person_id=evaluator.person_id,
            organisation_id=administrator.organisation_id,
            roles=["approver"],
            by=administrator,
        )


def test_whoever_applies_is_not_taken_into_the_council(session):
    provider, council = a_provider_person(), a_council()
    with pytest.raises(ConflictOfInterest):
        add_member(person_id=provider.person_id, organisation_id=council.id, roles=["evaluator"], by=provider)


@pytest.mark.parametrize("change", [remove_member, suspend_member])
def test_the_only_administrator_stays(session, change):
    administrator = a_provider_person()
    a_colleague(administrator, "editor")
    with pytest.raises(LastAdministrator):
        change(membership_id=membership_id(administrator), by=administrator)
    with pytest.raises(LastAdministrator):
        change_roles(membership_id=membership_id(administrator), roles=["editor"], by=administrator)
    with pytest.raises(LastAdministrator):
        leave(by=administrator)


def test_an_administrator_who_cannot_act_does_not_count(session):
    administrator = a_provider_person()
    other = a_colleague(administrator, "administrator")
    suspend_member(membership_id=membership_id(other), by=administrator)
    with pytest.raises(LastAdministrator):
        leave(by=administrator)


def test_an_administrator_who_cannot_sign_in_does_not_count(session):
    administrator = a_provider_person()
    other = a_colleague(administrator, "administrator")
    session.execute(text("UPDATE person SET active = false WHERE id = :id"), {"id": other.person_id})
    with pytest.raises(LastAdministrator):
        leave(by=administrator)


def test_one_of_two_administrators_may_leave(session):
    administrator = a_provider_person()
    other = a_colleague(administrator, "administrator")
    leave(by=administrator)
    assert actor_by_email(administrator.email).organisation_id is None
    with pytest.raises(LastAdministrator):
        leave(by=other)


def test_a_suspended_member_can_do_nothing_until_let_back(session, client):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    sign_in(client, editor.email)
    suspend_member(membership_id=membership_id(editor), by=administrator)
    assert client.get("/referrals").status_code == 403
    restore_member(membership_id=membership_id(editor), by=administrator)
    assert client.get("/referrals").status_code == 200


def test_a_removed_member_sees_nothing_any_more_and_is_told(session, client):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    sign_in(client, editor.email)
    remove_member(membership_id=membership_id(editor), by=administrator)
    assert client.get("/organisation").status_code == 404
    assert "no member of it any more" in letters_to(editor.email)[-1].body


@pytest.mark.parametrize("verb", ["", "/suspend", "/restore", "/remove"])
def test_members_of_another_organisation_look_as_if_they_were_not_there(session, client, verb):
    other = a_provider_person()
    sign_in(client, a_provider_person().email)
    answer = client.post(f"/organisation/people/{membership_id(other)}{verb}", data={"roles": "editor"})
    assert answer.status_code == 404
    assert actor_by_email(other.email).roles == {"administrator"}


def test_only_administrators_manage_people(session, client):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    sign_in(client, editor.email)
    assert client.get("/organisation/people").status_code == 403
    answer = client.post(f"/organisation/people/{membership_id(editor)}", data={"roles": "administrator"})
    assert answer.status_code == 403
    assert actor_by_email(editor.email).roles == {"editor"}


def test_services_refuse_whoever_does_not_manage(session):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    for change in (remove_member, suspend_member):
        with pytest.raises(NotFound):
            change(membership_id=membership_id(administrator), by=editor)


def test_the_page_refuses_to_remove_the_only_administrator_in_words(session, client):
    administrator = a_provider_person()
    sign_in(client, administrator.email)
    answer = client.post(f"/organisation/people/{membership_id(administrator)}/remove")
    assert answer.status_code == 422
    assert "only administrator" in answer.get_data(as_text=True)


def test_leaving_takes_a_page_and_a_click(session, client):
    administrator = a_provider_person()
    editor = a_colleague(administrator, "editor")
    sign_in(client, editor.email)
    assert client.get("/organisation/leave").status_code == 200
    assert client.post("/organisation/leave").status_code == 303
    assert "You belong to no organisation yet" in client.get("/").get_data(as_text=True)


def test_two_administrators_who_leave_at_the_same_moment_leave_one(racing):
    with racing.app_context():
        first = a_provider_person()
        people = [first, a_colleague(first, "administrator")]
        organisation_id = first.organisation_id
    together = Barrier(2)

    def go(person: Actor) -> str:
        with racing.app_context():
            together.wait()
            try:
                leave(by=person)
            except LastAdministrator:
                return "stays"
            return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, people)) == ["left", "stays"]
    with racing.app_context():
        held = select(Membership.id).where(Membership.organisation_id == organisation_id)
        assert len(db.session.scalars(held).all()) == 1
        assert db.session.get_one(Organisation, organisation_id)


def test_an_administrator_who_leaves_waits_for_another_who_is_about_to(racing):
    def go(person: Actor) -> None:
        with racing.app_context():
            leave(by=person)

    with racing.app_context(), ThreadPoolExecutor(1) as pool:
        first = a_provider_person()
        second = a_colleague(first, "administrator")
        with transaction():
            leave(by=first)
            leaving = pool.submit(go, second)
            assert wait([leaving], timeout=0.5).not_done
        with pytest.raises(LastAdministrator):
            leaving.result()


def test_a_person_of_the_council_who_is_deactivated_is_signed_out(session, client):
    administrator = a_council_administrator()
    colleague = a_person(db.session.get_one(Organisation, administrator.organisation_id), "auditor")
    sign_in(client, colleague.email)
    assert client.get("/administration/organisations").status_code == 200
    from portal.accounts.member_services import deactivate_person

    deactivate_person(person_id=colleague.person_id, by=administrator)
    assert client.get("/administration/organisations").location.startswith("/sign-in")
