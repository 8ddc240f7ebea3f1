"""The table of certificates."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from tender.certificates.lifecycle import CERTIFICATE


class Certificate(Base):
    """A certificate of one application, asked for, given or void.

    `contents_sha256` is of what was certified, `statement` the words that the certifier confirmed. The
    database makes it void when an answer, a document or a lot of the draft changes; who voided it is then
    whoever saved, where the change says so.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(CERTIFICATE.check_constraint(), name="state"),
        CheckConstraint("(given_at IS NULL) = (contents_sha256 IS NULL)", name="contents_sha256"),
        CheckConstraint("state <> 'given' OR given_at IS NOT NULL", name="given_at"),
        CheckConstraint("(state = 'void') = (voided_at IS NOT NULL)", name="voided_at"),
        CheckConstraint("contents_sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        Index("ix_certificate_application_id", "application_id"),
        Index(
            "uq_certificate_live",
            "application_id",
            unique=True,
            postgresql_where=sql("state <> 'void'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'asked'"), default="asked")
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    statement: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    contents_sha256: Mapped[str | None] = mapped_column(Text)
    voided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
