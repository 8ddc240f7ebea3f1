"""Reading releases: the one that waits or was sent, and admissions that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, and_, func, or_, select

from evaluation.challenges.claims import CLAIM_DAYS, last_day_to_claim
from evaluation.outcomes.assessment import LotOutcome
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcomes_of
from evaluation.outcomes.release_models import AwardNotice, Release
from portal import clock
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot, Round
from tender.regimes.reference import Standstill as Rule
from tender.regimes.reference import reference
from tender.timetable.dates import Entry
from tender.timetable.models import STEPS

LAST_DAY_TO_CLAIM = f"Last of the {CLAIM_DAYS} days to start a claim, counted from the letters"


# The last day of a round's standstill, as its release says or, where it begins with the award notice, that.
_ADMITS_AFTER = func.coalesce(
    Release.admits_after,
    select(AwardNotice.admits_after)
    .where(AwardNotice.round_id == Release.round_id)
    .order_by(AwardNotice.version.desc())
    .limit(1)
    .correlate(Release)
    .scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Standstill:
    """A standstill that runs, or has not begun: `until` is its last day, None while the contract award notice
    with which it begins is not noted."""

    days: int
    until: date | None


def standstill_rule(round_id: int) -> tuple[Rule, bool]:
    """What the law asks for between a round's letters and its admissions, and whether it is compulsory."""
    law, kind, codes = db.session.execute(
        select(Framework.legal_regime, Framework.kind, Framework.cpv_codes)
        .join(Round, Round.framework_id == Framework.id)
        .where(Round.id == round_id)
    ).one()
    rule = reference().standstill(law, kind)
    return rule, rule.compulsory(reference().light_touch(codes))


def award_notice_of(round_id: int) -> RowMapping | None:
    """The contract award notice that was noted last: version, published_on, reference, admits_after,
    noted_at, noted_by."""
    return (
        db.session.execute(
            select(
                AwardNotice.version,
                AwardNotice.published_on,
                AwardNotice.reference,
                AwardNotice.admits_after,
                AwardNotice.noted_at,
                Person.name.label("noted_by"),
            )
            .join(Person, Person.id == AwardNotice.noted_by_id)
            .where(AwardNotice.round_id == round_id)
            .order_by(AwardNotice.version.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )


def last_release(round_id: int) -> RowMapping | None:
    """A round's newest release: state, window_minutes, standstill_days, staged_at, staged_by, goes_at,
    cancelled_at, stopped_because, sent_at, admits_after (the last day of its standstill, once it is known),
    awaits_notice (whether the standstill begins with the contract award notice)."""
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
                _ADMITS_AFTER.label("admits_after"),
                and_(
                    Release.sent_at.is_not(None),
                    Release.standstill_days.is_not(None),
                    Release.admits_after.is_(None),
                ).label("awaits_notice"),
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


def standstill_of(round_id: int) -> Standstill | None:
    """A released round's standstill until it is over; None without one, and afterwards."""
    found = db.session.execute(
        select(Release.standstill_days, _ADMITS_AFTER).where(
            Release.round_id == round_id, Release.state == "sent", Release.standstill_days.is_not(None)
        )
    ).one_or_none()
    if found is None or (found[1] is not None and found[1] < clock.today()):
        return None
    return Standstill(*found)


def due_releases(moment: datetime) -> Sequence[int]:
    """Releases whose window is over, the oldest first."""
    due = select(Release.id).where(Release.state == "waiting", Release.goes_at <= moment)
    return db.session.scalars(due.order_by(Release.id)).all()


def due_admissions(today: date) -> Sequence[tuple[int, int, set[int]]]:
    """Tenders with admissions that were told and whose standstill, if any, is over: application, round, and
    the lots."""
    rows = db.session.execute(
        select(Application.id, Application.round_id, func.array_agg(Decision.lot_id))
        .join(Application, Application.id == Decision.application_id)
        .join(Release, Release.round_id == Application.round_id)
        .where(
            Decision.state == "told",
            Release.state == "sent",
            or_(Release.standstill_days.is_(None), today > _ADMITS_AFTER),
        )
        .group_by(Application.id, Application.round_id)
        .order_by(Application.id)
    )
    return [(application, round, set(lots)) for application, round, lots in rows]


def told_admissions(round_id: int, application_id: int | None = None) -> list[LotOutcome]:
    """Admissions of a round, or of one tender of it, that were told and have not taken effect."""
    return outcomes_of(round_id, application_id=application_id, state="told")[0]


def admissions_waiting(round_id: int) -> Sequence[RowMapping]:
    """Admissions of a round that have been told and have not taken effect: application_id, provider_name,
    lot_id, lot_number, lot_title."""
    return (
        db.session.execute(
            select(
                Decision.application_id,
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
