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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from portal.database import Base
from portal.directory.lifecycle import STANDING
from portal.directory.offer import (
    INCLUSIONS,
    MODES,
    QUALIFICATIONS,
    SESSIONS,
    SEXES,
    SITE_KINDS,
    SUBJECTS,
    TIERS,
    TRANSPORT,
)


def _only(column: str, codes: Iterable[str]) -> CheckConstraint:
    """The constraint that a list of codes holds known ones alone."""
    known = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} <@ ARRAY[{known}]", name=column)


def _one_of(column: str, codes: Iterable[str]) -> CheckConstraint:
    """The constraint that a column holds one of these codes."""
    return CheckConstraint(f"{column} IN (" + ", ".join(f"'{code}'" for code in codes) + ")", name=column)


FREE_WHERE_OPEN = " AND ".join(
    f"(free_by_session[{place}] = 0 OR '{code}' = ANY (sessions))" for place, code in enumerate(SESSIONS, 1)
)
"""The condition that no place is free in a session in which a service is closed."""


class Point(UserDefinedType[str]):
    """PostgreSQL's point, holding easting and northing in metres of the National Grid, as '(e,n)'."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "POINT"


class Box(UserDefinedType[str]):
    """PostgreSQL's box, two corners in metres of the National Grid, as '(e,n),(e,n)'."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "BOX"


class Standing(Base):
    """A provider's place on one lot.

    `on_conditions` while a condition of its admission is open: a suspension that ends does not lift that.

    `evidence_until` is the last day on which all is in force that the lot asks a provider to show; empty
    where it asks for nothing that runs out. The database keeps it, from what the lot asks for and the
    council has checked. `open_until` is the last day on which a new child may come, if the state lets one:
    the term's or the evidence's. Both are compared with the day of the question; nothing is stored when they
    pass.

    `excluded` while the council's newest look at a part of the provider, over all its tenders, excludes it:
    no contract under a framework may be given to an excluded supplier (Procurement Act 2023, section 45(6)).
    The database keeps this too, from what was found (`evaluation.exclusions`).
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
    excluded: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    open_until: Mapped[date] = mapped_column(Computed("LEAST(ends_on, evidence_until)", persisted=True))


class Service(Base):
    """What a provider offers under one standing, as schools read it. Prices are pounds without VAT.

    `places` is how many children it takes at one time; `free_by_session` how many more it could take in each
    of the ten sessions of a week (`offer.SESSIONS`) at `places_confirmed_at`, none where it is closed, and
    `places_free` the most of them. The provider's own count is the truth: an agreement takes nothing from it,
    as a place may be kept for that child already, and `placed_since` says how many have come into force
    since. `easting` and `northing` (metres of the National Grid) follow from the postcode of the main site.
    `verified` holds the day on which the council last verified a part of the page, by the part's name. A save
    with a stale `version` is refused.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("price_per_day >= 0", name="price_per_day"),
        CheckConstraint("price_half_day >= 0", name="price_half_day"),
        CheckConstraint("price_hour >= 0", name="price_hour"),
        CheckConstraint("places >= 0", name="places"),
        CheckConstraint("places_free >= 0", name="places_free"),
        CheckConstraint("(places_free IS NULL) = (places_confirmed_at IS NULL)", name="places_confirmed_at"),
        CheckConstraint(
            "cardinality(free_by_session) = 10 AND 0 <= ALL (free_by_session)"
            " AND places_free = ANY (free_by_session) AND places_free >= ALL (free_by_session)",
            name="free_by_session",
        ),
        CheckConstraint(FREE_WHERE_OPEN, name="free_where_open"),
        CheckConstraint("(easting IS NULL) = (northing IS NULL)", name="location"),
        CheckConstraint("group_size BETWEEN 1 AND 99", name="group_size"),
        CheckConstraint("children_per_adult BETWEEN 1 AND 30", name="children_per_adult"),
        _only("tiers", TIERS),
        _only("modes", MODES),
        _only("sessions", SESSIONS),
        _only("subjects", SUBJECTS),
        _only("qualifications", QUALIFICATIONS),
        _only("price_includes", INCLUSIONS),
        _one_of("sex", SEXES),
        _one_of("transport", ("", *TRANSPORT)),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing.id"), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    key_stages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    tiers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    sex: Mapped[str] = mapped_column(Text, server_default=sql("'any'"), default="any")
    group_size: Mapped[int | None] = mapped_column(SmallInteger)
    children_per_adult: Mapped[int | None] = mapped_column(SmallInteger)
    modes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    sessions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    qualifications: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    postcode: Mapped[str] = mapped_column(Text)
    easting: Mapped[int | None] = mapped_column(Integer)
    northing: Mapped[int | None] = mapped_column(Integer)
    registered_school: Mapped[bool]
    urn: Mapped[str | None] = mapped_column(Text)
    inspection: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    inspected_on: Mapped[date | None]
    price_per_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_half_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_hour: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    price_includes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    transport: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    transport_note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    places: Mapped[int | None] = mapped_column(SmallInteger)
    places_free: Mapped[int | None] = mapped_column(SmallInteger)
    free_by_session: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    places_confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    placed_since: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"), default=0)
    verified: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'"), default=dict)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))


