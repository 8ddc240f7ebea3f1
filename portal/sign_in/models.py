"""Tables of second factors, letters' codes, attempts, links to an issuer, and forms kept over a sign-in."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Authenticator(Base):
    """The authenticator app of a person (RFC 6238). The secret is encrypted; `last_counter` was used last."""

    __tablename__ = "authenticator"

    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_counter: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Passkey(Base):
    """A passkey of a person (WebAuthn). `verifies` is whether it checks its holder by PIN, finger or face."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"), Index("ix_passkey_person_id", "person_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text))
    verifies: Mapped[bool]
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class RecoveryCode(Base):
    """The hash of a code that stands in once for a lost second factor."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(Text, primary_key=True)


class MailedToken(Base):
    """A link and a code in a letter to an address, hashed. No `person_id`: nobody has the address."""

    __tablename__ = "mailed_token"
    __table_args__ = (
        CheckConstraint("purpose IN ('confirm', 'change', 'reset')", name="purpose"),
        UniqueConstraint("token_hash"),
        Index("ix_mailed_token_email", "email", "purpose"),
        Index("ix_mailed_token_person_id", "person_id"),
        Index("ix_mailed_token_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("person.id"))
    email: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str] = mapped_column(Text)
    tries_left: Mapped[int] = mapped_column(SmallInteger)
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class AttemptCount(Base):
    """How often something was tried lately, and from when on it may be tried again. `key` is a hash."""

    __tablename__ = "attempt_count"
    __table_args__ = (Index("ix_attempt_count_last_at", "last_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    free_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class IssuerLink(Base):
    """A person as an OpenID Connect issuer names them."""

    __tablename__ = "issuer_link"
    __table_args__ = (UniqueConstraint("person_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    linked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class KeptForm(Base):
    """What somebody sent when their session was over, kept until they have signed in again."""

    __tablename__ = "kept_form"
    __table_args__ = (
        Index("ix_kept_form_expires_at", "expires_at"),
        Index("ix_kept_form_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    path: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[Any]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
