"""Reading releases: the one that waits or was sent, and admissions that wait."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import RowMapping, func, select

from evaluation.challenges.claims import CLAIM_DAYS, last_day_to_claim
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_models import Release
from portal import clock
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Lot
from tender.timetable.dates import Entry
from tender.timetable.models import STEPS

LAST_DAY_TO_CLAIM = f"Last of the {CLAIM_DAYS} days to start a claim, counted from the letters"


def last_release(round_id: int) -> RowMapping | None:
    """A round's newest release: state, window_minutes, standstill_days, staged_at, staged_by, goes_at,
    cancelled_at, stopped_because, sent_at, admits_after."""
    return (
        db.session.execute(
            select(
                Release.state,
                Release.window_minutes,
                Release.standstill_days,
                Release.staged_at,
                Person.name.label("staged_by"),
                Release.goes_at,
                Release.cancelled_at,
                Release.stopped_because,
                Release.sent_at,
                Release.admits_after,
            )
            .join(Person, Person.id == Release.staged_by_id)
            .where(Release.round_id == round_id)
            .order_by(Release.id.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )


def waiting_release(round_id: int) -> bool:
    """Whether a round's letters are about to go."""
    waiting = select(Release.id).where(Release.round_id == round_id, Release.state == "waiting")
    return db.session.scalar(waiting) is not None


def standstill_until(round_id: int) -> date | None:
    """The last day of a released round's standstill while it runs; None without one, and once it is over."""
    ends = db.session.scalar(
        select(Release.admits_after).where(Release.round_id == round_id, Release.state == "sent")
    )
    return ends if ends is not None and ends >= clock.today() else None


def due_releases(moment: datetime) -> Sequence[int]:
    """Releases whose window is over, the oldest first."""
    due = select(Release.id).where(Release.state == "waiting", Release.goes_at <= moment)
    return db.session.scalars(due.order_by(Release.id)).all()


def due_admissions(today: date) -> Sequence[tuple[int, int, int]]:
    """Decisions whose provider was told that it is admitted, and whose standstill, if any, is over: id, round
    and lot of each."""
    rows = db.session.execute(
        select(Decision.id, Application.round_id, Decision.lot_id)
        .join(Application, Application.id == Decision.application_id)
        .join(Release, Release.round_id == Application.round_id)
        .where(
            Decision.state == "told",
            Release.state == "sent",
            func.coalesce(Release.admits_after, date.min) < today,
        )
        .order_by(Decision.id)
    )
    return [(decision, round, lot) for decision, round, lot in rows]


def admissions_waiting(round_id: int) -> Sequence[RowMapping]:
    """Admissions of a round that have been told and have not taken effect: provider_name, lot_id, lot_number,
    lot_title."""
    return (
        db.session.execute(
            select(
                Organisation.name.label("provider_name"),
                Lot.id.label("lot_id"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
            )
            .select_from(Decision)
            .join(Application, Application.id == Decision.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Lot, Lot.id == Decision.lot_id)
            .where(Application.round_id == round_id, Decision.state == "told")
            .order_by(Lot.position, Organisation.name, Decision.id)
        )
        .mappings()
        .all()
    )


def dates_of(facts: RoundFacts) -> list[Entry]:
    """What follows from letters that are out, for the council's timetable: the end of a standstill that runs
    or ran, and the last day to start a claim."""
    row = last_release(facts.id) if facts.state == "released" else None
    if row is None or row["sent_at"] is None:
        return []
    days = [(LAST_DAY_TO_CLAIM, last_day_to_claim(clock.london(row["sent_at"]).date()))]
    if row["admits_after"]:
        days.append((STEPS["standstill"], row["admits_after"]))
    return [Entry(what, day, None, "done" if day < clock.today() else "set") for what, day in days]