class Site(Base):
    """An address where a service teaches: the main one first, then satellites and those of subcontractors.

    `run_by` names the subcontractor. `easting` and `northing` (metres of the National Grid) follow from the
    postcode. Written as a whole with the service that it belongs to.
    """

    __tablename__ = "service_site"
    __table_args__ = (
        UniqueConstraint("service_id", "position"),
        CheckConstraint("(position = 0) = (kind = 'main')", name="main_first"),
        CheckConstraint("(kind = 'subcontracted') = (run_by <> '')", name="run_by"),
        CheckConstraint("(easting IS NULL) = (northing IS NULL)", name="location"),
        _one_of("kind", SITE_KINDS),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str] = mapped_column(Text)
    easting: Mapped[int | None] = mapped_column(Integer)
    northing: Mapped[int | None] = mapped_column(Integer)
    run_by: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


_READ_BY_ALL = (
    *("starts_on", "service_id", "lot_id", "traits", "price_per_day", "sessions", "sessions_free"),
    "free_until",
)


class SearchRow(Base):
    """What the search reads of a service, in one narrow table: found by words or by place, filtered by bits.

    Rows exist for admitted standings alone; `starts_on` and `ends_on`, the first and the last day on which
    the standing is open to new children, are compared with the day of the search. `traits` has a bit for each
    code of the filters (`offer.TRAITS`), `sessions` and `sessions_free` one for each session that is offered,
    and in which a place was free; `free_until` is the last day on which schools can rely on that, empty where
    none was. `price_per_day` is what compares: the price of a day, else
    of two half days, else of HOURS_A_DAY hours. `location` is the main site's, `further` holds those of the
    other sites (most services have none, and null), `reach` is the least box around all of them, by which a
    radius finds them. Counting what each choice would find reads the services that fail one filter too, so
    indexes on key stages, needs or lots would not narrow much.
    """

    __tablename__ = "search_row"
    __table_args__ = (
        # Entries go in at once: a search never has to read through a list of those that wait.
        Index("ix_search_row_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_search_row_reach", "reach", postgresql_using="gist"),
        # All that a search without words and place reads.
        Index("ix_search_row_ends_on", "ends_on", postgresql_include=_READ_BY_ALL),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    traits: Mapped[int] = mapped_column(BigInteger)
    sessions: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"))
    sessions_free: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"))
    free_until: Mapped[date | None]
    price_per_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    location: Mapped[str | None] = mapped_column(Point)
    further: Mapped[list[str] | None] = mapped_column(ARRAY(Point))
    reach: Mapped[str | None] = mapped_column(Box)
    words: Mapped[str] = mapped_column(TSVECTOR)


class KnownWord(Base):
    """A word that some service's page has held, as people write it: what a misspelt word is compared with."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(Text, primary_key=True)


class PostcodePlace(Base):
    """Where a full postcode is, in metres of the National Grid, as `portal postcodes load` read it."""

    __tablename__ = "postcode"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    easting: Mapped[int] = mapped_column(Integer)
    northing: Mapped[int] = mapped_column(Integer)


class AreaOutline(Base):
    """The outline of an area, as `portal outlines load` read it: rings of [easting, northing] in metres of
    the National Grid, made plain. `attribution` says whose it is, and stands under each map."""

    __tablename__ = "area_outline"
    __table_args__ = (CheckConstraint("attribution <> ''", name="attribution"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    rings: Mapped[list[Any]] = mapped_column(JSONB)
    attribution: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
