"""Reading second factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, func, select

from portal.accounts.models import Membership, Organisation, Person
from portal.database import db
from portal.sign_in.models import Authenticator, IssuerLink, Passkey, RecoveryCode


@dataclass(frozen=True)
class Factors:
    """What a person has for the second step, and whether they may do without (council staff may not)."""

    app: bool
    passkeys: int
    recovery_codes: int
    compulsory: bool

    @property
    def any(self) -> bool:
        """Whether they can take a second step."""
        return self.app or self.passkeys > 0


def factors_of(person_id: int) -> Factors:
    """A person's second factors, in one statement."""
    council = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, Organisation.kind == "council")
        .exists()
    )
    row = db.session.execute(
        select(
            select(Authenticator.person_id).where(Authenticator.person_id == person_id).exists(),
            _count(Passkey.id, Passkey.person_id == person_id),
            _count(RecoveryCode.code_hash, RecoveryCode.person_id == person_id),
            council,
        )
    ).one()
    return Factors(*row)


def _count(column, condition):  # type: ignore[no-untyped-def]
    return select(func.count(column)).where(condition).scalar_subquery()


def passkeys_of(person_id: int) -> Sequence[RowMapping]:
    """A person's passkeys, the newest first: id, name, added_at, last_used_at, credential_id, transports."""
    return (
        db.session.execute(
            select(
                Passkey.id,
                Passkey.name,
                Passkey.added_at,
                Passkey.last_used_at,
                Passkey.credential_id,
                Passkey.transports,
            )
            .where(Passkey.person_id == person_id)
            .order_by(Passkey.id.desc())
        )
        .mappings()
        .all()
    )


def person_id_of(email: str) -> int | None:
    """The id of the person with this address, whatever its capitals."""
    return db.session.scalar(select(Person.id).where(func.lower(Person.email) == email.strip().lower()))


def person_by_uniquifier(uniquifier: str) -> Person | None:
    """The active person whom a session or a half of one names."""
    return db.session.execute(
        select(Person).where(Person.fs_uniquifier == uniquifier, Person.active)
    ).scalar_one_or_none()


def person_linked(issuer: str, subject: str) -> Person | None:
    """The active person whom an issuer knows under this subject."""
    return db.session.execute(
        select(Person)
        .join(IssuerLink, IssuerLink.person_id == Person.id)
        .where(IssuerLink.issuer == issuer, IssuerLink.subject == subject, Person.active)
    ).scalar_one_or_none()
