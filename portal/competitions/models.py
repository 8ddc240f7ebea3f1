"""Tables of mini-competitions, the providers' sealed answers and their marks."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.commissioning.models import PRICE_UNITS
from portal.competitions.criteria import MARKED
from portal.competitions.lifecycle import COMPETITION
from portal.database import Base
from portal.directory.offer import SESSIONS


class Competition(Base):
    """One child, several providers, one close. A request has at most one that is not over.

    What was wished for is kept as it was at the start, since the points that are counted rest on it.
    """

    __tablename__ = "competition"
    __table_args__ = (
        CheckConstraint(COMPETITION.check_constraint(), name="state"),
        CheckConstraint("closes_at > started_at", name="closes_at"),
        CheckConstraint("days_a_week BETWEEN 1 AND 5", name="days_a_week"),
        CheckConstraint(
            "sessions_wanted <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]",
            name="sessions_wanted",
        ),
        CheckConstraint("(state = 'running') = (opened_at IS NULL) OR state = 'abandoned'", name="opened_at"),
        CheckConstraint(
            "(state IN ('awarded', 'no_winner', 'abandoned')) = (concluded_at IS NOT NULL)"
            " AND (state IN ('awarded', 'no_winner', 'abandoned')) = (conclusion <> '')",
            name="concluded",
        ),
        Index(
            "uq_competition_request_id_going_on",
            "request_id",
            unique=True,
            postgresql_where=sql("state IN ('running', 'opened')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'running'"), default="running")
    days_a_week: Mapped[int] = mapped_column(SmallInteger)
    sessions_wanted: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    start_wanted_on: Mapped[date]
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    started_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closes_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    concluded_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    concluded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    conclusion: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")

    @property
    def ended_at(self) -> datetime:
        """Until when it can be answered: its close, unless it was opened or ended before."""
        return min(filter(None, (self.closes_at, self.opened_at, self.concluded_at)))


class Entry(Base):
    """A provider that was invited, and its answer once it gave one: an offer, and words for each criterion
    that is marked. It can be changed until the close; the school reads nothing of it before the opening."""

    __tablename__ = "competition_entry"
    __table_args__ = (
        UniqueConstraint("competition_id", "referral_id"),
        CheckConstraint(
            "(submitted_at IS NULL) = (start_on IS NULL) AND (submitted_at IS NULL) = (price IS NULL)"
            " AND (submitted_at IS NULL) = (submitted_by_id IS NULL)",
            name="submitted",
        ),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint(
            "price_unit IN ('', " + ", ".join(f"'{unit}'" for unit in PRICE_UNITS) + ")", name="price_unit"
        ),
        CheckConstraint(
            "sessions <@ ARRAY[" + ", ".join(f"'{code}'" for code in SESSIONS) + "]", name="sessions"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    start_on: Mapped[date | None]
    sessions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    price: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_unit: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    price_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    fit: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    travel: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class EntryMark(Base):
    """The points that the school gave an answer for one criterion, with the reason."""

    __tablename__ = "competition_mark"
    __table_args__ = (
        UniqueConstraint("entry_id", "criterion"),
        CheckConstraint("criterion IN (" + ", ".join(f"'{code}'" for code in MARKED) + ")", name="criterion"),
        CheckConstraint("points BETWEEN 0 AND 5", name="points"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("competition_entry.id", ondelete="CASCADE"))
    criterion: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    marked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
