"""A service as pages show it, with its provider, lot and standing."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects import postgresql

from portal import clock
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import KEY_STAGES, NEEDS, Service, Standing
from tender.frameworks.models import Framework, Lot

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
    postcode: str
    registered_school: bool
    urn: str | None
    price_per_day: Decimal | None
    places: int | None
    places_free: int | None
    places_confirmed_at: datetime | None
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
    def area(self) -> str:
        """The first half of the postcode."""
        return self.postcode.split(" ")[0]

    @property
    def live(self) -> bool:
        """Whether schools can find it and refer to it today."""
        return self.state == "admitted" and self.starts_on <= clock.today() <= self.open_until

    @property
    def places_stale(self) -> bool:
        """Whether the free places were never confirmed, or longer ago than schools can rely on."""
        return self.places_confirmed_at is None or clock.now() - self.places_confirmed_at > PLACES_GO_STALE


def need_names(codes: Iterable[str]) -> str:
    """Needs in words, with semicolons between them since some hold commas."""
    return "; ".join(NEEDS.get(code, code) for code in codes)


def entries_where(*conditions: ColumnElement[bool]) -> list[ServiceEntry]:
    """The services that meet the conditions, in the order in which they came."""
    rows = db.session.execute(entries_select().where(*conditions).order_by(Service.id))
    return [ServiceEntry(*row) for row in rows]


@cache
def entries_sql() -> str:
    """`entries_select` as SQL without parameters, to be joined by others."""
    return str(entries_select().compile(dialect=postgresql.dialect()))


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
        "lot_number": Lot.number,
        "lot_title": Lot.title,
        "framework_title": Framework.title,
        "framework_reference": Framework.reference,
    }
    return (
        select(*(columns[name].label(name) for name in _NAMES))
        .join_from(Service, Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
    )


_NAMES = [field.name for field in fields(ServiceEntry)]
