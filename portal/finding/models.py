"""Tables of saved searches and of unmet need: searched for in vain, or declined by all who were asked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class SavedSearch(Base):
    """What a person looks for on behalf of an organisation.

    `criteria` are those of the search (`portal.finding.criteria`), `address` the query of its page, and
    `looked_at` when it was last asked whether something new fits.
    """

    __tablename__ = "saved_search"
    __table_args__ = (CheckConstraint("name <> ''", name="name"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    alerts: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    looked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Told(Base):
    """A service that a saved search has found and that has fitted since, so that no letter names it again."""

    __tablename__ = "saved_search_told"

    saved_search_id: Mapped[int] = mapped_column(
        ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, index=True)
    told_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class UnmetNeed(Base):
    """What was looked for in vain on one day, and by how many organisations."""

    __tablename__ = "unmet_need"
    __table_args__ = (
        UniqueConstraint("searched_on", "looked_for"),
        CheckConstraint("searches > 0", name="searches"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    searched_on: Mapped[date]
    looked_for: Mapped[dict[str, Any]] = mapped_column(JSONB)
    searches: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)


class Seeker(Base):
    """An organisation that was counted today for what it looked for in vain; gone the day after."""

    __tablename__ = "unmet_need_seeker"

    unmet_need_id: Mapped[int] = mapped_column(
        ForeignKey("unmet_need.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)


class DeclinedNeed(Base):
    """A child for whom every provider that was asked has said no, without anything that says who it is.

    `area` is the first half of the school's postcode. A later yes to the same request (`request_id`, that of
    its referrals) fills `met_on`. The referrals go when their period is over; this stays for a period of its
    own, and goes by its `id`.
    """

    __tablename__ = "declined_need"
    __table_args__ = (
        CheckConstraint("days_a_week BETWEEN 1 AND 5", name="days_a_week"),
        CheckConstraint("asked > 0", name="asked"),
        Index("ix_declined_need_noted_on", "noted_on"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    noted_on: Mapped[date]
    key_stage: Mapped[str] = mapped_column(Text)
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    days_a_week: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(Text)
    asked: Mapped[int] = mapped_column(SmallInteger)
    met_on: Mapped[date | None]
