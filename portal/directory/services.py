"""Admitting providers to lots, changing their standing, and keeping what schools read of their services.

Each of these writes the search row in the same transaction: whoever is not admitted cannot be found from that
moment on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.member_services import locked_organisation
from portal.accounts.models import Organisation
from portal.accounts.organisation_services import require_checked
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.indexing import refresh_search_rows
from portal.directory.lifecycle import STANDING
from portal.directory.models import Service, Site, Standing
from portal.directory.offer import NEEDS
from portal.directory.postcodes import locate
from portal.directory.statuses import status_on
from portal.errors import Conflict, NotFound
from portal.lifecycle import move
from tender.frameworks.models import KEY_STAGES

# What a new decision does to a standing: by its state, and whether the admission is on conditions.
_ADMITTING = {
    ("removed", False): "readmit",
    ("removed", True): "readmit_on_conditions",
    ("admitted", True): "put_on_conditions",
    ("conditional", False): "confirm",
}


class NotAdmitted(Conflict):
    """The provider may not take new children for this service today."""

    sentence = (
        "This provider may not take new children for this service today, so no child can be referred to it."
    )


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What a tender says of a service. `price_per_day` in pounds without VAT; codes as in the models."""

    title: str
    summary: str
    key_stages: Sequence[str]
    needs: Sequence[str]
    postcode: str
    registered_school: bool
    urn: str | None = None
    price_per_day: Decimal | None = None
    places: int | None = None

    @classmethod
    def from_answers(cls, answers: Mapping[str, Any], *, title: str) -> "ServiceFacts":
        """From a tender's answers for one lot, by the codes of the default pack. What is missing is empty."""

        def said(code: str) -> str:
            return str(answers.get(code) or "").strip()

        urn, places, price = said("urn"), said("places"), said("day_rate")
        return cls(
            title=title,
            summary=said("summary"),
            key_stages=list(answers.get("key_stages") or ()),
            needs=list(answers.get("sen_needs") or ()),
            postcode=said("site_postcode"),
            registered_school=said("registration_status") == "registered_school",
            urn=urn or None,
            price_per_day=Decimal(price.replace(",", "").lstrip("£")) if price else None,
            places=int(places.replace(",", "")) if places else None,
        )


def admit_provider(
    *,
    provider_id: int,
    lot_id: int,
    application_id: int | None,
    starts_on: date,
    ends_on: date,
    service: ServiceFacts,
    by: Doer,
    on_conditions: bool = False,
    anew: bool = False,
) -> Standing:
    """Enter a provider in the register for one lot, with the service that its tender describes.

    With `on_conditions` schools see nothing of it before `confirm_standing`. The same application admitted
    again changes nothing, whatever has become of the standing since; unless it was decided `anew`: then the
    standing follows the new decision, and keeps its service as it stands. A later application renews the
    term, the service and the conditions. Both bring a removed provider back; neither lifts a suspension,
    which ends by its own decision (`change_standing`). Raises `NotChecked` for a provider that the council
    has not checked, or has deactivated. Two releases come one after the other: the provider's row is locked.
    """
    with transaction() as session:
        require_checked(locked_organisation(provider_id))
        standing = session.execute(
            select(Standing)
            .where(Standing.provider_id == provider_id, Standing.lot_id == lot_id)
            .with_for_update()
        ).scalar_one_or_none()
        same = bool(standing and application_id is not None and standing.application_id == application_id)
        if standing and same and not anew:
            return standing
        details = {"lot": lot_id, "application": application_id, "until": ends_on.isoformat()}
        if standing is None:
            standing = Standing(provider_id=provider_id, lot_id=lot_id, admitted_at=clock.now())
            standing.state = "conditional" if on_conditions else "admitted"
        standing.application_id, standing.on_conditions = application_id, on_conditions
        if not same or standing.state == "removed":
            standing.starts_on, standing.ends_on = starts_on, ends_on
        session.add(standing)
        with session.no_autoflush:
            if name := _ADMITTING.get((standing.state, on_conditions)):
                if standing.state == "removed":
                    standing.admitted_at = clock.now()
                move(STANDING, standing, name, by=by, **details)
        session.flush()
        if not name:
            record("standing.admit", "standing", standing.id, by=by, after=standing.state, **details)
        if not same:
            _write_tendered(standing, service)
        refresh_search_rows("standing.id = :standing_id", standing_id=standing.id)
    return standing


