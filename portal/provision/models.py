"""Tables of what providers want their service pages to say, and of what they changed without a check."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.provision.facts import PARTS
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


_OWN = ", ".join(f"'{code}'" for code, part in PARTS.items() if not part.checked)


class OwnWords(Base):
    """A part of a page that schools read as its provider changed it, and that no officer has read since.

    `before` is what the part said when it was read last, as JSON (`facts.stored`); what it says now stands in
    the service. `version` counts the changes, so that nobody notes as read what they have not seen.
    """

    __tablename__ = "service_own_words"
    __table_args__ = (
        UniqueConstraint("service_id", "part"),
        CheckConstraint(f"part IN ({_OWN})", name="part"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    part: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
