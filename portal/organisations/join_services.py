"""Requests to join an organisation that is registered already: asking, approving, declining, withdrawing."""

from collections.abc import Sequence

from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.credentials import check_password, hash_password
from portal.accounts.member_services import add_member, may_manage
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.queries import members_with_permission, person_by_email
from portal.accounts.services import register_person
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from portal.organisations import letters
from portal.organisations.lifecycle import JOIN_REQUEST
from portal.organisations.models import JOINABLE, JoinRequest
from portal.sign_in import letters as sign_in
from portal.sign_in import mailed, throttle


def ask_to_join(*, organisation_id: int, message: str, portal_url: str, by: Actor) -> JoinRequest:
    """Ask its administrators or, where it has none, the council's, to become a member.

    Asked twice, it is one request. Raises `NotFound` for a council or a deactivated organisation, and
    `Refusal` for a member.
    """
    with transaction() as session:
        organisation = session.get(Organisation, organisation_id)
        joinable = organisation and organisation.kind in JOINABLE and organisation.state != "deactivated"
        if not organisation or not joinable or by.person_id is None:
            raise NotFound()
        session.get_one(Person, by.person_id, with_for_update=True)
        if _is_member(by.person_id, organisation_id):
            raise Refusal("You are a member of this organisation already.")
        waiting = session.scalar(
            select(JoinRequest).where(
                JoinRequest.person_id == by.person_id,
                JoinRequest.organisation_id == organisation_id,
                JoinRequest.state == "asked",
            )
        )
        if waiting:
            return waiting
        request = JoinRequest(
            organisation_id=organisation_id,
            person_id=by.person_id,
            message=message.strip(),
            asked_at=clock.now(),
        )
        session.add(request)
        session.flush()
        record("join_request.ask", "organisation", organisation_id, by=by, request=request.id)
        _tell_those_who_answer(request, organisation, portal_url, by)
    return request


def register_and_ask(
    *,
    organisation_id: int,
    name: str,
    email: str,
    password: str,
    message: str,
    network: str,
    portal_url: str,
) -> None:
    """A person without an account registers and asks; the letter to their address says how it goes on.

    An address that has an account gets a letter that says so, and nothing is asked: whoever sent the form is
    told the same in both cases. Raises `PasswordTooWeak`, `TooMany`, `NotFound`.
    """
    throttle.attempt_or_refuse(throttle.REGISTRATIONS, network)
    check_password(password, name, email)
    with transaction():
        if owner := person_by_email(email):
            hash_password(password)  # as much work as for a new person
            if throttle.attempt(throttle.LETTERS, "registered", owner.email) is None:
                sign_in.write_already_registered(
                    name=owner.name, email=owner.email, portal_url=portal_url, by=THE_PORTAL, about=owner.id
                )
            return
        person = register_person(name=name, email=email, password=password, by=THE_PORTAL, confirmed=False)
        actor = Actor(person.id, person.name, person.email)
        ask_to_join(organisation_id=organisation_id, message=message, portal_url=portal_url, by=actor)
        sign_in.write_confirmation(
            name=name,
            email=person.email,
            mailed=mailed.issue(purpose="confirm", person_id=person.id, email=person.email),
            portal_url=portal_url,
            by=actor,
        )


def approve_join(*, request_id: int, roles: Sequence[str], portal_url: str, by: Actor) -> Membership:
    """Take the person in with these roles; a second click changes nothing.

    Raises `NotFound`, `MoveRefused` for a request that was declined or withdrawn, `Refusal` for an address
    that is not confirmed, no roles, or roles that clash.
    """
    with transaction() as session:
        request = _answerable(request_id, by)
        if request.state == "approved" and (membership := _membership(request)):
            return membership
        if session.get_one(Person, request.person_id).confirmed_at is None:
            raise Refusal("This person has not confirmed their email address yet. Ask them to, then approve.")
        move(JOIN_REQUEST, request, "approve", by=by)
        membership = add_member(
            person_id=request.person_id, organisation_id=request.organisation_id, roles=roles, by=by
        )
        organisation = db.session.get_one(Organisation, request.organisation_id)
        words = letters.join_approved(
            organisation=organisation.name, roles=membership.roles, address=f"{portal_url}/"
        )
        _answer(words, request, "approved", by)
    return membership


def decline_join(*, request_id: int, reason: str, by: Actor) -> None:
    """Say no, with a reason if there is one to give. Raises `NotFound` and `MoveRefused`."""
    with transaction():
        request = _answerable(request_id, by)
        if request.state == "declined":
            return  # a second click
        request.reason = reason.strip()
        move(JOIN_REQUEST, request, "decline", by=by)
        organisation = db.session.get_one(Organisation, request.organisation_id)
        words = letters.join_declined(organisation=organisation.name, reason=request.reason)
        _answer(words, request, "declined", by)


def withdraw_join(*, request_id: int, by: Actor) -> None:
    """The person asks no more. Raises `NotFound` for somebody else's, `MoveRefused` for an answered one."""
    with transaction() as session:
        request = session.get(JoinRequest, request_id, with_for_update=True, populate_existing=True)
        if request is None or request.person_id != by.person_id:
            raise NotFound()
        move(JOIN_REQUEST, request, "withdraw", by=by)


def council_administrators() -> list[int]:
    """The councils of this portal, whose administrators answer for organisations that have none."""
    return list(db.session.scalars(select(Organisation.id).where(Organisation.kind == "council")))


def _is_member(person_id: int, organisation_id: int) -> bool:
    held = select(Membership.id).where(
        Membership.person_id == person_id, Membership.organisation_id == organisation_id
    )
    return db.session.scalar(held) is not None


def _membership(request: JoinRequest) -> Membership | None:
    return db.session.scalar(
        select(Membership).where(
            Membership.person_id == request.person_id,
            Membership.organisation_id == request.organisation_id,
        )
    )


def _answerable(request_id: int, by: Actor) -> JoinRequest:
    request = db.session.get(JoinRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or not may_manage(by, request.organisation_id):
        raise NotFound()
    return request


def _tell_those_who_answer(
    request: JoinRequest, organisation: Organisation, portal_url: str, by: Actor
) -> None:
    readers = members_with_permission(organisation.id, "organisation:manage")
    address = f"{portal_url}/organisation/requests/{request.id}"
    if not readers:
        address = f"{portal_url}/administration/organisations/{organisation.id}"
        readers = [
            reader
            for council in council_administrators()
            for reader in members_with_permission(council, "people:manage")
        ]
    words = letters.asked_to_join(
        person=f"{by.name} ({by.email})",
        organisation=organisation.name,
        message=request.message,
        address=address,
    )
    letters.send(
        words,
        readers,
        key=f"join_request:{request.id}:asked",
        subject=("join_request", request.id),
        organisation_id=organisation.id,
        by=by,
    )


def _answer(words: letters.Words, request: JoinRequest, event: str, by: Actor) -> None:
    person = db.session.get_one(Person, request.person_id)
    letters.send(
        words,
        [{"name": person.name, "email": person.email}],
        key=f"join_request:{request.id}:{event}",
        subject=("join_request", request.id),
        organisation_id=request.organisation_id,
        by=by if by.person_id else THE_PORTAL,
    )
