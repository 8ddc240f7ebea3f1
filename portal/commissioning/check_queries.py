"""Reading a school's own checks: its own people alone, everywhere in this module."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import case, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.commissioning.models import Referral, SchoolCheck
from portal.commissioning.own_checks import OWN_CHECKS, OwnCheck
from portal.database import db
from portal.directory.entries import ServiceEntry
from portal.directory.models import Service
from portal.directory.queries import service_named
from portal.errors import NotFound
from portal.tasks import Task, Waiting

STARTED_SINCE = timedelta(days=14)
"""How long after a child was to start the home page still speaks of checks that are missing."""
_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class CheckState:
    """One kind of check, and the newest that the school has signed; None of everything where there is
    none."""

    kind: str
    about: OwnCheck
    done_on: date | None = None
    done_by: str = ""
    note: str = ""
    signed_at: datetime | None = None
    signed_by: str = ""

    @property
    def fresh_until(self) -> date | None:
        """The last day on which it is fresh."""
        return self.done_on + timedelta(days=self.about.fresh_days) if self.done_on else None

    @property
    def fresh(self) -> bool:
        """Whether it counts today."""
        return self.fresh_until is not None and self.fresh_until >= clock.today()


def service_to_check(viewer: Actor, service_id: int) -> ServiceEntry:
    """A service of which the viewer's school may keep checks: one that takes children today, or that the
    school has asked for one. Raises `NotFound`."""
    service = service_named(service_id)
    asked = select(Referral.id).where(
        Referral.service_id == service_id, Referral.school_id == viewer.organisation_id
    )
    known = viewer.may("referral:read") and (service.live or db.session.scalar(select(asked.exists())))
    if not known:
        raise NotFound()
    return service


def checks_for(viewer: Actor, provider_id: int) -> list[CheckState]:
    """Every kind of check, with the newest of the viewer's school. One statement. Raises `NotFound`."""
    return checks_of(viewer, {provider_id})[provider_id]


def checks_of(viewer: Actor, provider_ids: Collection[int]) -> dict[int, list[CheckState]]:
    """The same of several providers, by provider, in one statement. Raises `NotFound`."""
    if not viewer.may("referral:read"):
        raise NotFound()
    rows = db.session.execute(
        select(
            SchoolCheck.provider_id,
            SchoolCheck.kind,
            SchoolCheck.done_on,
            SchoolCheck.done_by,
            SchoolCheck.note,
            SchoolCheck.signed_at,
            Person.name,
        )
        .join(Person, Person.id == SchoolCheck.signed_by_id)
        .where(SchoolCheck.school_id == viewer.organisation_id, SchoolCheck.provider_id.in_(provider_ids))
        .order_by(SchoolCheck.id)
    )
    newest = {(provider_id, kind): said for provider_id, kind, *said in rows}
    return {
        provider_id: [
            CheckState(kind, about, *newest.get((provider_id, kind), ()))
            for kind, about in OWN_CHECKS.items()
        ]
        for provider_id in provider_ids
    }


def waiting_for(viewer: Actor) -> Waiting:
    """Children who start soon, or just have, at a provider of which the school's checks are not all fresh."""
    if not viewer.may("check:sign"):
        return Waiting()
    today = clock.today()
    fresh_from = case(
        *(
            (SchoolCheck.kind == kind, today - timedelta(days=about.fresh_days))
            for kind, about in OWN_CHECKS.items()
        )
    )
    fresh = (
        select(func.count(SchoolCheck.kind.distinct()))
        .where(SchoolCheck.school_id == Referral.school_id, SchoolCheck.provider_id == Service.provider_id)
        .where(SchoolCheck.done_on >= fresh_from)
        .correlate(Referral, Service)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Referral.reference, Referral.start_on, Organisation.name, Service.id, fresh.label("fresh"))
        .select_from(Referral)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Referral.school_id == viewer.organisation_id, Referral.state == "accepted")
        .where(Referral.start_on >= today - STARTED_SINCE)
        .where(fresh < len(OWN_CHECKS))
        .order_by(Referral.start_on, Referral.id)
        .limit(_MOST_LISTED)
    ).all()
    return Waiting(
        now=tuple(
            Task(
                f"Before a child goes to {row.name} (referral {row.reference}), check the provider "
                "yourselves.",
                "Sign your checks",
                "school_checks.show",
                {"service_id": row.id},
                due_at=datetime.combine(row.start_on, time(0, 0), clock.LONDON),
                detail=f"{row.fresh} of {len(OWN_CHECKS)} checks of your school are in date.",
            )
            for row in rows
        )
    )
