"""The table of call-offs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.routes import ROUTES
from portal.database import Base


class CallOff(Base):
    """One provider chosen for one child: the accepted referral, the route and the reason.

    A request (`Referral.request_id`) has at most one that stands. `child_id` is empty until the school says
    who the child is (`portal.children`); from then on the chosen provider reads it too, as long as
    `portal.children.access` says.
    By the route `block` it takes a place of the purchase `block_id` (`portal.blocks`), until `block_until`.
    """

    __tablename__ = "call_off"
    __table_args__ = (
        CheckConstraint(CALL_OFF.check_constraint(), name="state"),
        CheckConstraint("route IN (" + ", ".join(f"'{route}'" for route in ROUTES) + ")", name="route"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(route = 'block') = (block_id IS NOT NULL)", name="block_id"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("(state = 'cancelled') = (cancel_reason <> '')", name="cancel_reason"),
        Index(
            "uq_call_off_request_id_chosen",
            "request_id",
            unique=True,
            postgresql_where=sql("state = 'chosen'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(index=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    block_id: Mapped[int | None] = mapped_column(ForeignKey("place_block.id"), index=True)
    block_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(Text, server_default=sql("'chosen'"), default="chosen")
    route: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    pupil_preference: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    parent_preference: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    chosen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancel_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
