"""Tables of shortlists and of what a school decided on each service in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.shortlists.lifecycle import SHORTLIST


class Shortlist(Base):
    """A search as a school froze it.

    `found` is what was looked for and every result in words (`portal.shortlists.evidence`), `sha256` the
    digest of that, `address` the query with which the search page looks for the same again. `token` comes
    from the page, so that a double click freezes once. `version` counts the savings of its choices: who signs
    or saves names the one that they saw. `closed_by_name` is the name under the signature as it was then, and
    `closed_sha256` the digest of the whole record, choices included.
    """

    __tablename__ = "shortlist"
    __table_args__ = (
        CheckConstraint(SHORTLIST.check_constraint(), name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(state = 'closed') = (closed_by_id IS NOT NULL)", name="closed_by_somebody"),
        CheckConstraint("(state = 'closed') = (closed_by_name <> '')", name="closed_by_name"),
        CheckConstraint("(state = 'closed') = (closed_sha256 IS NOT NULL)", name="closed_sha256"),
        Index("ix_shortlist_school_id_frozen_at", "school_id", "frozen_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token: Mapped[UUID] = mapped_column(unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    label: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    address: Mapped[str] = mapped_column(Text)
    found: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("0"), default=0)
    frozen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    frozen_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_by_name: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    closed_sha256: Mapped[str | None] = mapped_column(Text)


class ShortlistChoice(Base):
    """What the school decided on the service at one place of the list; nothing yet without a `verdict`."""

    __tablename__ = "shortlist_choice"
    __table_args__ = (
        CheckConstraint("verdict IN ('kept', 'left_out')", name="verdict"),
        CheckConstraint("verdict IS DISTINCT FROM 'left_out' OR reason <> ''", name="reason"),
        CheckConstraint("place > 0", name="place"),
    )

    shortlist_id: Mapped[int] = mapped_column(
        ForeignKey("shortlist.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    verdict: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
