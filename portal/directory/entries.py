"""A service as pages show it, with its provider, lot and standing."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.dialects import postgresql

from portal import clock
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.offer import (
    DAYS,
    HALVES,
    HOURS_A_DAY,
    INCLUSIONS,
    MODES,
    QUALIFICATIONS,
    SESSIONS,
    SEXES,
    SUBJECTS,
    TIERS,
    TRANSPORT,
    VERIFIED,
    names_of,
    need_names,
    session_names,
)
from portal.web.filters import uk_date
from tender.frameworks.models import KEY_STAGES, Framework, Lot

PLACES_GO_STALE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service as pages show it. Its fields are the columns of `entries_select`, in the same order."""

    id: int
    version: int
    title: str
    summary: str
    key_stages: list[str]
    needs: list[str]
    tiers: list[str]
    sex: str
    group_size: int | None
    children_per_adult: int | None
    modes: list[str]
    sessions: list[str]
    subjects: list[str]
    qualifications: list[str]
    postcode: str
    easting: int | None
    northing: int | None
    registered_school: bool
    urn: str | None
    inspection: str
    inspected_on: date | None
    price_per_day: Decimal | None
    price_half_day: Decimal | None
    price_hour: Decimal | None
    price_includes: list[str]
    transport: str
    transport_note: str
    places: int | None
    places_free: int | None
    free_by_session: list[int] | None
    places_confirmed_at: datetime | None
    placed_since: int
    verified: dict[str, str]
    updated_at: datetime
    provider_id: int
    provider_name: str
    provider_website: str
    provider_telephone: str
    standing_id: int
    state: str
    admitted_at: datetime
    starts_on: date
    ends_on: date
    open_until: date
    excluded: bool
    provider_state: str
    lot_id: int
    lot_number: str
    lot_title: str
    framework_title: str
    framework_reference: str

    @property
    def key_stage_names(self) -> str:
        """'Key stage 3, Key stage 4'."""
        return ", ".join(KEY_STAGES.get(code, code) for code in self.key_stages)

    @property
    def need_names(self) -> str:
        """The needs it caters for; empty when it names none."""
        return need_names(self.needs)

    @property
    def tier_names(self) -> str:
        """'Tier 2: a time-limited placement'."""
        return names_of(self.tiers, TIERS)

    @property
    def mode_names(self) -> str:
        """'At the provider's site, Online'."""
        return names_of(self.modes, MODES)

    @property
    def taught(self) -> str:
        """Subjects, in the order of the list."""
        return names_of(self.subjects, SUBJECTS)

    @property
    def qualification_names(self) -> str:
        """What children can leave with."""
        return names_of(self.qualifications, QUALIFICATIONS)

    @property
    def session_names(self) -> str:
        """'Monday, Tuesday morning'."""
        return session_names(self.sessions)

    @property
    def sex_name(self) -> str:
        """'Girls only'."""
        return SEXES[self.sex]

    @property
    def transport_words(self) -> str:
        """Whether it brings the child, with what it says of that."""
        return ". ".join(filter(None, (TRANSPORT.get(self.transport, ""), self.transport_note)))

    @property
    def included(self) -> str:
        """What the price holds."""
        return names_of(self.price_includes, INCLUSIONS)

    @property
    def free_sessions(self) -> list[str]:
        """The sessions in which a place was free when that was last confirmed."""
        free = self.free_by_session or []
        return [code for code, number in zip(SESSIONS, free, strict=False) if number]

    @property
    def free_by_day(self) -> list[tuple[str, list[int]]]:
        """('Monday', [2, 0]): the places free in each half of each day; empty while nobody has said."""
        free = self.free_by_session or []
        return [
            (name, free[place : place + len(HALVES)])
            for place, name in zip(range(0, len(free), len(HALVES)), DAYS.values(), strict=False)
        ]

    @property
    def free_session_names(self) -> str:
        """These in words."""
        return session_names(self.free_sessions)

    @property
    def day_price(self) -> Decimal | None:
        """What compares: the price of a day, else of two half days, else of HOURS_A_DAY hours."""
        if self.price_per_day is not None:
            return self.price_per_day
        if self.price_half_day is not None:
            return 2 * self.price_half_day
        return None if self.price_hour is None else HOURS_A_DAY * self.price_hour

    @property
    def verified_words(self) -> str:
        """'On 3 May 2026: prices, registration' for each day on which the council verified something."""
        by_day: dict[str, list[str]] = {}
        for part, words in VERIFIED.items():
            if part in self.verified:
                by_day.setdefault(self.verified[part], []).append(words)
        return "; ".join(
            f"on {uk_date(date.fromisoformat(day))}: {', '.join(parts)}" for day, parts in by_day.items()
        )

    def verified_on(self, part: str) -> date | None:
        """The day on which the council last verified a part of the page."""
        return date.fromisoformat(self.verified[part]) if part in self.verified else None

    @property
    def area(self) -> str:
        """The first half of the postcode."""
        return self.postcode.split(" ")[0]

    @property
    def live(self) -> bool:
        """Whether schools can find it and refer to it today."""
        may = self.state == "admitted" and self.provider_state == "checked" and not self.excluded
        return may and self.starts_on <= clock.today() <= self.open_until

    @property
    def places_stale(self) -> bool:
        """Whether the free places were never confirmed, or longer ago than schools can rely on."""
        return self.places_confirmed_at is None or clock.now() - self.places_confirmed_at > PLACES_GO_STALE


