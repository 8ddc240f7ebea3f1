"""Invitations: sending, sending again, withdrawing and accepting them."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.member_services import add_member, chosen_roles, locked_organisation, may_manage
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.queries import person_by_email
from portal.accounts.services import register_person
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.organisations import letters
from portal.organisations.lifecycle import INVITATION
from portal.organisations.models import Invitation, hash_of

LASTS = timedelta(days=14)


class InvitationOver(Conflict):
    """Used, withdrawn, replaced by a newer letter, run out, or never sent: the page says the same of all."""

    sentence = (
        "This invitation does not work any more: it was used or withdrawn, it ran out, or a newer one was "
        "sent. Ask the person who invited you to send it again."
    )


class ForSomebodyElse(Refusal):
    """An invitation is for the address it was sent to."""

    sentence = "This invitation was sent to another email address. Sign in with that one to accept it."


def invite(
    *, organisation_id: int, email: str, roles: Sequence[str], portal_url: str, by: Actor
) -> Invitation:
    """Invite an address to take these roles, by a letter whose link works once and for 14 days.

    Raises `NotFound` for somebody else's organisation, and `Refusal` for a member, an address that is invited
    already, no roles, or roles that clash.
    """
    email = email.strip()
    if not may_manage(by, organisation_id):
        raise NotFound()
    with transaction() as session:
        organisation = locked_organisation(organisation_id)
        granted = chosen_roles(organisation.kind, roles)
        _refuse_known(organisation_id, email)
        token, now = secrets.token_urlsafe(32), clock.now()
        invitation = Invitation(
            organisation_id=organisation_id,
            email=email,
            roles=granted,
            token_hash=hash_of(token),
            sent_at=now,
            sent_by_id=by.person_id,
            expires_at=now + LASTS,
        )
        session.add(invitation)
        session.flush()
        record("invitation.send", "organisation", organisation_id, by=by, email=email, roles=granted)
        _write(invitation, organisation, token, portal_url, by)
    return invitation


def send_again(*, invitation_id: int, portal_url: str, by: Actor) -> Invitation:
    """A new letter with a new link for another 14 days; the old link stops. Raises `NotFound`, `Conflict`."""
    with transaction():
        invitation, organisation = _managed(invitation_id, by)
        if invitation.state != "sent":
            raise InvitationOver()
        token, now = secrets.token_urlsafe(32), clock.now()
        invitation.token_hash = hash_of(token)
        invitation.sent_at, invitation.expires_at = now, now + LASTS
        invitation.times_sent += 1
        record("invitation.send_again", "organisation", organisation.id, by=by, email=invitation.email)
        _write(invitation, organisation, token, portal_url, by)
    return invitation


def revoke(*, invitation_id: int, by: Actor) -> Invitation:
    """The link stops working. Raises `NotFound` and `MoveRefused`."""
    with transaction():
        invitation, _ = _managed(invitation_id, by)
        move(INVITATION, invitation, "revoke", by=by)
    return invitation


def accept(*, token: str, by: Actor) -> Membership:
    """Somebody with an account accepts. Raises `InvitationOver`, `ForSomebodyElse`, `ConflictOfInterest`."""
    with transaction():
        invitation = _open(token)
        if by.person_id is None or by.email.strip().lower() != invitation.email.lower():
            raise ForSomebodyElse()
        return _take(invitation, by.person_id, by)


def accept_own(*, invitation_id: int, by: Actor) -> Membership:
    """Accept from the home page: signed in with the address, once it is confirmed, one need not look for the
    letter. Raises `NotFound`, `InvitationOver`, `ConflictOfInterest`."""
    with transaction() as session:
        invitation = session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
        theirs = invitation and by.confirmed and by.email.lower() == invitation.email.lower()
        if invitation is None or by.person_id is None or not theirs:
            raise NotFound()
        if invitation.state != "sent" or invitation.expires_at <= clock.now():
            raise InvitationOver()
        return _take(invitation, by.person_id, by)


def accept_as_newcomer(*, token: str, name: str, password: str) -> Person:
    """Somebody without an account accepts and so registers. The letter's link proves the address.

    Raises `InvitationOver`, `EmailTaken`, `PasswordTooWeak`, `ConflictOfInterest`.
    """
    with transaction():
        invitation = _open(token)
        organisation = db.session.get_one(Organisation, invitation.organisation_id)
        person = register_person(
            name=name,
            email=invitation.email,
            password=password,
            organisation=organisation,
            roles=invitation.roles,
            by=Actor(None, name, invitation.email),
            confirmed=True,
        )
        actor = Actor(person.id, person.name, person.email)
        move(INVITATION, invitation, "accept", by=actor)
        record(
            "member.add", "organisation", organisation.id, by=actor, person=person.id, roles=invitation.roles
        )
    return person


def _take(invitation: Invitation, person_id: int, by: Actor) -> Membership:
    membership = add_member(
        person_id=person_id, organisation_id=invitation.organisation_id, roles=invitation.roles, by=by
    )
    move(INVITATION, invitation, "accept", by=by)
    return membership


def _open(token: str) -> Invitation:
    """The invitation that this token opens now, locked. Raises `InvitationOver`."""
    invitation = db.session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == hash_of(token), Invitation.state == "sent")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None or invitation.expires_at <= clock.now():
        raise InvitationOver()
    return invitation


def _managed(invitation_id: int, by: Actor) -> tuple[Invitation, Organisation]:
    invitation = db.session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if invitation is None or not may_manage(by, invitation.organisation_id):
        raise NotFound()
    return invitation, db.session.get_one(Organisation, invitation.organisation_id)


def _refuse_known(organisation_id: int, email: str) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Refusal("Enter an email address in the correct format, like name@example.org.", field="email")
    person = person_by_email(email)
    member = person and db.session.scalar(
        select(Membership.id).where(
            Membership.person_id == person.id, Membership.organisation_id == organisation_id
        )
    )
    if member:
        raise Refusal("This person is a member already. Change their roles instead.", field="email")
    invited = select(Invitation.id).where(
        Invitation.organisation_id == organisation_id,
        func.lower(Invitation.email) == email.lower(),
        Invitation.state == "sent",
    )
    if db.session.scalar(invited):
        raise Refusal(
            "This address is invited already. Send that invitation again, or withdraw it.", field="email"
        )


def _write(
    invitation: Invitation, organisation: Organisation, token: str, portal_url: str, by: Actor
) -> None:
    words = letters.invited(
        organisation=organisation.name,
        by=by.name,
        roles=invitation.roles,
        expires_at=invitation.expires_at,
        address=f"{portal_url}/invitations/{token}",
    )
    letters.send(
        words,
        [{"name": invitation.email, "email": invitation.email}],
        key=f"invitation:{invitation.id}:{invitation.times_sent}",
        subject=("invitation", invitation.id),
        organisation_id=organisation.id,
        by=by,
    )