def confirm_standing(*, provider_id: int, lot_id: int, application_id: int, by: Doer) -> None:
    """The last condition of an admission is met: schools find the provider from now on.

    One that is suspended or removed meanwhile stays so, without its conditions; a standing that rests on
    another application is left alone.
    """
    with transaction() as session:
        standing = session.execute(
            select(Standing)
            .where(Standing.provider_id == provider_id, Standing.lot_id == lot_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if standing is None or standing.application_id != application_id:
            return
        with session.no_autoflush:
            standing.on_conditions = False
            if standing.state == "conditional":
                move(STANDING, standing, "confirm", by=by)
        session.flush()
        refresh_search_rows("standing.id = :standing_id", standing_id=standing.id)


def _write_tendered(standing: Standing, facts: ServiceFacts) -> Service:
    """The service of a standing, as the tender has it. An unknown postcode is kept without a location."""
    session = db.session()
    service = session.scalar(select(Service).where(Service.standing_id == standing.id).with_for_update())
    if service is None:
        service = Service(standing_id=standing.id, provider_id=standing.provider_id, version=0)
        session.add(service)
    else:
        session.execute(delete(Site).where(Site.service_id == service.id))
    place = locate(facts.postcode)
    service.title, service.summary = facts.title, facts.summary
    service.key_stages = [code for code in KEY_STAGES if code in facts.key_stages]
    service.needs = [code for code in NEEDS if code in facts.needs]
    service.postcode = facts.postcode
    service.easting, service.northing = (place.easting, place.northing) if place else (None, None)
    service.registered_school, service.urn = facts.registered_school, facts.urn
    service.price_per_day, service.places = facts.price_per_day, facts.places
    service.verified = {}  # what the council had verified was said of another offer
    service.updated_at, service.version = clock.now(), service.version + 1
    session.flush()
    return service


def change_standing(*, standing_id: int, step: str, by: Doer, **details: Any) -> Standing:
    """Move a standing and its search row in one transaction; `details` go into the audit line.

    `reinstate` leads back to where the conditions of its admission leave the provider, and `suspend_new`
    eases a suspension. Who may do it, and who is told, is for the caller to know (`portal.standings`). Raises
    `NotFound`, and `MoveRefused` from a state
    that does not allow it.
    """
    with transaction() as session:
        standing = session.get(Standing, standing_id, with_for_update=True, populate_existing=True)
        if standing is None:
            raise NotFound()
        if step == "reinstate" and standing.on_conditions:
            step = "reinstate_on_conditions"
        if step == "suspend_new" and standing.state == "suspended":
            step = "ease"
        move(STANDING, standing, step, by=by, **details)
        session.flush()
        refresh_search_rows("standing.id = :standing_id", standing_id=standing_id)
    return standing


def require_admitted(service_id: int) -> Service:
    """The service, when its standing is open to new children today (`statuses`): admitted, in its term, with
    the evidence that its lot asks for, of a provider that may act and is not excluded. The standing stays so
    until the commit.

    Raises `NotFound` for no service and `NotAdmitted` otherwise.
    """
    row = db.session.execute(
        select(Service, status_on(clock.today()))
        .join(Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Service.id == service_id)
        .with_for_update(read=True, of=Standing)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound()
    service, status = row
    if status != "admitted":
        raise NotAdmitted()
    return service


def when_organisation_moves(organisation: Organisation, *, by: Actor) -> None:
    """A provider that was deactivated leaves the search with all its services; one that is back returns."""
    db.session.flush()
    refresh_search_rows("service.provider_id = :provider_id", provider_id=organisation.id)
