"""The table of the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class AuditLine(Base):
    """One thing that happened. `id`, `at`, `previous_hash` and `hash` are set by the database."""

    __tablename__ = "audit_line"
    __table_args__ = (
        # Each ends with the id: the newest lines of a subject, a person, an action are read from its end.
        Index("ix_audit_line_subject", "subject_type", "subject_id", "id"),
        Index("ix_audit_line_actor", "actor_id", "id"),
        Index("ix_audit_line_action", "action", "id"),
        Index("ix_audit_line_at", "at"),
    )
    # The trigger fills these four; fetching them back would cost a statement for nothing.
    __mapper_args__ = {"eager_defaults": False}

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=text("0")
    )
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=text("clock_timestamp()"))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("'\\x'::bytea"))
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("'\\x'::bytea"))
