"""Memberships: giving, changing and ending them, with an administrator left in every organisation.

Each of these locks the organisation's row first, so that two administrators who let each other go at the same
moment come one after the other, and the second finds itself the last.
"""

from collections.abc import Iterable

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.permissions import ROLES
from portal.accounts.services import refuse_clash
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal

ADMINISTRATOR = "administrator"


class LastAdministrator(Refusal):
    """Without an administrator nobody could invite anybody any more."""

    sentence = (
        "This is the only administrator of the organisation. Make somebody else an administrator first."
    )


class ConflictOfInterest(Refusal):
    """Whoever applies must not be among those who judge (Procurement Act 2023, section 83)."""

    sentence = (
        "One person cannot belong to a provider and to the council. Use another person for one of the two."
    )


def chosen_roles(kind: str, roles: Iterable[str]) -> list[str]:
    """Roles as they are kept. Raises `Refusal` for none, for unknown ones and for two that clash."""
    granted = sorted(set(roles))
    if not granted:
        raise Refusal("Choose at least one role.", field="roles")
    if set(granted) - set(ROLES[kind]):
        raise Refusal("Choose from the roles of this organisation.", field="roles")
    refuse_clash(granted)
    return granted


def add_member(*, person_id: int, organisation_id: int, roles: Iterable[str], by: Actor) -> Membership:
    """Give a person roles in an organisation; those that they have there already are kept.

    Raises `ConflictOfInterest` for somebody of a provider in a council (and the other way round), and
    `Refusal` for roles that clash.
    """
    with transaction() as session:
        organisation = locked_organisation(organisation_id)
        # One person cannot be taken into two organisations at the same moment.
        session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
        _refuse_conflict_of_interest(person_id, organisation)
        membership = session.scalar(
            select(Membership).where(
                Membership.person_id == person_id, Membership.organisation_id == organisation_id
            )
        )
        held = membership.roles if membership else []
        granted = chosen_roles(organisation.kind, {*roles, *held})
        if membership is None:
            membership = Membership(person_id=person_id, organisation_id=organisation_id)
            session.add(membership)
        membership.roles, membership.active = granted, True
        session.flush()
        _record("add", membership, by)
    return membership


def change_roles(*, membership_id: int, roles: Iterable[str], by: Actor) -> Membership:
    """Give a member other roles. Raises `NotFound`, `LastAdministrator`, `Refusal`."""
    with transaction():
        membership, organisation = locked_membership(membership_id, by)
        granted = chosen_roles(organisation.kind, roles)
        if granted == sorted(membership.roles):
            return membership
        if ADMINISTRATOR not in granted:
            _keep_an_administrator(membership)
        before, membership.roles = membership.roles, granted
        _record("change_roles", membership, by, before=before)
    return membership


def suspend_member(*, membership_id: int, by: Actor) -> Membership:
    """A member may not act for the organisation until `restore_member`. Raises as `change_roles`."""
    with transaction():
        membership, _ = locked_membership(membership_id, by)
        if membership.active:
            _keep_an_administrator(membership)
            membership.active = False
            _record("suspend", membership, by)
    return membership


def restore_member(*, membership_id: int, by: Actor) -> Membership:
    """A member may act again. Raises `NotFound`."""
    with transaction():
        membership, _ = locked_membership(membership_id, by)
        if not membership.active:
            membership.active = True
            _record("restore", membership, by)
    return membership


def remove_member(*, membership_id: int, by: Actor) -> Membership:
    """A person is no member any more; what they did stays in the trail. Raises as `change_roles`."""
    with transaction() as session:
        membership, _ = locked_membership(membership_id, by)
        _keep_an_administrator(membership)
        _record("remove", membership, by)
        session.delete(membership)
    return membership


def leave(*, by: Actor) -> Membership:
    """The actor leaves the organisation for which they act. Raises `NotFound` and `LastAdministrator`."""
    with transaction() as session:
        locked_organisation(by.organisation_id)
        membership = session.scalar(
            select(Membership)
            .where(Membership.person_id == by.person_id, Membership.organisation_id == by.organisation_id)
            .execution_options(populate_existing=True)
        )
        if membership is None:
            raise NotFound()
        _keep_an_administrator(membership)
        _record("leave", membership, by)
        session.delete(membership)
    return membership


def deactivate_person(*, person_id: int, by: Actor) -> Person:
    """Nobody can sign in as this person, and every session of theirs has ended. Raises `NotFound`."""
    if person_id == by.person_id:
        raise Refusal("You cannot deactivate yourself. Ask another administrator.")
    return _switch(person_id, False, "deactivate", by)


def reactivate_person(*, person_id: int, by: Actor) -> Person:
    """The person may sign in again. Raises `NotFound`."""
    return _switch(person_id, True, "reactivate", by)


def _switch(person_id: int, active: bool, action: str, by: Actor) -> Person:
    if not by.may("people:manage"):
        raise NotFound()
    with transaction() as session:
        person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
        if person is None:
            raise NotFound()
        if person.active != active:
            person.active = active
            record(f"person.{action}", "person", person.id, by=by)
    return person


def locked_organisation(organisation_id: int | None) -> Organisation:
    """The organisation, locked until the commit, as it is now. Raises `NotFound`."""
    organisation = db.session.get(
        Organisation, organisation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if organisation is None:
        raise NotFound()
    return organisation


def locked_membership(membership_id: int, by: Actor) -> tuple[Membership, Organisation]:
    """A membership that `by` may manage, with its organisation locked. Raises `NotFound`."""
    organisation_id = db.session.scalar(
        select(Membership.organisation_id).where(Membership.id == membership_id)
    )
    if organisation_id is None or not may_manage(by, organisation_id):
        raise NotFound()
    organisation = locked_organisation(organisation_id)
    membership = db.session.get(Membership, membership_id, populate_existing=True)
    if membership is None:
        raise NotFound()
    return membership, organisation


def may_manage(viewer: Actor, organisation_id: int) -> bool:
    """Whether the viewer manages this organisation's people: their own, or any as the council's people."""
    own = viewer.may("organisation:manage") and viewer.organisation_id == organisation_id
    return own or viewer.may("people:manage")


def _keep_an_administrator(leaving: Membership) -> None:
    """Raise `LastAdministrator` when nobody else who can sign in would administer the organisation."""
    if ADMINISTRATOR not in leaving.roles or not leaving.active:
        return
    others = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id == leaving.organisation_id,
            Membership.id != leaving.id,
            Membership.active,
            Membership.roles.contains([ADMINISTRATOR]),
            Person.active,
        )
        .limit(1)
    )
    if db.session.scalar(others) is None:
        raise LastAdministrator()


def _refuse_conflict_of_interest(person_id: int, organisation: Organisation) -> None:
    other = {"provider": "council", "council": "provider"}.get(organisation.kind)
    if other is None:
        return
    clashing = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, Organisation.kind == other)
    )
    if db.session.scalar(clashing) is not None:
        raise ConflictOfInterest()


def _record(action: str, membership: Membership, by: Actor, **details: object) -> None:
    """In the trail of the organisation, where its administrator looks for it."""
    record(
        f"member.{action}",
        "organisation",
        membership.organisation_id,
        by=by,
        person=membership.person_id,
        roles=sorted(membership.roles),
        **details,
    )
