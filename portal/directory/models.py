"""Tables of standings, services and search rows."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from portal.database import Base
from portal.directory.lifecycle import STANDING
from tender.frameworks.models import KEY_STAGES

# Primary need codes of the school census.
NEEDS = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "OTH": "Other difficulty or disability",
}


class Point(UserDefinedType[str]):
    """PostgreSQL's point, holding easting and northing in metres of the National Grid, as '(e,n)'."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "POINT"


class Standing(Base):
    """A provider's place on one lot.

    `on_conditions` while a condition of its admission is open: a suspension that ends does not lift that.

    `evidence_until` is the last day on which all is in force that the lot asks a provider to show; empty
    where it asks for nothing that runs out. The database keeps it, from what the lot asks for and the
    council has checked. `open_until` is the last day on which a new child may come, if the state lets one:
    the term's or the evidence's. Both are compared with the day of the question; nothing is stored when they
    pass.
    """

    __tablename__ = "standing"
    __table_args__ = (
        UniqueConstraint("provider_id", "lot_id"),
        CheckConstraint(STANDING.check_constraint(), name="state"),
        CheckConstraint("ends_on > starts_on", name="term"),
        CheckConstraint(
            "state NOT IN ('admitted', 'conditional') OR on_conditions = (state = 'conditional')",
            name="on_conditions",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'admitted'"), default="admitted")
    on_conditions: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    admitted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    evidence_until: Mapped[date | None]
    open_until: Mapped[date] = mapped_column(Computed("LEAST(ends_on, evidence_until)", persisted=True))


class Service(Base):
    """What a provider offers under one standing. Prices are pounds a day.

    `places` is how many children it takes at one time; `places_free` how many more it could take at
    `places_confirmed_at`. `easting` and `northing` (metres of the National Grid) follow from the postcode.
    A save with a stale `version` is refused.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("price_per_day >= 0", name="price_per_day"),
        CheckConstraint("places >= 0", name="places"),
        CheckConstraint("places_free >= 0", name="places_free"),
        CheckConstraint("(places_free IS NULL) = (places_confirmed_at IS NULL)", name="places_confirmed_at"),
        CheckConstraint("(easting IS NULL) = (northing IS NULL)", name="location"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing.id"), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    key_stages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    postcode: Mapped[str] = mapped_column(Text)
    easting: Mapped[int | None] = mapped_column(Integer)
    northing: Mapped[int | None] = mapped_column(Integer)
    registered_school: Mapped[bool]
    urn: Mapped[str | None] = mapped_column(Text)
    price_per_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    places: Mapped[int | None] = mapped_column(SmallInteger)
    places_free: Mapped[int | None] = mapped_column(SmallInteger)
    places_confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))


class SearchRow(Base):
    """What the search reads of a service, in one narrow table: found by words or by place, filtered by bits.

    Rows exist for admitted standings alone; `starts_on` and `ends_on`, the first and the last day on which
    the standing is open to new children, are compared with the day of the search. `traits` has a
    bit for each key stage and need (`trait_bit`). Counting what each choice would find reads the services
    that fail one filter too, so indexes on key stages, needs or lots would not narrow much.
    """

    __tablename__ = "search_row"
    __table_args__ = (
        # Entries go in at once: a search never has to read through a list of those that wait.
        Index("ix_search_row_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_search_row_location", "location", postgresql_using="gist"),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    traits: Mapped[int] = mapped_column(Integer)
    price_per_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    places_free: Mapped[int | None] = mapped_column(SmallInteger)
    location: Mapped[str | None] = mapped_column(Point)
    words: Mapped[str] = mapped_column(TSVECTOR)


def trait_bit(code: str) -> int:
    """The bit of a key stage or need in `SearchRow.traits`. Raises `ValueError` for an unknown code."""
    return 1 << (*KEY_STAGES, *NEEDS).index(code)


def trait_bits(codes: Iterable[str]) -> int:
    """All their bits."""
    return sum(trait_bit(code) for code in set(codes))
