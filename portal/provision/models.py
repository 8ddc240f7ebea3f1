"""The table of proposals for service pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.provision.lifecycle import PROPOSAL


class Proposal(Base):
    """What a provider wants a service's page to say, in `facts` by part (`facts.PARTS`), as JSON.

    A service has at most one that is not published. `how` says by what the council verified it, `reason` why
    it was sent back last. A save with a stale `version` is refused.
    """

    __tablename__ = "service_proposal"
    __table_args__ = (
        Index(
            "uq_service_proposal_open",
            "service_id",
            unique=True,
            postgresql_where=sql("state <> 'published'"),
        ),
        CheckConstraint(PROPOSAL.check_constraint(), name="state"),
        CheckConstraint("state = 'draft' OR sent_at IS NOT NULL", name="sent_at"),
        CheckConstraint("state <> 'published' OR (decided_at IS NOT NULL AND how <> '')", name="decided_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    facts: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB, server_default=sql("'{}'"), default=dict)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    how: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
