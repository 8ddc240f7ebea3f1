"""One child, several services: referrals that belong together, and what is kept when all of them say no."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.commissioning.choices import choice_of, choices_of
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service
from portal.errors import Conflict
from portal.finding.models import DeclinedNeed
from portal.finding.services import note_declined

RECENT = timedelta(days=30)
"""How long a profile that was written once is offered for another provider."""
_MOST_OFFERED = 5
_MOST_LOOKED_AT = 50
# Year groups by key stage, as the national curriculum has them (Education Act 2002, section 82).
_LAST_YEARS = {"KS1": 2, "KS2": 6, "KS3": 9, "KS4": 11, "KS5": 13}


def key_stage_of(year_group: int) -> str:
    """The key stage of a year group, 1 to 13."""
    return next(code for code, last in _LAST_YEARS.items() if year_group <= last)


class AlreadyPlaced(Conflict):
    """A provider was chosen for this child."""

    sentence = "A provider is chosen for this child already. To ask others, cancel that choice first."


def request_of(given: UUID | None, by: Actor) -> UUID:
    """The request that a referral joins: the one that was given, if it is the actor's own; else a new one.

    Raises `AlreadyPlaced` for one for which somebody was chosen; nobody is chosen for it until the commit.
    """
    if given is not None:
        own = select(Referral.id).where(
            Referral.request_id == given, Referral.school_id == by.organisation_id
        )
        if db.session.scalars(own.order_by(Referral.id).with_for_update()).all():
            if choice_of(given):
                raise AlreadyPlaced()
            return given
    return uuid4()


def asked_and_open(request_id: UUID) -> set[int]:
    """The services that are asked for a child of which the answer, or the choice, is still to come."""
    return set(
        db.session.scalars(
            select(Referral.service_id).where(
                Referral.request_id == request_id, Referral.state.in_(("sent", "accepted"))
            )
        )
    )


def profiles_to_send_on(viewer: Actor) -> Sequence[Row[Any]]:
    """The viewer's school's newest profiles (id, reference, year_group, sent_at, request_id) for which nobody
    is chosen. Two statements."""
    newest = (
        select(func.max(Referral.id))
        .where(Referral.school_id == viewer.organisation_id, Referral.sent_at > clock.now() - RECENT)
        .where(Referral.state != "withdrawn")
        .group_by(Referral.request_id)
    )
    found = db.session.execute(
        select(Referral.id, Referral.reference, Referral.year_group, Referral.sent_at, Referral.request_id)
        .where(Referral.id.in_(newest))
        .order_by(Referral.id.desc())
        .limit(_MOST_LOOKED_AT)
    ).all()
    chosen = choices_of([each.request_id for each in found])
    return [each for each in found if each.request_id not in chosen][:_MOST_OFFERED]


def asked_beside(viewer: Actor, referral_id: int) -> Sequence[Row[Any]]:
    """The other referrals of the same child (id, reference, state, provider), for the school alone."""
    this = select(Referral.request_id).where(
        Referral.id == referral_id, Referral.school_id == viewer.organisation_id
    )
    return db.session.execute(
        select(Referral.id, Referral.reference, Referral.state, Organisation.name.label("provider"))
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Referral.request_id == this.scalar_subquery(), Referral.id != referral_id)
        .where(Referral.school_id == viewer.organisation_id)
        .order_by(Referral.id)
    ).all()


def note_refusal(referral: Referral) -> None:
    """Keep the need, without the child, if nobody who was asked has yet to answer or has said yes.

    Inside the caller's transaction, after the referral was declined, or was withdrawn because its time to
    answer had passed without an answer: who says nothing in time has said no. One that was withdrawn earlier
    counts for nothing. Two last answers at once: the school's
    row is what they wait for.
    """
    session = db.session()
    session.flush()
    school = select(Organisation.postcode).where(Organisation.id == referral.school_id)
    postcode = session.scalar(school.with_for_update(key_share=True))
    unanswered = (Referral.state == "withdrawn") & (Referral.withdrawn_at >= Referral.answer_by)
    said_no = func.count().filter((Referral.state == "declined") | unanswered)
    still_open = func.count().filter(Referral.state.in_(("sent", "accepted")))
    asked, waiting = session.execute(
        select(said_no, still_open).where(Referral.request_id == referral.request_id)
    ).one()
    if waiting or not asked:
        return
    note_declined(
        DeclinedNeed(
            request_id=referral.request_id,
            noted_on=clock.today(),
            key_stage=key_stage_of(referral.year_group),
            needs=referral.needs,
            days_a_week=referral.days_a_week,
            area=(postcode or "").split(" ")[0],
            asked=asked,
        )
    )
