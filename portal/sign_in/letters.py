"""The letters of signing in. Each says what to do, and what if it was not you."""

from uuid import uuid4

from portal.accounts.access import Actor
from portal.mail.services import write_letter
from portal.sign_in.mailed import Mailed

_NOT_YOU = "If it was not you, you need not do anything: nothing changes."


def _write(*, to_name: str, email: str, title: str, paragraphs: list[str], by: Actor, about: object) -> None:
    write_letter(
        key=f"sign-in:{uuid4().hex}",
        to_name=to_name,
        to_address=email,
        title=title,
        body="\n\n".join([f"Hello{' ' + to_name if to_name else ''},", *paragraphs]) + "\n",
        subject_type="person",
        subject_id=about,
        by=by,
    )


def write_confirmation(*, name: str, email: str, mailed: Mailed, portal_url: str, by: Actor) -> None:
    """To a new or changed address: the code and the link that confirm it."""
    _write(
        to_name=name,
        email=email,
        title=f"{mailed.code} is your code to confirm your email address",
        paragraphs=[
            f"Your code is {mailed.code}. Enter it on the page that asked for it.",
            "Or open this link and press the button on its page:",
            f"{portal_url}/confirm-email/link?token={mailed.token}",
            f"Somebody gave this address to the portal. {_NOT_YOU}",
        ],
        by=by,
        about=by.person_id,
    )


def write_already_registered(*, name: str, email: str, portal_url: str, by: Actor, about: object) -> None:
    """To the owner of an address with which somebody tried to register, or that somebody wants to use."""
    _write(
        to_name=name,
        email=email,
        title="You already have an account",
        paragraphs=[
            "Somebody gave your address to the portal as if it were new. You have an account with it.",
            f"If it was you, sign in as before: {portal_url}/sign-in",
            f"If you do not remember your password, choose a new one: {portal_url}/reset-password",
            _NOT_YOU,
        ],
        by=by,
        about=about,
    )


def write_reset(*, name: str, email: str, mailed: Mailed, portal_url: str, by: Actor) -> None:
    """To somebody who forgot their password."""
    _write(
        to_name=name,
        email=email,
        title="Choose a new password",
        paragraphs=[
            "Somebody asked for a new password for your account. If it was you, open this link:",
            f"{portal_url}/reset-password/new?token={mailed.token}",
            "It is good for one hour.",
            _NOT_YOU,
        ],
        by=by,
        about=by.person_id,
    )


def write_no_account(*, email: str, portal_url: str, by: Actor) -> None:
    """To an address with which a new password was asked for, though it has no account."""
    _write(
        to_name="",
        email=email,
        title="There is no account with this address",
        paragraphs=[
            "Somebody asked for a new password for this address. The portal has no account with it.",
            "If it was you, you may have used another address. Try that one, or register your organisation:",
            f"{portal_url}/register",
            _NOT_YOU,
        ],
        by=by,
        about="unknown",
    )


def write_changed(*, name: str, email: str, what: str, portal_url: str, by: Actor) -> None:
    """To somebody whose way of signing in has changed: the old address, if it is that which changed."""
    _write(
        to_name=name,
        email=email,
        title=f"{what[:1].upper()}{what[1:]}",
        paragraphs=[
            f"This is to tell you that {what}.",
            "If it was you, you need not do anything.",
            f"If it was not you, choose a new password at once: {portal_url}/reset-password.",
            "Then tell the council.",
        ],
        by=by,
        about=by.person_id,
    )
