"""Reading a school's own checks: its own people alone, everywhere in this module."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.commissioning.models import Referral, SchoolCheck
from portal.commissioning.own_checks import OWN_CHECKS, OwnCheck, period_of
from portal.database import db
from portal.directory.entries import ServiceEntry
from portal.directory.queries import service_named
from portal.errors import NotFound
from portal.settings.periods import period_sql, periods_in_force


@dataclass(frozen=True, slots=True)
class CheckState:
    """One kind of check, and the newest that the school has signed; None of everything where there is
    none."""

    kind: str
    about: OwnCheck
    fresh_days: int
    done_on: date | None = None
    done_by: str = ""
    note: str = ""
    signed_at: datetime | None = None
    signed_by: str = ""

    @property
    def fresh_until(self) -> date | None:
        """The last day on which it is fresh."""
        return self.done_on + timedelta(days=self.fresh_days) if self.done_on else None

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


def fresh_checks(
    school_id: ColumnElement[int] | int, provider_id: ColumnElement[int] | int
) -> ColumnElement[int]:
    """SQL for how many kinds of check a school has in date of a provider, of those in `OWN_CHECKS`."""
    fresh_for = case(*((SchoolCheck.kind == kind, period_sql(period_of(kind))) for kind in OWN_CHECKS))
    return (
        select(func.count(SchoolCheck.kind.distinct()))
        .where(SchoolCheck.school_id == school_id, SchoolCheck.provider_id == provider_id)
        .where(clock.today() - SchoolCheck.done_on <= fresh_for)
        .correlate_except(SchoolCheck)
        .scalar_subquery()
    )


def fresh_checks_of(viewer: Actor, provider_id: int) -> int:
    """How many kinds of check the viewer's school has in date. One statement."""
    assert viewer.organisation_id is not None
    return db.session.scalar(select(fresh_checks(viewer.organisation_id, provider_id))) or 0


def checks_for(viewer: Actor, provider_id: int) -> list[CheckState]:
    """Every kind of check, with the newest of the viewer's school. Two statements."""
    return checks_of(viewer, [provider_id])[provider_id]


def checks_of(viewer: Actor, provider_ids: Iterable[int]) -> dict[int, list[CheckState]]:
    """The same of several providers, by provider. Two statements."""
    if not viewer.may("referral:read"):
        raise NotFound()
    wanted = set(provider_ids)
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
        .where(SchoolCheck.school_id == viewer.organisation_id, SchoolCheck.provider_id.in_(wanted))
        .order_by(SchoolCheck.id)
    )
    periods = periods_in_force()
    newest = {(row.provider_id, row.kind): row[2:] for row in rows}
    return {
        provider_id: [
            CheckState(kind, about, periods[period_of(kind)], *newest.get((provider_id, kind), ()))
            for kind, about in OWN_CHECKS.items()
        ]
        for provider_id in wanted
    }
