"""Writing what schools read of a service. Who may, and what is checked first, is `portal.provision`'s."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update

from portal import clock
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.indexing import refresh_search_rows
from portal.directory.models import Service, Site
from portal.directory.offer import SESSIONS
from portal.directory.postcode_queries import places_of
from portal.errors import Refusal

MOST_FREE = 999


def change_offer(
    *, service: Service, values: Mapping[str, Any], by: Doer, verified: Iterable[str] = ()
) -> list[str]:
    """Set columns of a locked service, and its `sites`, and return the names of those that changed.

    Where it is no longer open in a session, no place is free there any more.
    `sites` are mappings with `address`, `postcode` and `run_by`, the main one first, whose postcode becomes
    the service's. `verified` names what the council has verified today.
    """
    with transaction() as session:
        columns = {name: value for name, value in values.items() if name != "sites"}
        changed = sorted(name for name, value in columns.items() if getattr(service, name) != value)
        for name in changed:
            setattr(service, name, columns[name])
        if "sessions" in changed and service.free_by_session is not None:
            service.free_by_session = free_where_open(service.free_by_session, service.sessions)
            service.places_free = max(service.free_by_session)
        if "sites" in values:
            _write_sites(service, values["sites"])
            changed.append("sites")
        today = clock.today().isoformat()
        service.verified = service.verified | dict.fromkeys(verified, today)
        service.version, service.updated_at = service.version + 1, clock.now()
        session.flush()
        refresh_search_rows("service.id = :service_id", service_id=service.id)
        record("service.update", "standing", service.standing_id, by=by, service=service.id, changed=changed)
    return changed


def free_where_open(free: Sequence[int], sessions: Collection[str]) -> list[int]:
    """The free places of a week, with none in a session in which a service is closed."""
    return [number if code in sessions else 0 for number, code in zip(free, SESSIONS, strict=True)]


def _write_sites(service: Service, sites: Sequence[Mapping[str, str]]) -> None:
    session = db.session()
    session.execute(delete(Site).where(Site.service_id == service.id))
    places = places_of([site["postcode"] for site in sites])
    for position, (site, place) in enumerate(zip(sites, places, strict=True)):
        kind = "subcontracted" if site["run_by"] and position else "satellite" if position else "main"
        session.add(
            Site(
                service_id=service.id,
                position=position,
                kind=kind,
                address=site["address"],
                postcode=site["postcode"],
                easting=place.easting if place else None,
                northing=place.northing if place else None,
                run_by=site["run_by"] if position else "",
            )
        )
    service.postcode, main = sites[0]["postcode"], places[0]
    service.easting, service.northing = (main.easting, main.northing) if main else (None, None)


def confirm_free_places(*, service: Service, free: Sequence[int], by: Doer) -> None:
    """Say how many more children a locked service could take in each session of a week, as of now.

    Raises `Refusal` for another number of sessions than ten, for a number that cannot be, for more free
    places than the service has places, and for any in a session in which it is closed.
    """
    most = service.places if service.places is not None else MOST_FREE
    if len(free) != len(SESSIONS) or not all(0 <= number <= MOST_FREE for number in free):
        raise Refusal(f"Give a number from 0 to {MOST_FREE} for each session.")
    for number, code in zip(free, SESSIONS, strict=True):
        if number > most:
            raise Refusal(
                f"You take {most} children at a time, so no more can be free. Change one of the two.",
                field=code,
            )
        if number and code not in service.sessions:
            raise Refusal(
                f"Your page does not say that you are open on {SESSIONS[code]}. Change one of the two.",
                field=code,
            )
    with transaction() as session:
        service.free_by_session, service.places_free = list(free), max(free)
        service.places_confirmed_at, service.placed_since = clock.now(), 0
        session.flush()
        refresh_search_rows("service.id = :service_id", service_id=service.id)
        record("service.confirm_places", "standing", service.standing_id, by=by, service=service.id)


def note_placement(service_id: int) -> None:
    """A child is placed with a service: its free places were counted before. Inside the caller's
    transaction."""
    db.session.execute(
        update(Service).where(Service.id == service_id).values(placed_since=Service.placed_since + 1)
    )
