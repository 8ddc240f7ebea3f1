"""The letters about organisations and their people."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from portal.accounts.permissions import role_list
from portal.audit.services import Doer
from portal.mail.services import write_letter
from portal.mail.words import Words, letter
from portal.web.filters import uk_datetime


def invited(*, organisation: str, by: str, roles: Sequence[str], expires_at: datetime, address: str) -> Words:
    """To whoever is invited. The address in it is the only key: it works once."""
    return letter(
        f"{organisation} invites you",
        f"{by} invites you to work for {organisation} in the portal. Your roles: {role_list(roles)}.",
        f"Accept here, until {uk_datetime(expires_at)}:\n{address}",
        "The address works once and only for you. If you did not expect this letter, you need do nothing.",
    )


def asked_to_join(*, person: str, organisation: str, message: str, address: str) -> Words:
    """To those who can answer."""
    return letter(
        f"{person} asks to join {organisation}",
        f"{person} asks to become a member of {organisation} in the portal.",
        f"They write: {message}" if message else "",
        f"Approve or decline here:\n{address}",
        "Approve only somebody whom you know: they will see what your organisation has written.",
    )


def join_approved(*, organisation: str, roles: Sequence[str], address: str) -> Words:
    """To the person."""
    return letter(
        f"You are now a member of {organisation}",
        f"{organisation} has approved your request to join. Your roles: {role_list(roles)}.",
        f"Sign in here:\n{address}",
    )


def join_declined(*, organisation: str, reason: str) -> Words:
    """To the person."""
    return letter(
        f"Your request to join {organisation}",
        f"{organisation} has declined your request to join.",
        f"The reason: {reason}" if reason else "",
    )


def roles_changed(*, organisation: str, roles: Sequence[str], by: str) -> Words:
    """To the member."""
    return letter(
        f"Your roles at {organisation} have changed",
        f"{by} has changed your roles at {organisation}. They are now: {role_list(roles)}.",
        "If you think that this is a mistake, ask an administrator of the organisation.",
    )


def membership_ended(*, organisation: str, by: str, suspended: bool) -> Words:
    """To somebody who was removed, or may not act for the time being."""
    what = "You cannot act for it for the time being." if suspended else "You are no member of it any more."
    return letter(
        f"Your membership of {organisation}",
        f"{by} has changed your membership of {organisation}. {what}",
        "If you think that this is a mistake, ask an administrator of the organisation.",
    )


def checked(*, organisation: str, address: str) -> Words:
    """To the administrators: the council's check is passed."""
    return letter(
        f"{organisation} has passed the council's check",
        f"The council has checked {organisation}. It can now use everything that the portal offers.",
        f"Sign in here:\n{address}",
    )


def refused(*, organisation: str, reason: str, address: str) -> Words:
    """To the administrators: not passed, and why."""
    return letter(
        f"{organisation} has not passed the council's check",
        f"The council could not confirm {organisation}. The reason: {reason}",
        f"Put it right and ask for another check here:\n{address}",
        "You can write and submit applications meanwhile.",
    )


def deactivated(*, organisation: str, reason: str) -> Words:
    """To the members."""
    return letter(
        f"{organisation} was deactivated",
        f"The council has deactivated {organisation}. The reason: {reason}",
        "You can sign in, but you cannot do anything for it until the council has brought it back.",
    )


def reactivated(*, organisation: str, address: str) -> Words:
    """To the members."""
    return letter(
        f"{organisation} is active again",
        f"The council has brought {organisation} back. You can go on where you were.",
        f"Sign in here:\n{address}",
    )


def send(
    words: Words,
    to: Iterable[Any],
    *,
    key: str,
    subject: tuple[str, object],
    organisation_id: int | None,
    by: Doer,
) -> None:
    """Put a letter to each of these people (`name`, `email`) in the outbox, once under `key`."""
    for reader in to:
        write_letter(
            key=f"{key}:{reader['email'].lower()}",
            to_name=reader["name"],
            to_address=reader["email"],
            title=words.title,
            body=f"Dear {reader['name']}\n\n{words.body}",
            subject_type=subject[0],
            subject_id=subject[1],
            organisation_id=organisation_id,
            by=by,
        )
