"""Providers admitted to lots, with services that schools can find."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation
from portal.audit.services import Doer
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.offer import SESSIONS, in_week_order
from portal.directory.offer_services import change_offer, confirm_free_places
from portal.directory.services import ServiceFacts, admit_provider, change_standing
from tender.frameworks.queries import lots_of_framework
from tests.factories.accounts import a_person, a_provider_person, an_organisation
from tests.factories.frameworks import a_framework


def some_lots(number: int = 2) -> list[int]:
    """The ids of a new framework's lots."""
    return [lot.id for lot in lots_of_framework(a_framework(number).id)]


def service_facts(**changes: Any) -> ServiceFacts:
    """What a tender might say of a service, with some of it changed."""
    facts: dict[str, Any] = {
        "title": "Motor workshop",
        "summary": "Children repair engines in a calm workshop.",
        "key_stages": ["KS3", "KS4"],
        "needs": ["SEMH"],
        "postcode": "M14 5RQ",
        "registered_school": False,
        "price_per_day": Decimal("95.00"),
        "places": 12,
    }
    return ServiceFacts(**facts | changes)


def a_service(
    lot_id: int | None = None,
    provider: Organisation | int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    **facts: Any,
) -> Service:
    """A service of a provider admitted since yesterday, for a year, to a lot (of a new framework)."""
    provider = provider or an_organisation("provider")
    standing = admit_provider(
        provider_id=provider if isinstance(provider, int) else provider.id,
        lot_id=lot_id or some_lots(1)[0],
        application_id=None,
        starts_on=starts_on or clock.today() - timedelta(days=1),
        ends_on=ends_on or clock.today() + timedelta(days=365),
        service=service_facts(**facts),
        by=THE_PORTAL,
    )
    return db.session.scalars(select(Service).where(Service.standing_id == standing.id)).one()


def offers(service: Service, **values: Any) -> None:
    """Let a service's page say more."""
    with transaction():
        change_offer(service=service, values=values, by=THE_PORTAL)


def teaches_at(service: Service, *postcodes: str, run_by: str = "") -> None:
    """Let a service have these sites, the main one first; who runs the others, if not the provider."""
    sites = [
        {"address": f"{n} High Street", "postcode": p, "run_by": run_by} for n, p in enumerate(postcodes)
    ]
    offers(service, sites=sites)


def free_in(service: Service, *sessions: str, number: int = 2) -> None:
    """Let a provider confirm places in these sessions, in which it is open then, and none in the others."""
    if not set(sessions) <= set(service.sessions):
        offers(service, sessions=in_week_order([*service.sessions, *sessions]))
    with transaction():
        free = [number * (code in sessions) for code in SESSIONS]
        confirm_free_places(service=service, free=free, by=THE_PORTAL)


def services_in(lot_id: int, number: int, **facts: Any) -> Sequence[Service]:
    """So many services of as many providers in one lot."""
    return [a_service(lot_id, **facts) for _ in range(number)]


def a_service_and_its_person(**facts: Any) -> tuple[Service, Actor]:
    """A service, and the administrator of its provider."""
    person = a_provider_person()
    return a_service(provider=person.organisation_id, **facts), person


def a_colleague(person: Actor, *roles: str) -> Actor:
    """Somebody else of the same organisation."""
    return a_person(db.session.get_one(Organisation, person.organisation_id), *roles)


def suspend_standing(*, standing_id: int, reason: str = "Concern", by: Doer = THE_PORTAL) -> None:
    """Take a provider off the search, as an officer's decision would."""
    change_standing(standing_id=standing_id, step="suspend", by=by, reason=reason)


def reinstate_standing(*, standing_id: int, reason: str = "Put right", by: Doer = THE_PORTAL) -> None:
    """End a suspension."""
    change_standing(standing_id=standing_id, step="reinstate", by=by, reason=reason)


def remove_standing(*, standing_id: int, reason: str = "Closed", by: Doer = THE_PORTAL) -> None:
    """Take a provider off its lot."""
    change_standing(standing_id=standing_id, step="remove", by=by, reason=reason)
