"""Reading the register: the search, a service's page, and what waits for its provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.counting import LotFound, read_counts
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.fitting import fit_of
from portal.directory.keeping import entries_of
from portal.directory.models import Service, Site, Standing
from portal.directory.search import (
    MOST_RANKED,
    SearchCriteria,
    counting_statement,
    distances_statement,
    filters_of,
    ranks_words,
    search_statement,
)
from portal.directory.spelling import respelt
from portal.directory.statuses import STATUSES, Status, status_on
from portal.errors import NotFound


@dataclass(frozen=True, slots=True)
class NearestSite:
    """Of a service with several sites the one that is nearest: its kind (`offer.SITE_KINDS`), who runs it
    (empty: the provider itself), and where it is in metres of the National Grid."""

    kind: str
    postcode: str
    run_by: str
    easting: int
    northing: int

    @property
    def area(self) -> str:
        """The first half of the postcode."""
        return self.postcode.split(" ")[0]


@dataclass(frozen=True, slots=True)
class Hit:
    """A service found: how far its nearest site is (metres, None without a postcode), and what fits and what
    does not. `site` is None where the main site is nearest, or the only one."""

    service: ServiceEntry
    metres: float | None
    fits: tuple[str, ...]
    misfits: tuple[str, ...]
    site: NearestSite | None = None

    @property
    def area(self) -> str:
        """The first half of the postcode of the site that is meant."""
        return (self.site or self.service).area

    @property
    def measured_to(self) -> str:
        """The postcode of the site to which the distance goes; empty without one."""
        return "" if self.metres is None else (self.site or self.service).postcode

    @property
    def spot(self) -> tuple[int, int] | None:
        """Easting and northing of the site to which the distance goes, or of the main one."""
        if self.site:
            return self.site.easting, self.site.northing
        east, north = self.service.easting, self.service.northing
        return None if east is None or north is None else (east, north)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of what was found, how many there are, how many of them have a free place (in all sessions
    that were asked for), and how many there would be with other choices.

    `instead` are the words that were searched for where nothing is called what was typed.
    """

    hits: tuple[Hit, ...]
    total: int
    reachable: int
    free: int
    lots: tuple[LotFound, ...]
    choices: Mapping[str, Mapping[str, int]]
    instead: str = ""


def search(criteria: SearchCriteria) -> SearchResult:
    """Admitted services whose term is running, in two statements whatever their number, and in one where the
    page's entries were read before.

    Where nothing is found, two more look for words that are spelt nearly as those typed, and where other
    choices leave nothing of these either, one more asks whether the words alone find something: then it is
    the choices that leave nothing, and their counts are those of the words that were meant.
    """
    result = _answer(criteria)
    if result.total or not criteria.words.strip():
        return result
    words = respelt(criteria.words)
    if not words:
        return result
    again = _answer(criteria.but(words=words))
    meant = again.total or numbers_found([SearchCriteria(criteria.today, words)])[0]
    return replace(again, instead=words) if meant else result


def numbers_found(searches: Sequence[SearchCriteria]) -> list[int]:
    """How many services each search finds now, in one statement for all of them."""
    if not searches:
        return []
    rows = db.session.connection().exec_driver_sql(*counting_statement(searches)).all()
    found = {place: number for place, number in rows}
    return [found[place] for place in range(len(searches))]


def fits_of(criteria: SearchCriteria, services: Sequence[ServiceEntry]) -> list[Hit]:
    """These services as that search would find them, or would not: with distances, and what fits and what
    does not. One statement where the search has a place, else none.
    """
    metres: dict[int, float] = {}
    if criteria.near:
        statement = distances_statement(criteria.near, [service.id for service in services])
        metres = {row[0]: row[1] for row in db.session.connection().exec_driver_sql(*statement)}
    return [_hit(criteria, service, metres.get(service.id), None) for service in services]


def _answer(criteria: SearchCriteria) -> SearchResult:
    sql, values = search_statement(criteria)
    # Straight to the driver, and rows by position: SQLAlchemy's reading of the text, and of names in each
    # row, takes as long as a small register's answer.
    rows = db.session.connection().exec_driver_sql(sql, values).all()
    found = read_counts(rows[0], filters_of(criteria), criteria.lot_ids)
    page = [(row[3], row[4], row[5], row[6:]) for row in rows if row[5]]
    entries = entries_of({service: versions for _, _, service, versions in page})
    bounded = ranks_words(criteria) and not criteria.ranks_all
    return SearchResult(
        hits=tuple(
            _hit(criteria, entries[service], metres, site)
            for metres, site, service, _ in page
            if service in entries
        ),
        total=found.total,
        reachable=min(found.total, MOST_RANKED) if bounded else found.total,
        free=found.free,
        lots=found.lots,
        choices=found.choices,
    )


def _hit(
    criteria: SearchCriteria, service: ServiceEntry, metres: float | None, site: Sequence[Any] | None
) -> Hit:
    fits, misfits = fit_of(criteria, service, metres)
    further = site is not None and site[0] != "main"
    return Hit(service, metres, fits, misfits, NearestSite(*site) if site and further else None)


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


def status_of(service: ServiceEntry) -> Status:
    """What the standing of a service is worth today, in words. One statement."""
    code = db.session.scalars(
        select(status_on(clock.today()))
        .select_from(Standing)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .where(Standing.id == service.standing_id)
    ).one()
    return STATUSES[code]


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


def services_of(provider_id: int) -> list[ServiceEntry]:
    """What a provider offers under all its standings but those that were removed."""
    return [s for s in entries_where(Service.provider_id == provider_id) if s.state != "removed"]


def other_services(viewer: Actor, service: ServiceEntry) -> list[ServiceEntry]:
    """What else its provider offers, as far as the viewer may see it."""
    return [s for s in services_of(service.provider_id) if s.id != service.id and _may_see(viewer, s)]


def sites_of(service_id: int) -> Sequence[Site]:
    """Where a service teaches, the main site first; empty while its page names the postcode alone."""
    return db.session.scalars(select(Site).where(Site.service_id == service_id).order_by(Site.position)).all()


def live_condition(day: date, provider: type[Organisation] = Organisation) -> ColumnElement[bool]:
    """Whether a standing is open to new children on `day`, in a statement over `Standing` and its
    `provider`."""
    return status_on(day, provider) == "admitted"
