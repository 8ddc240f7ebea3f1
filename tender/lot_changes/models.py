"""The table of changes to lots."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class LotChange(Base):
    """A lot's name and conditions, a phrase each, before and after a change. A row is never changed."""

    __tablename__ = "lot_change"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("before <> after", name="differs"),
        Index("ix_lot_change_lot_id", "lot_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    before: Mapped[list[str]] = mapped_column(ARRAY(Text))
    after: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
