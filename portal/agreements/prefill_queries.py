"""What is known of a placement before anybody writes its agreement: the terms with which a draft begins."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.agreements.limits import weeks_proposed
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.agreements.terms import Terms
from portal.blocks.queries import bought_for
from portal.call_offs.bought import Bought
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral, SchoolCheck
from portal.database import db
from portal.directory.entries import ServiceEntry
from portal.directory.offer import (
    HOURS_A_DAY,
    INCLUSIONS,
    QUALIFICATIONS,
    SUBJECTS,
    TRANSPORT,
    in_week_order,
    names_of,
)
from portal.directory.queries import service_named, sites_of
from portal.errors import NotFound
from portal.working_days import add_working_days, is_working_day

REVIEW_EVERY = timedelta(weeks=6)
ATTENDANCE = (
    "The provider tells {office} within 30 minutes of the start of each half day whether the child is there. "
    "If the child is not there and nobody knows why, {us} calls the family at once."
)
DATA_SHARING = (
    "{Us} and provider are each responsible for what they hold. They tell each other what the child's "
    "safety, education and attendance need: attendance on the day, a report before each review, a worry "
    "about safety at once. They use secure systems, never ordinary email. When the placement ends, the "
    "provider gives the child's records back to {us}."
)
_AS_SCHOOL = {"office": "the school office", "us": "the school", "Us": "School"}
_AS_COUNCIL = {"office": "the council", "us": "the council", "Us": "Council"}


def choice_for(viewer: Actor, call_off_id: int) -> Row[Any]:
    """A call-off of the viewer's own school: id, state, child_id, referral and service, and what a heading
    needs. Raises `NotFound`, also for who may not write agreements."""
    row = db.session.execute(
        select(
            CallOff.id,
            CallOff.state,
            CallOff.route,
            CallOff.child_id,
            CallOff.referral_id,
            CallOff.service_id,
            CallOff.provider_id,
            Referral.reference,
            Referral.year_group,
            Referral.start_on,
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .where(CallOff.id == call_off_id, CallOff.school_id == viewer.organisation_id)
    ).one_or_none()
    if row is None or not viewer.may("agreement:write"):
        raise NotFound()
    return row


def first_terms(viewer: Actor, choice: Row[Any]) -> Terms:
    """The terms that offer, service page, referral and the school's own checks already say; of a place that
    was bought before, half days, price and term are those of its purchase."""
    referral = db.session.get_one(Referral, choice.referral_id)
    service = service_named(choice.service_id)
    bought = bought_for(viewer, choice.id) if choice.route == "block" else None
    starts_on = referral.start_on or referral.start_wanted_on
    if bought:
        starts_on = min(max(starts_on, bought.starts_on), bought.ends_on)
    weeks = weeks_proposed()
    ends_on = _working_day_before(starts_on + timedelta(weeks=weeks))
    if bought:
        ends_on = min(ends_on, bought.ends_on)
    price, unit = _price(bought, referral, service)
    side = _AS_COUNCIL if viewer.organisation_kind == "council" else _AS_SCHOOL
    return Terms(
        starts_on=starts_on,
        ends_on=ends_on,
        longest_weeks=weeks,
        tier=service.tiers[0] if len(service.tiers) == 1 else "",
        site=_site(service),
        sessions=in_week_order(
            bought.sessions if bought else referral.offered_sessions or referral.sessions_wanted
        ),
        session_hours=Decimal(HOURS_A_DAY) / 2,
        price=price,
        price_unit=unit,
        price_covers=names_of(service.price_includes, INCLUSIONS),
        transport=_transport(referral, service),
        ehc_plan=referral.ehc_plan,
        objectives=referral.need_summary,
        plan=_said("Strengths and interests: ", referral.strengths)
        + _said("\n\nWhat has worked, and what has not: ", referral.what_has_worked),
        curriculum=", ".join(
            filter(
                None, [names_of(service.subjects, SUBJECTS), names_of(service.qualifications, QUALIFICATIONS)]
            )
        ),
        school_contact=f"{viewer.name}, {viewer.email}",
        school_safeguarding_lead=_safeguarding_leads(viewer),
        provider_safeguarding_lead=_last_time(viewer, choice.provider_id),
        vetting_confirmed_on=_confirmed_on(viewer, choice.provider_id),
        attendance_reported_by=ATTENDANCE.format(**side),
        reviews_on=reviews_between(starts_on, ends_on),
        data_sharing=DATA_SHARING.format(**side),
    )


def reviews_between(starts_on: date, ends_on: date) -> list[date]:
    """A review every six weeks, on working days, and one in the last week."""
    days, day = [], starts_on + REVIEW_EVERY
    while day < ends_on - timedelta(days=7):
        days.append(add_working_days(day, 0))
        day += REVIEW_EVERY
    last = add_working_days(max(starts_on, ends_on - timedelta(days=7)), 0)
    return [*days, min(last, ends_on)]


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def _price(bought: Bought | None, referral: Referral, service: ServiceEntry) -> tuple[Decimal | None, str]:
    """The price for which the place was bought, or that was offered; where none was, the one on the
    service's page."""
    if bought:
        return bought.price, bought.price_unit
    if referral.offered_price is not None:
        return referral.offered_price, referral.offered_unit
    shown = {"day": service.price_per_day, "half_day": service.price_half_day, "hour": service.price_hour}
    return next(((price, unit) for unit, price in shown.items() if price is not None), (None, "day"))


def _site(service: ServiceEntry) -> str:
    sites = sites_of(service.id)
    if sites:
        return f"{sites[0].address}, {sites[0].postcode}"
    return f"{service.provider_name}, {service.postcode}"


def _transport(referral: Referral, service: ServiceEntry) -> str:
    """What the service's page says of transport, and what the school said of the child's way there."""
    of_service = TRANSPORT.get(service.transport, "")
    return "\n".join(
        filter(
            None,
            [
                _said("Does the provider bring the child? ", of_service),
                service.transport_note,
                referral.transport,
            ],
        )
    )


def _said(before: str, words: str) -> str:
    return f"{before}{words}" if words else ""


def _safeguarding_leads(viewer: Actor) -> str:
    assert viewer.organisation_id is not None
    people = members_of([viewer.organisation_id]).get(viewer.organisation_id, [])
    return "; ".join(
        f"{person['name']}, {person['email']}" for person in people if "safeguarding_lead" in person["roles"]
    )


def _last_time(viewer: Actor, provider_id: int) -> str:
    """The provider's safeguarding lead as the school's newest agreement with it names them."""
    return (
        db.session.scalar(
            select(AgreementVersion.provider_safeguarding_lead)
            .join(PlacementAgreement, PlacementAgreement.id == AgreementVersion.agreement_id)
            .where(PlacementAgreement.school_id == viewer.organisation_id)
            .where(PlacementAgreement.provider_id == provider_id)
            .order_by(AgreementVersion.id.desc())
            .limit(1)
        )
        or ""
    )


def _confirmed_on(viewer: Actor, provider_id: int) -> date | None:
    """When the school last signed that the provider had confirmed its safeguarding checks in writing."""
    return db.session.scalar(
        select(SchoolCheck.done_on)
        .where(SchoolCheck.school_id == viewer.organisation_id, SchoolCheck.provider_id == provider_id)
        .where(SchoolCheck.kind == "safeguarding")
        .order_by(SchoolCheck.id.desc())
        .limit(1)
    )
