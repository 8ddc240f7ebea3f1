"""The tables of documents and of files on their way."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

SCAN_STATES = ("waiting", "clean", "infected", "not_scanned")
"""`waiting` for the scanner; `not_scanned` is all that can honestly be said where there is none, or where it
gave no verdict."""


class Document(Base):
    """A file that somebody uploaded: the row names the object in the bucket and never changes what it holds.

    `filename` is what the person called it and serves for showing only; `key` says nothing about it.
    `scan_detail` names what the scanner found, or says why there is no verdict.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("scan_state IN ('waiting', 'clean', 'infected', 'not_scanned')", name="scan_state"),
        CheckConstraint("(scan_state = 'waiting') = (next_scan_at IS NOT NULL)", name="next_scan_at"),
        CheckConstraint("removed_at >= uploaded_at", name="removed_at"),
        UniqueConstraint("key"),
        Index("ix_document_waiting", "next_scan_at", postgresql_where=text("scan_state = 'waiting'")),
        Index("ix_document_infected", "organisation_id", postgresql_where=text("scan_state = 'infected'")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    organisation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organisation.id"), index=True)
    key: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    scan_state: Mapped[str] = mapped_column(Text, server_default=text("'not_scanned'"))
    scan_detail: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    scan_attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), default=0)
    next_scan_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    scanned_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    uploaded_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class Upload(Base):
    """A file on its way in parts, straight from a browser to the bucket.

    Nobody is given what arrived before it was looked into and filed as the document `document_id`. `place` is
    where the calling noun files it, in its own words; `size` and `sha256` are what the browser said of the
    file; `parts_id` is the bucket's name for the parts that are there. `held_at` is when it was looked into
    and began to wait for the form that files it. The row goes after some days: it is no use of the document,
    so `document_id` is no foreign key.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        UniqueConstraint("key"),
        Index("ix_upload_place", "organisation_id", "place"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    organisation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organisation.id"))
    place: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    parts_id: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    started_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id"))
    held_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    document_id: Mapped[UUID | None] = mapped_column(Uuid)
