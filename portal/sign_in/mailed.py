"""Links and codes in letters: each proves once, for a while, that its reader has the address."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select, update

from portal import clock
from portal.database import db, transaction
from portal.sign_in.models import MailedToken

GOOD_FOR = {"confirm": timedelta(days=7), "change": timedelta(hours=24), "reset": timedelta(hours=1)}
# A million codes, five guesses a letter, few letters an hour.
TRIES = 5


@dataclass(frozen=True)
class Mailed:
    """What a letter carries: `token` for the link, `code` to type."""

    token: str
    code: str


@dataclass(frozen=True)
class Redeemed:
    """Whose letter it was and to which address it went. `person_id` is None where nobody has the address."""

    person_id: int | None
    email: str


def issue(*, purpose: str, person_id: int | None, email: str) -> Mailed:
    """A new link and code; earlier ones of this purpose and address are good no longer."""
    mailed = Mailed(secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06}")
    now = clock.now()
    with transaction() as session:
        session.execute(
            delete(MailedToken).where(
                or_(
                    MailedToken.expires_at < now,
                    (MailedToken.purpose == purpose) & (MailedToken.email == _plain(email)),
                    (MailedToken.purpose == purpose) & (MailedToken.person_id == person_id),
                )
            )
        )
        session.add(
            MailedToken(
                purpose=purpose,
                person_id=person_id,
                email=_plain(email),
                token_hash=_hash(mailed.token),
                code_hash=_hash(mailed.code, _plain(email)),
                tries_left=TRIES,
                expires_at=now + GOOD_FOR[purpose],
            )
        )
    return mailed


def look_up(token: str, *purposes: str) -> Redeemed | None:
    """Whose link this is, without using it up: what reads mail beforehand follows links, too."""
    row = db.session.execute(
        select(MailedToken.person_id, MailedToken.email).where(*_good(token, purposes))
    ).one_or_none()
    return Redeemed(row.person_id, row.email) if row else None


def redeem_link(token: str, *purposes: str) -> Redeemed | None:
    """Use a link up; None when it is too old, was used, or never was."""
    with transaction() as session:
        row = session.execute(
            delete(MailedToken)
            .where(*_good(token, purposes))
            .returning(MailedToken.person_id, MailedToken.email)
        ).one_or_none()
    return Redeemed(row.person_id, row.email) if row else None


def redeem_code(email: str, code: str, *purposes: str) -> Redeemed | None:
    """Use a code up; None when it is wrong. After five wrong ones the letter is good no longer."""
    with transaction() as session:
        tried = session.execute(
            update(MailedToken)
            .where(
                MailedToken.email == _plain(email),
                MailedToken.purpose.in_(purposes),
                MailedToken.expires_at > clock.now(),
                MailedToken.tries_left > 0,
            )
            .values(tries_left=MailedToken.tries_left - 1)
            .returning(MailedToken.id, MailedToken.person_id, MailedToken.email, MailedToken.code_hash)
        ).all()
        wanted = _hash(code.replace(" ", ""), _plain(email))
        row = next((row for row in tried if secrets.compare_digest(row.code_hash, wanted)), None)
        if row is None:
            return None
        session.execute(delete(MailedToken).where(MailedToken.id == row.id))
    return Redeemed(row.person_id, row.email)


def revoke_all(person_id: int) -> None:
    """No link or code that was sent to this person is good any longer."""
    with transaction() as session:
        session.execute(delete(MailedToken).where(MailedToken.person_id == person_id))


def _good(token: str, purposes: tuple[str, ...]):  # type: ignore[no-untyped-def]
    return (
        MailedToken.token_hash == _hash(token),
        MailedToken.purpose.in_(purposes),
        MailedToken.expires_at > clock.now(),
        MailedToken.tries_left > 0,
    )


def _plain(email: str) -> str:
    return email.strip().lower()


def _hash(secret: str, salt: str = "") -> str:
    return sha256(f"{salt}\0{secret}".encode()).hexdigest()