def entries_where(*conditions: ColumnElement[bool]) -> list[ServiceEntry]:
    """The services that meet the conditions, in the order in which they came."""
    rows = db.session.execute(entries_select().where(*conditions).order_by(Service.id))
    return [ServiceEntry(*row) for row in rows]


@cache
def entries_sql() -> str:
    """`entries_select` as SQL without parameters, to be joined by others."""
    return str(entries_select().compile(dialect=postgresql.dialect()))


@cache
def versions_sql() -> str:
    """SQL without parameters for the id of each service and VERSIONS columns that tell which version of each
    of its rows is seen: who wrote it (`xmin`), and where it lies (`ctid`)."""
    columns = [f"{table.__tablename__}.{of}" for table in _TABLES for of in ("xmin", "ctid")]
    assert len(columns) == VERSIONS
    named = (literal_column(column).label(f"version_{place}") for place, column in enumerate(columns))
    return str(_of_services(select(Service.id, *named)).compile(dialect=postgresql.dialect()))


@cache
def entries_select() -> Select[Any]:
    """Built once: to build it takes longer than to read what it selects."""
    columns = {
        **{name: getattr(Service, name) for name in _NAMES if hasattr(Service, name)},
        "provider_name": Organisation.name,
        "provider_website": Organisation.website,
        "provider_telephone": Organisation.telephone,
        "state": Standing.state,
        "admitted_at": Standing.admitted_at,
        "starts_on": Standing.starts_on,
        "ends_on": Standing.ends_on,
        "open_until": Standing.open_until,
        "excluded": Standing.excluded,
        "provider_state": Organisation.state,
        "lot_id": Standing.lot_id,
        "lot_number": Lot.number,
        "lot_title": Lot.title,
        "framework_title": Framework.title,
        "framework_reference": Framework.reference,
    }
    ordered = [(name, columns[name]) for name in _NAMES]
    return _of_services(select(*(each if each.key == name else each.label(name) for name, each in ordered)))


def _of_services(selected: Select[Any]) -> Select[Any]:
    """With the five tables that an entry is put together from."""
    return (
        selected.select_from(Service)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
    )


_TABLES = (Service, Standing, Organisation, Lot, Framework)
VERSIONS = 2 * len(_TABLES)
_NAMES = [field.name for field in fields(ServiceEntry)]
