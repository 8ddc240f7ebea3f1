"""The table of block purchases."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Numeric, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.blocks.lifecycle import BLOCK
from portal.commissioning.models import PRICE_UNITS
from portal.database import Base
from portal.directory.offer import SESSIONS


class PlaceBlock(Base):
    """So many places of a service, each in these half days of every week, from a first day to a last.

    The price is pounds without VAT for one `price_unit` of one place. What was proposed never changes: other
    terms are another purchase.
    """

    __tablename__ = "place_block"
    __table_args__ = (
        CheckConstraint(BLOCK.check_constraint(), name="state"),
        CheckConstraint("places BETWEEN 1 AND 99", name="places"),
        CheckConstraint(
            "cardinality(sessions) > 0 AND sessions <@ ARRAY["
            + ", ".join(f"'{code}'" for code in SESSIONS)
            + "]",
            name="sessions",
        ),
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint(
            "price_unit IN (" + ", ".join(f"'{unit}'" for unit in PRICE_UNITS) + ")", name="price_unit"
        ),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(state IN ('agreed', 'refused', 'ended')) = (answered_at IS NOT NULL)", name="answered_at"
        ),
        CheckConstraint("state <> 'refused' OR answer <> ''", name="answer"),
        CheckConstraint("(state IN ('withdrawn', 'ended')) = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("state <> 'ended' OR close_reason <> ''", name="close_reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'proposed'"), default="proposed")
    places: Mapped[int] = mapped_column(SmallInteger)
    sessions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    close_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
