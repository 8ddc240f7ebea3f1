"""The first step, the second step, and what letters carry: confirmation, a new address, a new password.

Whether an address has an account is told to nobody but its owner: for both cases there is the same work, the
same answer and a letter, in which they differ.
"""

import secrets
from collections.abc import Iterable

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.credentials import check_password, confirm_email, is_password, set_password
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.accounts.services import register_provider
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Refusal
from portal.sign_in import letters, mailed, throttle
from portal.sign_in.authenticator import use_code
from portal.sign_in.passkeys import PasskeyRefused
from portal.sign_in.queries import factors_of, person_id_of
from portal.sign_in.recovery import use_recovery_code
from portal.sign_in.throttle import TooMany, attempt, attempt_or_refuse, forgive, take_back


class WrongPassword(Refusal):
    """The address or the password is not right; which of them is not said."""

    sentence = "The email address or the password is not right. Check both and try again."


class WrongSecondStep(Refusal):
    """Neither a fresh code of the app nor a recovery code."""

    sentence = "That code is not right, or was used already. Wait for the next one in your app and enter it."


class WrongLetterCode(Refusal):
    """Not the code of the newest letter, or too old, or guessed at too often."""

    sentence = "That code is not right, or too old. Check the newest letter, or ask for another one."


def as_actor(person: Person) -> Actor:
    """The person as whoever does a thing about themselves."""
    return Actor(person.id, person.name, person.email)


def first_step(*, email: str, password: str, network: str, device: str, knows: Iterable[int]) -> Person:
    """The person whom this address and password belong to.

    `device` is a browser that has signed the people `knows` in before: for them it is counted by itself.
    Raises `WrongPassword`, and `TooMany` unless the password is right and a second step follows.
    """
    known = person_id_of(email) in set(knows)
    pair = ("device", device, email) if known else ("network", network, email)
    free_at = attempt(throttle.PASSWORD, *pair)
    if not known:
        by_network = attempt(throttle.NETWORK, network)
        free_at = max(filter(None, (free_at, by_network)), default=None)
    person = person_by_email(email)
    right = is_password(person, password)
    if person is None or not right or not person.active:
        if not free_at:
            _failed(person, "password")
        raise TooMany(free_at) if free_at else WrongPassword()
    if free_at and not factors_of(person.id).any:
        raise TooMany(free_at)
    forgive(throttle.PASSWORD, *pair)
    if not known:
        take_back(throttle.NETWORK, network)
    return person


def second_step(*, person: Person, code: str, device: str, known: bool) -> str:
    """Take the second step with a code of the app or a recovery code; returns which it was.

    Raises `WrongSecondStep` and `TooMany`.
    """
    who = ("device", device, person.id) if known else ("anywhere", person.id)
    attempt_or_refuse(throttle.SECOND_STEP, *who)
    if use_code(person_id=person.id, code=code):
        factor = "app"
    elif use_recovery_code(person_id=person.id, code=code, by=as_actor(person)):
        factor = "recovery code"
    else:
        _failed(person, "second step")
        raise WrongSecondStep(field="code")
    forgive(throttle.SECOND_STEP, *who)
    return factor


def person_of_passkey(person_id: int) -> Person:
    """The active person whose passkey it was. Raises `PasskeyRefused`."""
    person = db.session.get(Person, person_id)
    if person is None or not person.active:
        raise PasskeyRefused()
    return person


def signed_in(person: Person, *, first: str, factor: str) -> None:
    """Write down that somebody came in, and how."""
    with transaction():
        record("sign_in.succeed", "person", person.id, by=as_actor(person), first=first, second=factor)


def signed_out(by: Actor) -> None:
    """Write down that somebody went."""
    with transaction():
        record("sign_in.sign_out", "person", by.person_id, by=by)


def _failed(person: Person | None, step: str) -> None:
    """Write down that it was not right; what was typed is never kept."""
    with transaction():
        record("sign_in.fail", "person", person.id if person else "unknown", by=THE_PORTAL, step=step)


class _Undo(Exception):
    """Ends a transaction that must leave nothing behind."""


def register(
    *,
    organisation_name: str,
    postcode: str,
    identifiers: list[tuple[str, str]],
    name: str,
    email: str,
    password: str,
    network: str,
    portal_url: str,
    address: str = "",
    telephone: str = "",
) -> None:
    """Register a provider and its first user, and write to the address.

    An address that has an account gets a letter that says so, and nothing is registered. Raises `Refusal` for
    what is wrong with the rest, in both cases alike.
    """
    attempt_or_refuse(throttle.REGISTRATIONS, network)
    check_password(password, name, email, organisation_name)
    owner = person_by_email(email)
    facts = {
        "organisation_name": organisation_name,
        "postcode": postcode,
        "identifiers": identifiers,
        "name": name,
        "password": password,
        "address": address,
        "telephone": telephone,
    }
    try:
        with transaction():
            registered = register_provider(
                **facts, email=f"{secrets.token_hex(8)}@invalid" if owner else email.strip()
            )
            mailed_to = mailed.issue(
                purpose="confirm", person_id=None if owner else registered.id, email=email
            )
            if owner:
                raise _Undo
            letters.write_confirmation(
                name=name, email=email, mailed=mailed_to, portal_url=portal_url, by=as_actor(registered)
            )
    except _Undo:
        _write_to_owner(owner, portal_url)


def _write_to_owner(owner: Person | None, portal_url: str) -> None:
    db.session.rollback()
    with transaction() as session:
        assert owner is not None
        session.refresh(owner)
        if throttle.attempt(throttle.LETTERS, "registered", owner.email) is None:
            letters.write_already_registered(
                name=owner.name,
                email=owner.email,
                portal_url=portal_url,
                by=THE_PORTAL,
                about=owner.id,
            )


