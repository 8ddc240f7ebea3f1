"""Tables of a round's documents and of their downloads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

KINDS = {
    "specification": "Specification",
    "contract": "Contract terms",
    "guidance": "Guidance",
    "other": "Other",
}


class RoundDocument(Base):
    """One version of a paper. `follows_id` is the version before it; the newest has nothing that follows."""

    __tablename__ = "round_document"
    __table_args__ = (
        CheckConstraint("kind IN ('specification', 'contract', 'guidance', 'other')", name="kind"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(version = 1) = (follows_id IS NULL)", name="follows_id"),
        UniqueConstraint("follows_id"),
        Index("ix_round_document_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger, server_default=sql("1"), default=1)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("round_document.id"))
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class RoundDocumentDownload(Base):
    """Somebody was given a document: who and for which organisation, where they were signed in."""

    __tablename__ = "round_document_download"
    __table_args__ = (Index("ix_round_document_download_round_document_id", "round_document_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_document_id: Mapped[int] = mapped_column(ForeignKey("round_document.id"))
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
