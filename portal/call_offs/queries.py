"""Reading choices: the school that chose always, the chosen provider while the choice stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.call_offs.routes import ROUTES
from portal.call_offs.steps import Step
from portal.commissioning.check_queries import checks_for
from portal.commissioning.choices import Choice
from portal.commissioning.models import PRICE_UNITS, Referral
from portal.commissioning.offers import week_price
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.offer import session_names
from portal.errors import NotFound
from tender.frameworks.models import Framework, Lot

_School = aliased(Organisation)
_Provider = aliased(Organisation)
_Canceller = aliased(Person)


@dataclass(frozen=True, slots=True)
class CallOffFacts:
    """A choice with the offer that was chosen. Reason and preferences are empty for the provider."""

    id: int
    request_id: UUID
    referral_id: int
    child_id: int | None
    state: str
    route: str
    reason: str
    pupil_preference: str
    parent_preference: str
    chosen_at: datetime
    cancelled_at: datetime | None
    cancel_reason: str
    school_id: int
    provider_id: int
    service_id: int
    reference: str
    start_on: date | None
    offered_sessions: list[str]
    offered_price: Decimal | None
    offered_unit: str
    chosen_by: str
    cancelled_by: str | None
    school_name: str
    provider_name: str
    service_title: str
    moves: frozenset[str]

    @property
    def route_name(self) -> str:
        """The route in words."""
        return ROUTES[self.route]

    @property
    def offered(self) -> str:
        """The half days in words."""
        return session_names(self.offered_sessions)

    @property
    def unit(self) -> str:
        """What the price is for: 'a day'."""
        return PRICE_UNITS.get(self.offered_unit, "")

    @property
    def offered_a_week(self) -> Decimal | None:
        """What a week costs, in pounds without VAT."""
        if self.offered_price is None:
            return None
        return week_price(self.offered_sessions, self.offered_price, self.offered_unit)


def call_off_for(viewer: Actor, call_off_id: int) -> CallOffFacts:
    """A choice: for its school always, for the chosen provider while it stands. Raises `NotFound`."""
    of_call_off = [name for name in CallOffFacts.__dataclass_fields__ if hasattr(CallOff, name)]
    of_referral = [
        name
        for name in CallOffFacts.__dataclass_fields__
        if hasattr(Referral, name) and name not in of_call_off
    ]
    row = db.session.execute(
        select(
            *(getattr(CallOff, name) for name in of_call_off),
            *(getattr(Referral, name) for name in of_referral),
            Person.name.label("chosen_by"),
            _Canceller.name.label("cancelled_by"),
            _School.name.label("school_name"),
            _Provider.name.label("provider_name"),
            Service.title.label("service_title"),
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(Service, Service.id == CallOff.service_id)
        .join(Person, Person.id == CallOff.chosen_by_id)
        .join(_School, _School.id == CallOff.school_id)
        .join(_Provider, _Provider.id == CallOff.provider_id)
        .outerjoin(_Canceller, _Canceller.id == CallOff.cancelled_by_id)
        .where(CallOff.id == call_off_id, readable_by(viewer))
    ).one_or_none()
    if row is None:
        raise NotFound()
    facts: dict[str, Any] = row._asdict()
    if facts["school_id"] != viewer.organisation_id:
        return CallOffFacts(
            **facts | {"reason": "", "pupil_preference": "", "parent_preference": ""}, moves=frozenset()
        )
    own = {"cancel"} if viewer.may("referral:send") else set()
    return CallOffFacts(**facts, moves=CALL_OFF.open_from(facts["state"]) & own)


def readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun."""
    mine: list[ColumnElement[bool]] = []
    if viewer.may("referral:read"):
        mine.append(CallOff.school_id == viewer.organisation_id)
    if viewer.may("referral:answer"):
        mine.append(and_(CallOff.provider_id == viewer.organisation_id, CallOff.state == "chosen"))
    return or_(*mine) if mine else false()


def choices_standing(request_ids: Collection[UUID]) -> dict[UUID, Choice]:
    """What stands as chosen for requests; whoever asks has seen to it that its reader may know."""
    rows = db.session.execute(
        select(CallOff.request_id, CallOff.id, CallOff.referral_id, CallOff.chosen_at, Person.name)
        .join(Person, Person.id == CallOff.chosen_by_id)
        .where(CallOff.request_id.in_(request_ids), CallOff.state == "chosen")
    )
    return {request_id: Choice(*chosen) for request_id, *chosen in rows}


def routes_open_for(service_id: int) -> list[str]:
    """The routes that the framework of a service's lot opens, in the order of `ROUTES`."""
    opened = db.session.scalars(
        select(Framework.call_off_routes)
        .join(Lot, Lot.framework_id == Framework.id)
        .join(Standing, Standing.lot_id == Lot.id)
        .join(Service, Service.standing_id == Standing.id)
        .where(Service.id == service_id)
    ).one()
    return [route for route in ROUTES if route in opened]


def routes_of_referral(referral_id: int) -> list[str]:
    """The routes that the framework of the service opens to which a referral went; the caller has checked who
    may read it."""
    service_id = db.session.scalars(select(Referral.service_id).where(Referral.id == referral_id)).one()
    return routes_open_for(service_id)


def lots_that_open(route: str) -> tuple[int, ...]:
    """The lots whose framework opens a route (a code of `ROUTES`)."""
    return tuple(
        db.session.scalars(
            select(Lot.id)
            .join(Framework, Framework.id == Lot.framework_id)
            .where(Framework.call_off_routes.contains([route]))
            .order_by(Lot.id)
        )
    )


def own_steps(viewer: Actor, call_off_id: int) -> list[Step]:
    """The school's own checks of the provider: the first step after a choice."""
    if not viewer.may("referral:read"):
        return []
    row = db.session.execute(
        select(CallOff.provider_id, CallOff.service_id).where(CallOff.id == call_off_id)
    ).one()
    checks = checks_for(viewer, row.provider_id)
    fresh = sum(check.fresh for check in checks)
    return [
        Step(
            f"Your {viewer.ours}’s own checks of the provider: {fresh} of {len(checks)} in date",
            "done" if fresh == len(checks) else "to_do",
            "Sign your checks",
            "school_checks.show",
            {"service_id": row.service_id},
        )
    ]
