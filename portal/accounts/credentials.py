"""A person's own proofs: password, confirmed address, and the sessions that stand on them.

Everything here is about one person and nobody else may call it for another without having proved who they
are: the pages of `portal.sign_in` and the council's help for people see to that.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person, SpentKey
from portal.accounts.queries import person_by_email
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
# zxcvbn's scale is 0 to 4; below 3 a guesser with the leaked hash needs less than 10^8 tries.
_STRONG_ENOUGH = 3
_READ_BY_ZXCVBN = 72
_WORDS_OF_THE_PLACE = (
    "alternative",
    "provision",
    "portal",
    "council",
    "school",
    "provider",
    "tender",
)
_hasher = PasswordHasher()


def configure_passwords(memory_kib: int) -> None:
    """Set how much memory (KiB) one hash takes: Argon2id, three passes (RFC 9106, second option)."""
    global _hasher
    _hasher = PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=4)


class EmailTaken(Refusal):
    """The address belongs to an account already."""

    sentence = "That email address already has an account. Sign in instead, or use another address."


class PasswordTooWeak(Refusal):
    """Too short, or among the first that a guesser tries."""


def check_password(password: str, *known: str) -> None:
    """Refuse what is quickly guessed: short, common, or made of `known` words (name, address, organisation).

    Length and a check against common passwords, no rules of composition (NCSC, password guidance for system
    owners). Raises `PasswordTooWeak`.
    """
    from zxcvbn import zxcvbn  # its word lists take longer to load than all of this module

    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooWeak(
            f"Use at least {SHORTEST_PASSWORD} characters for your password. Three random words work well.",
            field="password",
        )
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooWeak(
            f"Use at most {LONGEST_PASSWORD} characters for your password.", field="password"
        )
    texts = " ".join([*known, *_WORDS_OF_THE_PLACE]).lower()
    words = {word for word in re.split(r"[\W_]+", texts) if len(word) > 2}
    if not _without(password, words):
        raise PasswordTooWeak(
            "Do not make your password of your name, email address or organisation. Use three random words.",
            field="password",
        )
    if zxcvbn(password[:_READ_BY_ZXCVBN], user_inputs=sorted(words))["score"] < _STRONG_ENOUGH:
        raise PasswordTooWeak(
            "That password is easy to guess. Use three random words, which need not make sense together.",
            field="password",
        )


def _without(password: str, words: Iterable[str]) -> str:
    """The letters of a password that are not part of one of these words."""
    rest = re.sub(r"[\W\d_]+", "", password.lower())
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest


def hash_password(password: str) -> str:
    """The hash to keep (Argon2id with its own salt and parameters)."""
    return _hasher.hash(password)


def authenticate(email: str, password: str) -> Person | None:
    """The active person whom this address and password belong to; None otherwise, after the same work."""
    person = person_by_email(email)
    right = is_password(person, password)
    return person if person and right and person.active else None


def is_password(person: Person | None, password: str) -> bool:
    """Whether this is the person's password. Takes as long where there is no such person."""
    try:
        return _hasher.verify(person.password if person else _nobodys_password(_hasher), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_password(hasher: PasswordHasher) -> str:
    """Checked when nobody has the address, so that an unknown address takes as long as a wrong password."""
    return hasher.hash("a password that nobody has")


def set_password(*, person_id: int, password: str, by: Actor, known: Iterable[str] = ()) -> str:
    """Give a person another password and end all their sessions; returns what a new session is to hold.

    Raises `PasswordTooWeak`.
    """
    with transaction() as session:
        person = _locked(session, person_id)
        check_password(password, person.name, person.email, *known)
        person.password = hash_password(password)
        person.fs_uniquifier = uuid4().hex
        record("person.change_password", "person", person.id, by=by)
    return person.fs_uniquifier


def confirm_email(*, person_id: int, email: str, by: Actor) -> None:
    """The address is theirs: what was sent to it came back. Replaces the address where it is another.

    Raises `EmailTaken` when another account has it meanwhile.
    """
    with transaction() as session:
        person = _locked(session, person_id)
        owner = person_by_email(email)
        if owner and owner.id != person.id:
            raise EmailTaken(field="email")
        if person.email != email:
            record("person.change_email", "person", person.id, by=by, before=person.email, after=email)
            person.email = email
        else:
            record("person.confirm_email", "person", person.id, by=by)
        person.confirmed_at = clock.now()


def end_sessions(*, person_id: int, by: Actor) -> None:
    """Sign a person out everywhere."""
    with transaction() as session:
        person = _locked(session, person_id)
        person.fs_uniquifier = uuid4().hex
        record("person.sign_out_everywhere", "person", person.id, by=by)


def spend(key: str, until: datetime) -> bool:
    """Use something up that works once: a session that is ended, a challenge, a state. Whether it was unused.

    It is remembered `until` it would have expired anyway.
    """
    with transaction() as session:
        session.execute(delete(SpentKey).where(SpentKey.until < clock.now()))
        spent = session.execute(
            insert(SpentKey).values(key=key, until=until).on_conflict_do_nothing().returning(SpentKey.key)
        )
        return spent.scalar_one_or_none() is not None


def _locked(session, person_id: int) -> Person:  # type: ignore[no-untyped-def]
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound()
    return person
