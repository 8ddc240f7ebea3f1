"""Tables of the vault."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.evidence.document_types import DOCUMENT_TYPES

RULES = (30, 7, 0)
"""How many days before a document runs out its provider is written to."""


class Evidence(Base):
    """One thing that a provider can show. `type` is a code of `DOCUMENT_TYPES`."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("type IN (" + ", ".join(f"'{code}'" for code in DOCUMENT_TYPES) + ")", name="type"),
        CheckConstraint("title <> ''", name="title"),
        Index("ix_evidence_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    type: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)


class EvidenceVersion(Base):
    """One document of an evidence with its facts. `cover` is in pounds; `expires_on` is the last day on which
    it is valid. `revision` counts corrections of the facts: one on a stale revision is refused."""

    __tablename__ = "evidence_version"
    __table_args__ = (
        UniqueConstraint("evidence_id", "version"),
        UniqueConstraint("document_id"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("revision > 0", name="revision"),
        CheckConstraint("cover > 0", name="cover"),
        CheckConstraint("expires_on >= valid_from", name="expires_on"),
        Index("ix_evidence_version_expires_on", "expires_on"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    version: Mapped[int] = mapped_column(SmallInteger)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    issuer: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    number: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    cover: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    valid_from: Mapped[date | None]
    expires_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(SmallInteger, server_default=sql("1"), default=1)
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class EvidenceReminder(Base):
    """A letter about a document that runs out: one for each rule, last day of validity and recipient."""

    __tablename__ = "evidence_reminder"
    __table_args__ = (
        CheckConstraint(f"rule IN ({', '.join(map(str, RULES))})", name="rule"),
        Index("ix_evidence_reminder_person_id", "person_id"),
    )

    evidence_version_id: Mapped[int] = mapped_column(ForeignKey("evidence_version.id"), primary_key=True)
    expires_on: Mapped[date] = mapped_column(primary_key=True)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
