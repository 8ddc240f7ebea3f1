"""Tables of inquiries and the files that answer them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.inquiries.lifecycle import INQUIRY
from portal.database import Base


class Inquiry(Base):
    """A point that one tenderer is asked to make clear, about its answer to `question_id` (and a lot's).

    `shown_at` is when the lead let the evaluators of that question read it; `withdrawn_because` is told to
    the tenderer.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        CheckConstraint(INQUIRY.check_constraint(), name="state"),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("due_at > asked_at", name="due_at"),
        CheckConstraint(
            "(state = 'answered') = (answer IS NOT NULL)"
            " AND (state = 'answered') = (answered_at IS NOT NULL)",
            name="answered",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_because <> '')"
            " AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name="withdrawn",
        ),
        CheckConstraint("shown_at IS NULL OR state = 'answered'", name="shown"),
        Index("ix_inquiry_application_id", "application_id", "question_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'asked'"), default="asked")
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_because: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    shown_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    shown_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class InquiryFile(Base):
    """A file that was given with an answer."""

    __tablename__ = "inquiry_file"

    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiry.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True, index=True)
