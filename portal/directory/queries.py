"""Reading the register: the search, a service's page, and what waits for its provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, bindparam, select

from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import KEY_STAGES, NEEDS, Service, Standing
from portal.directory.search import (
    MOST_RANKED,
    LotFound,
    SearchCriteria,
    ranks_words,
    read_counts,
    search_statement,
)
from portal.errors import NotFound
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date

_STATES_IN_WORDS = {"conditional": "conditions open", "suspended_new": "suspended for new referrals"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A service found: how far it is (metres, None without a postcode), and what fits and what does not."""

    service: ServiceEntry
    metres: float | None
    fits: tuple[str, ...]
    misfits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of what was found, how many there are, and how many there would be with other choices."""

    hits: tuple[Hit, ...]
    total: int
    reachable: int
    lots: tuple[LotFound, ...]
    key_stages: Mapping[str, int]
    needs: Mapping[str, int]


def search(criteria: SearchCriteria) -> SearchResult:
    """Admitted services whose term is running, in one statement whatever their number."""
    sql, values = search_statement(criteria)
    # Straight to the driver, and rows by position: SQLAlchemy's reading of the text, and of names in each
    # row, takes as long as a small register's answer.
    rows = db.session.connection().exec_driver_sql(sql, values).all()
    found = read_counts(rows[0].lots, criteria.lot_ids)
    return SearchResult(
        hits=tuple(_hit(criteria, ServiceEntry(*entry), metres) for _, metres, *entry in rows if entry[0]),
        total=found.total,
        reachable=min(found.total, MOST_RANKED) if ranks_words(criteria) else found.total,
        lots=found.lots,
        key_stages=found.key_stages,
        needs=found.needs,
    )


def _hit(criteria: SearchCriteria, service: ServiceEntry, metres: float | None) -> Hit:
    """A service with what fits of that which was asked for, and what does not."""
    takes = [KEY_STAGES[code] for code in criteria.key_stages if code in service.key_stages]
    leaves = [KEY_STAGES[code] for code in criteria.key_stages if code not in service.key_stages]
    meets = [NEEDS[code] for code in criteria.needs if code in service.needs]
    lacks = [NEEDS[code] for code in criteria.needs if code not in service.needs]
    fits = [f"Takes {_listed(takes)}"] if takes else []
    misfits = [f"Does not take {_listed(leaves)}"] if leaves else []
    if meets:
        fits.append(f"Caters for {_listed(meets)}")
    if lacks:
        misfits.append(f"Does not say that it caters for {_listed(lacks)}")
    if service.places_free == 0:
        misfits.append(f"Had no place free on {uk_date(service.places_confirmed_at)}")
    elif service.places_free and not service.places_stale:
        fits.append(f"Has {plural(service.places_free, 'free place')}")
    return Hit(service, metres, tuple(fits), tuple(misfits))


def _listed(names: Sequence[str]) -> str:
    """'social, emotional and mental health; autistic spectrum disorder': names with commas of their own."""
    return "; ".join(name[:1].lower() + name[1:] for name in names)


def service_for(viewer: Actor, service_id: int) -> ServiceEntry:
    """One service: for anyone who may search while it is live, for its provider and for auditors always.

    Raises `NotFound` otherwise.
    """
    service = service_named(service_id)
    if not _may_see(viewer, service):
        raise NotFound()
    return service


def service_named(service_id: int) -> ServiceEntry:
    """One service whatever its standing, for pages that say why it cannot be used. Raises `NotFound`."""
    service = next(iter(entries_where(Service.id == service_id)), None)
    if service is None:
        raise NotFound()
    return service


def _may_see(viewer: Actor, service: ServiceEntry) -> bool:
    own = viewer.may("service:edit") and viewer.organisation_id == service.provider_id
    return own or viewer.may("audit:read") or (viewer.may("directory:search") and service.live)


def own_service(viewer: Actor, service_id: int) -> ServiceEntry:
    """A service of the viewer's own organisation. Raises `NotFound` otherwise."""
    service = service_for(viewer, service_id)
    if not viewer.may("service:edit") or viewer.organisation_id != service.provider_id:
        raise NotFound()
    return service


def lots_held_by(provider_id: ColumnElement[int]) -> Select[tuple[int]]:
    """The lots (ids) on which a provider stands, suspended or not, on the day of the parameter `today`."""
    return select(Standing.lot_id).where(
        Standing.provider_id == provider_id,
        Standing.state != "removed",
        Standing.ends_on >= bindparam("today"),
    )


def live_condition(day: date) -> ColumnElement[bool]:
    """A standing that is open to new children on `day`: admitted, in its term, its evidence in force."""
    return and_(Standing.state == "admitted", Standing.starts_on <= day, Standing.open_until >= day)


def waiting_for(viewer: Actor) -> Waiting:
    """For providers: free places that nobody confirmed for 30 days, and their services in the register."""
    if not viewer.may("service:edit"):
        return Waiting()
    services = [
        s for s in entries_where(Service.provider_id == viewer.organisation_id) if s.state != "removed"
    ]
    return Waiting(
        now=tuple(_places_task(service) for service in services if service.live and service.places_stale),
        going_on=tuple(
            GoingOn(
                sentence=f"{service.title}, lot {service.lot_number}: {service.lot_title}",
                state="in the directory" if service.live else _not_live(service),
                endpoint="directory.show",
                values={"service_id": service.id},
            )
            for service in services
        ),
    )


def _not_live(service: ServiceEntry) -> str:
    if service.state == "admitted":
        if clock.today() < service.starts_on:
            return "not started"
        return "term ended" if clock.today() > service.ends_on else "evidence expired"
    return _STATES_IN_WORDS.get(service.state, service.state)


def _places_task(service: ServiceEntry) -> Task:
    confirmed = service.places_confirmed_at
    return Task(
        sentence=f"Schools cannot rely on the places shown for {service.title} (lot {service.lot_number}).",
        verb="Confirm your free places",
        endpoint="directory.edit",
        values={"service_id": service.id},
        detail=f"Last confirmed on {uk_date(confirmed)}." if confirmed else "They were never confirmed.",
    )
