"""Tables of applications, answers, files and receipts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base
from tender.applications.lifecycle import APPLICATION
from tender.frameworks.models import Round


class Application(Base):
    """One provider's application to one round."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("round_id", "provider_id"),
        UniqueConstraint("round_id", "reference"),
        CheckConstraint(APPLICATION.check_constraint(), name="state"),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_at"),
        Index("ix_application_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # What the provider names on the telephone: it says nothing of who they are, and cannot be guessed.
    reference: Mapped[str] = mapped_column(
        Text, server_default=sql("upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 10))")
    )
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    started_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    erased_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    round: Mapped[Round] = relationship(lazy="raise")


class ExtendedApplication(Base):
    """An application that an extension for named applicants names."""

    __tablename__ = "extended_application"

    extension_id: Mapped[int] = mapped_column(ForeignKey("extension.id"), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True, index=True)


class ApplicationLot(Base):
    """A lot that an application is for."""

    __tablename__ = "application_lot"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)


class Answer(Base):
    """An answer to one question, for one lot where the question is asked per lot (else `lot_id` is null).

    `value` is a string, a list of strings (choices), or null for a file question; `version` counts saves, and
    a save with a stale version is refused.
    """

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("application_id", "question_id", "lot_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("version > 0", name="version"),
        # The evaluation counts a round's answers on many pages, and never wants their long texts for that.
        Index("ix_answer_question_id", "question_id", postgresql_include=["id", "application_id", "lot_id"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    value: Mapped[Any] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class CarriedAnswer(Base):
    """An answer that an earlier application of the same provider to the same framework gave to this one.

    As long as the answer stands at its first version nobody has touched it since. `ran_out_on` is when a
    document of the earlier answer had run out, which is why it stayed behind.
    """

    __tablename__ = "carried_answer"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    from_application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), index=True
    )
    ran_out_on: Mapped[date | None]


class AnswerVersion(Base):
    """What an answer said at one of its versions, and who saved it when. Written by the database alone.

    Somebody who types on replaces their own newest version; what takes words away, or is saved by somebody
    else or after a pause, makes a new one. So every text that was ever saved is in one of them, whole.
    """

    __tablename__ = "answer_version"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class AnswerFile(Base):
    """A document given in answer to a file question.

    `facts` are what the provider's vault knew of it when the application was submitted (`frozen_words` of
    `portal.evidence.facts` reads them); what changes in the vault later does not reach them.
    """

    __tablename__ = "answer_file"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True, index=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class PromisedFile(Base):
    """A file of which name, size and SHA-256 were given before the close, to follow within the round's
    `late_upload_hours`. The database lets a sealed application take exactly these bytes, in time."""

    __tablename__ = "promised_file"
    __table_args__ = (
        UniqueConstraint("answer_id", "sha256"),
        UniqueConstraint("document_id"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("(document_id IS NULL) = (delivered_at IS NULL)", name="delivered"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    filename: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    promised_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    promised_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    delivered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class Receipt(Base):
    """Proof of one submission. `manifest` lists lots, answers and files with SHA-256; `sha256` is of its
    canonical JSON. A withdrawn submission keeps its receipt, with the time of withdrawal.

    `key` is of the form that was sent, `request_sha256` of what it said: sent again, it finds this receipt.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("withdrawn_at >= submitted_at", name="withdrawn_at"),
        CheckConstraint("(key IS NULL) = (request_sha256 IS NULL)", name="key"),
        UniqueConstraint("application_id", "key"),
        Index("ix_receipt_application_id", "application_id"),
        Index(
            "uq_receipt_standing",
            "application_id",
            unique=True,
            postgresql_where=sql("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    submitted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    key: Mapped[str | None] = mapped_column(Text)
    request_sha256: Mapped[str | None] = mapped_column(Text)
