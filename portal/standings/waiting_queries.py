"""What waits at the home page about standings: for officers, approvers and providers."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.entries import ServiceEntry
from portal.directory.models import Standing
from portal.standings.evidence_queries import waiting_count
from portal.standings.models import StandingChange
from portal.standings.queries import of_council
from portal.tasks import Task, Waiting
from portal.web.filters import plural, uk_date
from tender.frameworks.models import Framework, Lot

REVIEW_SOON = timedelta(days=7)
_MOST_LISTED = 10
_Later = aliased(StandingChange)


def waiting_for(viewer: Actor) -> Waiting:
    """Reviews and documents for officers, proposals for approvers; a provider's come with its services."""
    if viewer.may("standing:change"):
        return _for_officer(viewer)
    if viewer.may("standing:decide"):
        return Waiting(now=tuple(_proposals(viewer)))
    return Waiting()


def _for_officer(viewer: Actor) -> Waiting:
    """Suspensions whose day of review is near or past, and documents to check. One statement."""
    reviews, documents = _reviews(viewer).subquery(), waiting_count(viewer).subquery()
    listed = func.jsonb_agg(
        func.jsonb_build_array(reviews.c.id, reviews.c.name, reviews.c.number, reviews.c.review_on)
    )
    found = db.session.execute(
        select(documents, select(listed).scalar_subquery().label("reviews")).select_from(documents)
    ).one()
    tasks = [
        Task(
            f"The suspension of {name} on lot {number} is to be reviewed.",
            "Review it",
            "standings.show",
            {"standing_id": standing_id},
            due_at=_end_of(date.fromisoformat(review_on)),
        )
        for standing_id, name, number, review_on in found.reviews or ()
    ]
    if found.documents:
        tasks.append(
            Task(
                f"{plural(found.documents, 'document')} of providers to check.",
                "Check them",
                "evidence_checks.index",
                detail=f"The first has waited since {uk_date(found.since)}.",
            )
        )
    return Waiting(now=tuple(tasks))


def _reviews(viewer: Actor) -> Select[tuple[int, str, str, date]]:
    """Those suspensions: the newest change that is made says the day. A new decision on the tender lifts
    none."""
    newest = (
        select(func.max(_Later.id))
        .where(_Later.standing_id == Standing.id, _Later.state == "made", _Later.step != "admit")
        .scalar_subquery()
    )
    return (
        select(Standing.id, Organisation.name, Lot.number, StandingChange.review_on)
        .select_from(Standing)
        .join(StandingChange, StandingChange.id == newest)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .where(of_council(viewer), Standing.state.in_(("suspended_new", "suspended")))
        .where(StandingChange.review_on <= clock.today() + REVIEW_SOON)
        .order_by(StandingChange.review_on, Standing.id)
        .limit(_MOST_LISTED)
    )


def _proposals(viewer: Actor) -> list[Task]:
    rows = db.session.execute(
        select(
            StandingChange.id,
            Organisation.name,
            Lot.number,
            StandingChange.representations_by,
            StandingChange.represented_at,
        )
        .select_from(StandingChange)
        .join(Standing, Standing.id == StandingChange.standing_id)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .where(of_council(viewer), StandingChange.state == "proposed")
        .where(StandingChange.proposed_by_id != viewer.person_id)
        .order_by(StandingChange.representations_by, StandingChange.id)
        .limit(_MOST_LISTED)
    )
    return [
        Task(
            f"It is proposed to remove {name} from lot {number}.",
            "Read and decide",
            "standings.change",
            {"change_id": change_id},
            detail="The provider has answered."
            if answered_at
            else f"The provider can answer until {uk_date(until)}.",
        )
        for change_id, name, number, until, answered_at in rows
    ]


def answerable(today: date) -> ColumnElement[bool]:
    """Beside `Standing`: the changes that its provider can answer today, and has not."""
    return and_(
        StandingChange.standing_id == Standing.id,
        StandingChange.representations_by >= today,
        StandingChange.represented_at.is_(None),
        StandingChange.state.in_(("proposed", "made")),
    )


def answer_task(viewer: Actor, change_id: int, state: str, until: date, *, lot_number: str) -> Task:
    """For a provider: a change of its standing that it can answer."""
    said = "The council proposes to remove you from" if state == "proposed" else "Your standing changed on"
    return Task(
        f"{said} lot {lot_number}. You can answer.",
        "Read why, and answer" if viewer.may("standing:answer") else "Read why",
        "own_standing.change",
        {"change_id": change_id},
        due_at=_end_of(until),
    )


def closed_task(service: ServiceEntry) -> Task:
    """For a provider: a service that takes no new children since its evidence has run out."""
    return Task(
        f"You take no new children on lot {service.lot_number}: evidence has run out.",
        "See what is missing",
        "own_standing.show",
        detail=f"Closed to new children after {uk_date(service.open_until)}, the last day of its evidence.",
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), clock.LONDON)
