"""What an organisation's administrator, or the council's, does to members: with the letter that says so.

Written by the services of accounts; here each change gets its letter, in the same transaction.
"""

from collections.abc import Callable, Sequence

from portal import clock
from portal.accounts import member_services as accounts
from portal.accounts import organisation_services
from portal.accounts.access import Actor
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.queries import members_of, members_with_permission
from portal.database import db, transaction
from portal.organisations import letters


def change_roles(*, membership_id: int, roles: Sequence[str], by: Actor) -> None:
    """Give a member other roles and tell them. Raises as `accounts.member_services.change_roles`."""
    with transaction() as session:
        membership, organisation = accounts.locked_membership(membership_id, by)
        before = sorted(membership.roles)
        accounts.change_roles(membership_id=membership_id, roles=roles, by=by)
        session.flush()
        if sorted(membership.roles) != before:
            words = letters.roles_changed(organisation=organisation.name, roles=membership.roles, by=by.name)
            _tell(words, membership, "roles", by)


def suspend_member(*, membership_id: int, by: Actor) -> None:
    """A member may not act for the time being, and is told."""
    _end(membership_id, accounts.suspend_member, True, by)


def remove_member(*, membership_id: int, by: Actor) -> None:
    """A person is no member any more, and is told."""
    _end(membership_id, accounts.remove_member, False, by)


def _end(membership_id: int, change: Callable[..., Membership], suspended: bool, by: Actor) -> None:
    with transaction():
        membership, organisation = accounts.locked_membership(membership_id, by)
        if suspended and not membership.active:
            return  # a second click; they are told once
        words = letters.membership_ended(organisation=organisation.name, by=by.name, suspended=suspended)
        _tell(words, membership, "suspended" if suspended else "removed", by)
        change(membership_id=membership_id, by=by)


def check_organisation(*, organisation_id: int, portal_url: str, by: Actor) -> None:
    """The council's check is passed; its administrators are told. Raises `NotFound`, `MoveRefused`."""
    with transaction():
        organisation = organisation_services.check(organisation_id=organisation_id, by=by)
        words = letters.checked(organisation=organisation.name, address=f"{portal_url}/")
        _tell_members(words, organisation, "checked", by)


def refuse_organisation(*, organisation_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """It does not pass; its people are told why. Raises `NotFound`, `MoveRefused`, `Refusal`."""
    with transaction():
        organisation = organisation_services.refuse(organisation_id=organisation_id, reason=reason, by=by)
        words = letters.refused(
            organisation=organisation.name,
            reason=organisation.state_reason,
            address=f"{portal_url}/organisation",
        )
        _tell_members(words, organisation, "refused", by)


def deactivate_organisation(*, organisation_id: int, reason: str, by: Actor) -> None:
    """Its people may read why, and nothing else. Raises `NotFound`, `MoveRefused`, `Refusal`."""
    with transaction():
        organisation = organisation_services.deactivate(organisation_id=organisation_id, reason=reason, by=by)
        words = letters.deactivated(organisation=organisation.name, reason=organisation.state_reason)
        _tell_members(words, organisation, "deactivated", by)


def reactivate_organisation(*, organisation_id: int, portal_url: str, by: Actor) -> None:
    """It may act again, and its people are told. Raises `NotFound`, `MoveRefused`."""
    with transaction():
        organisation = organisation_services.reactivate(organisation_id=organisation_id, by=by)
        words = letters.reactivated(organisation=organisation.name, address=f"{portal_url}/")
        _tell_members(words, organisation, "reactivated", by)


def has_administrator(organisation_id: int) -> bool:
    """Whether somebody of the organisation itself can answer for it."""
    return bool(members_with_permission(organisation_id, "organisation:manage"))


def _tell(words: letters.Words, membership: Membership, event: str, by: Actor) -> None:
    person = db.session.get_one(Person, membership.person_id)
    letters.send(
        words,
        [{"name": person.name, "email": person.email}],
        key=f"membership:{membership.id}:{event}:{clock.now().isoformat()}",
        subject=("organisation", membership.organisation_id),
        organisation_id=membership.organisation_id,
        by=by,
    )


def _tell_members(words: letters.Words, organisation: Organisation, event: str, by: Actor) -> None:
    letters.send(
        words,
        members_of([organisation.id]).get(organisation.id, []),
        key=f"organisation:{organisation.id}:{event}:{clock.now().isoformat()}",
        subject=("organisation", organisation.id),
        organisation_id=organisation.id,
        by=by,
    )
