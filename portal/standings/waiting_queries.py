"""What waits at the home page about standings: for the council's officers, its approvers, and a provider."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Standing
from portal.standings.evidence_queries import waiting_count
from portal.standings.models import StandingChange
from portal.standings.queries import StandingLine, lines, of_council
from portal.standings.statuses import status_on
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date
from tender.frameworks.models import Framework, Lot

REVIEW_SOON = timedelta(days=7)
_MOST_LISTED = 10
_Later = aliased(StandingChange)


def waiting_for(viewer: Actor) -> Waiting:
    """Reviews and documents for officers, proposals for approvers, answers and closings for providers."""
    if viewer.organisation_kind == "provider" and viewer.may("standing:follow"):
        return _for_provider(viewer)
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
    """Those suspensions: the newest change that is made says the day."""
    newest = (
        select(func.max(_Later.id))
        .where(_Later.standing_id == Standing.id, _Later.state == "made")
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


def _for_provider(viewer: Actor) -> Waiting:
    """What the provider can answer, and where it takes no new children. One statement."""
    today = clock.today()
    rows = db.session.execute(
        lines()
        .add_columns(
            StandingChange.id.label("change_id"),
            StandingChange.state.label("change_state"),
            StandingChange.representations_by,
        )
        .outerjoin(
            StandingChange,
            and_(
                StandingChange.standing_id == Standing.id,
                StandingChange.representations_by >= today,
                StandingChange.represented_at.is_(None),
                StandingChange.state.in_(("proposed", "made")),
            ),
        )
        .where(Standing.provider_id == viewer.organisation_id)
        .where(
            or_(
                StandingChange.id.is_not(None),
                status_on(today).in_(("evidence_expired", "suspended_new", "suspended")),
            )
        )
        .order_by(Framework.title, Lot.position, StandingChange.id)
        .limit(_MOST_LISTED)
    ).all()
    tasks = [
        _to_answer(viewer, *row[-3:], lot_number=row.number) for row in rows if row.change_id is not None
    ]
    closed = list({row.id: StandingLine(*row[:-3]) for row in rows}.values())
    tasks += [
        Task(
            f"You take no new children on lot {each.lot_number}: evidence has run out.",
            "See what is missing",
            "own_standing.show",
            detail=f"{each.closes}.",
        )
        for each in closed
        if each.status == "evidence_expired"
    ]
    return Waiting(
        now=tuple(tasks),
        going_on=tuple(
            GoingOn(f"Your standing on {each.lot_name}", each.described.words.lower(), "own_standing.show")
            for each in closed
            if each.status in ("suspended_new", "suspended")
        ),
    )


def _to_answer(viewer: Actor, change_id: int, state: str, until: date, *, lot_number: str) -> Task:
    said = "The council proposes to remove you from" if state == "proposed" else "Your standing changed on"
    return Task(
        f"{said} lot {lot_number}. You can answer.",
        "Read why, and answer" if viewer.may("standing:answer") else "Read why",
        "own_standing.change",
        {"change_id": change_id},
        due_at=_end_of(until),
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), clock.LONDON)
