"""The tables of clarifications and of what was corrected in them."""

from datetime import datetime

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
from tender.clarifications.lifecycle import CLARIFICATION


class Clarification(Base):
    """A question about a round. `text` is as it was asked and private; `published_text` is what everyone
    reads. `number` counts the published ones of a round. One of the council's own has the council for its
    organisation, and for its `text` what was first published."""

    __tablename__ = "clarification"
    __table_args__ = (
        CheckConstraint(CLARIFICATION.check_constraint(), name="state"),
        CheckConstraint(
            "(state = 'published') = (number IS NOT NULL AND published_text IS NOT NULL)", name="published"
        ),
        CheckConstraint("(state = 'private') = (private_reason IS NOT NULL)", name="private_reason"),
        CheckConstraint(
            "(state IN ('published', 'private')) = (answer IS NOT NULL AND answered_at IS NOT NULL)",
            name="answered",
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("(state = 'left') = (left_reason IS NOT NULL AND left_at IS NOT NULL)", name="left"),
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("round_id", "number"),
        Index("ix_clarification_organisation_id", "organisation_id", "round_id"),
        Index("ix_clarification_waiting", "round_id", postgresql_where=sql("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'waiting'"), default="waiting")
    number: Mapped[int | None] = mapped_column(SmallInteger)
    published_text: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    private_reason: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    left_reason: Mapped[str | None] = mapped_column(Text)
    left_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    left_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ClarificationCorrection(Base):
    """What a published clarification says from a moment on, and why. The first publication is version 1, so
    `number` counts from 2. A row is never changed."""

    __tablename__ = "clarification_correction"
    __table_args__ = (
        CheckConstraint("number > 1", name="number"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    clarification_id: Mapped[int] = mapped_column(ForeignKey("clarification.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    corrected_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