def send_confirmation(*, email: str, network: str, portal_url: str) -> None:
    """Another letter with a code to an address that waits to be confirmed; silently none to any other.

    Raises `TooMany`.
    """
    attempt_or_refuse(throttle.LETTERS_OF_NETWORK, network)
    attempt_or_refuse(throttle.LETTERS, "confirm", email)
    person = person_by_email(email)
    waits = person is not None and person.active and person.confirmed_at is None
    with transaction():
        fresh = mailed.issue(
            purpose="confirm", person_id=person.id if person and waits else None, email=email
        )
        if person and waits:
            letters.write_confirmation(
                name=person.name, email=email, mailed=fresh, portal_url=portal_url, by=as_actor(person)
            )


def confirm_by_code(*, email: str, code: str, network: str, portal_url: str, changing: bool) -> Person:
    """Confirm an address by the code of its letter; a changed one only while signed in (`changing`).

    Raises `WrongLetterCode`, `EmailTaken`, `TooMany`."""
    attempt_or_refuse(throttle.CODES, network, email)
    found = mailed.redeem_code(email, code, *(("confirm", "change") if changing else ("confirm",)))
    if found is None or found.person_id is None:
        raise WrongLetterCode(field="code")
    return _confirm(found, portal_url)


def confirm_by_link(*, token: str, portal_url: str) -> Person:
    """Confirm an address by the link of its letter. Raises `WrongLetterCode` and `EmailTaken`."""
    found = mailed.redeem_link(token, "confirm", "change")
    if found is None or found.person_id is None:
        raise WrongLetterCode("That link is too old, or was used already. Ask for another letter.")
    return _confirm(found, portal_url)


def _confirm(found: mailed.Redeemed, portal_url: str) -> Person:
    with transaction() as session:
        person = session.get_one(Person, found.person_id)
        before = person.email
        by = as_actor(person)
        email = before if before.lower() == found.email else found.email
        confirm_email(person_id=person.id, email=email, by=by)
        if email != before:
            letters.write_changed(
                name=person.name,
                email=before,
                what="your email address was changed",
                portal_url=portal_url,
                by=by,
            )
    return person


def ask_for_new_email(*, person: Person, email: str, portal_url: str) -> None:
    """Write to the new address; it becomes theirs when the letter is answered.

    The owner of an address that has an account is told, the person who asked is not. Raises `TooMany`.
    """
    attempt_or_refuse(throttle.LETTERS, "change", person.id)
    by = as_actor(person)
    owner = person_by_email(email)
    with transaction():
        free = owner is None or owner.id == person.id
        fresh = mailed.issue(purpose="change", person_id=person.id if free else None, email=email)
        if free:
            letters.write_confirmation(
                name=person.name, email=email, mailed=fresh, portal_url=portal_url, by=by
            )
        elif owner:
            letters.write_already_registered(
                name=owner.name, email=owner.email, portal_url=portal_url, by=THE_PORTAL, about=owner.id
            )
        record("person.ask_to_change_email", "person", person.id, by=by)


def ask_for_reset(*, email: str, network: str, portal_url: str) -> None:
    """Write to an address: a link to choose a new password, or that it has no account. Raises `TooMany`."""
    attempt_or_refuse(throttle.LETTERS_OF_NETWORK, network)
    attempt_or_refuse(throttle.LETTERS, "reset", email)
    person = person_by_email(email)
    known = person is not None and person.active
    with transaction():
        fresh = mailed.issue(purpose="reset", person_id=person.id if person and known else None, email=email)
        if person and known:
            letters.write_reset(
                name=person.name, email=person.email, mailed=fresh, portal_url=portal_url, by=as_actor(person)
            )
        else:
            letters.write_no_account(email=email, portal_url=portal_url, by=THE_PORTAL)
        record("sign_in.ask_for_reset", "person", person.id if person else "unknown", by=THE_PORTAL)


def reset_password(*, token: str, password: str, portal_url: str) -> None:
    """Choose a new password with the link of a letter, which confirms the address as well.

    Everybody who was signed in as this person is signed out; a second factor stays. Raises `PasswordTooWeak`
    (the link stays good) and `WrongLetterCode`.
    """
    with transaction() as session:
        found = mailed.redeem_link(token, "reset")
        if found is None or found.person_id is None:
            raise WrongLetterCode("That link is too old, or was used already. Ask for another letter.")
        person = session.get_one(Person, found.person_id)
        by = as_actor(person)
        set_password(person_id=person.id, password=password, by=by)
        if person.email.lower() == found.email and person.confirmed_at is None:
            confirm_email(person_id=person.id, email=person.email, by=by)
        mailed.revoke_all(person.id)
        record("sign_in.reset_password", "person", person.id, by=by)
        letters.write_changed(
            name=person.name,
            email=person.email,
            what="your password was changed",
            portal_url=portal_url,
            by=by,
        )


def change_password(*, person: Person, password: str, portal_url: str) -> str:
    """Choose a new password, signed in; returns what the session is to hold. Raises `PasswordTooWeak`."""
    by = as_actor(person)
    with transaction():
        uniquifier = set_password(person_id=person.id, password=password, by=by)
        mailed.revoke_all(person.id)
        letters.write_changed(
            name=person.name,
            email=person.email,
            what="your password was changed",
            portal_url=portal_url,
            by=by,
        )
    return uniquifier


def prove_again(*, person: Person, password: str, device: str) -> None:
    """They are who they were: the password once more. Raises `WrongPassword` and `TooMany`."""
    attempt_or_refuse(throttle.PASSWORD, "again", device, person.id)
    if not is_password(person, password):
        _failed(person, "proof")
        raise WrongPassword("The password is not right. Check it and try again.", field="password")
    forgive(throttle.PASSWORD, "again", device, person.id)
