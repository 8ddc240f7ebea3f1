"""The outbox."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.mail.lifecycle import LETTER


class Letter(Base):
    """A letter by e-mail to one address, about one subject."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint(LETTER.check_constraint(), name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at"),
        UniqueConstraint("key"),
        Index("ix_letter_waiting", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_letter_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    to_name: Mapped[str] = mapped_column(Text)
    to_address: Mapped[str] = mapped_column(Text)
    organisation_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organisation.id"), index=True)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    released_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("person.id"))
    delivered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
    last_error: Mapped[str | None] = mapped_column(Text)
