"""Tables of a published pack's versions, and of a pack that waits to become the next one."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, ForeignKey, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class PackVersion(Base):
    """What a published round asks from a moment on, whole, as a portable document. Never changed again.

    Version 1 is the publication. `transaction_id` is the transaction that added it, put there by the
    database: in that transaction alone the rows of the pack may change, and only as far as they say so.
    """

    __tablename__ = "pack_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("number = 1 OR (reason <> '' AND published_by_id IS NOT NULL)", name="has_reason"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    published_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())


class StagedPack(Base):
    """A portable document that waits to be what a round asks: in a draft an import, after publication an
    amendment. A round has at most one, and applicants see nothing of it. `file` is what an import was called.
    """

    __tablename__ = "staged_pack"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    file: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    staged_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    staged_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
