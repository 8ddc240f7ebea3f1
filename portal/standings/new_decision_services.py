"""What becomes of a standing when the council decides anew on the tender that it rests on.

Who decides so, and whether it was right to, is for the evaluation to know: two people do, after a challenge.
The provider is told by the letter about the decision. Here the standing follows, and the change is written
down among all others before anybody hears of it, so that the register tells one story.

A standing that a later application gave is left alone: that was another decision. So is one that was removed
for a cause of its own, as a new decision on a tender says nothing about what happened since.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from portal.accounts.member_services import locked_organisation
from portal.audit.services import Doer
from portal.database import db, transaction
from portal.directory.models import Standing
from portal.directory.services import ServiceFacts, admit_provider, change_standing
from portal.standings.models import StandingChange
from tender.applications.models import Application

CAUSE = "new_decision"


@dataclass(frozen=True, slots=True)
class Decided:
    """A new decision on one application and lot: why, who proposed it, who approved it, and when."""

    provider_id: int
    lot_id: int
    application_id: int
    reason: str
    proposed_at: datetime
    proposed_by_id: int
    approved_at: datetime
    approved_by_id: int


def admit_by_new_decision(
    decided: Decided,
    *,
    starts_on: date,
    ends_on: date,
    service: ServiceFacts,
    on_conditions: bool,
    by: Doer,
) -> bool:
    """Let the register follow a decision to admit; return whether it did, or the standing was left alone.

    A suspension goes on. The dates and the service count where the application has no standing yet, the dates
    also for a provider that comes back. Raises `NotChecked`.
    """
    with transaction() as session:
        standing = _locked(decided)
        if standing is not None and (_is_later(standing, decided) or _removed_otherwise(standing, decided)):
            return False
        standing = admit_provider(
            provider_id=decided.provider_id,
            lot_id=decided.lot_id,
            application_id=decided.application_id,
            starts_on=starts_on,
            ends_on=ends_on,
            service=service,
            on_conditions=on_conditions,
            anew=True,
            by=by,
        )
        session.add(_change(standing.id, "admit", decided))
        session.flush()
    return True


def remove_by_new_decision(decided: Decided, *, by: Doer) -> bool:
    """Let the register follow a decision not to admit: schools with a child there are told. Return whether
    there was a standing of this application to remove."""
    with transaction() as session:
        standing = _locked(decided)
        if standing is None or standing.state == "removed":
            return False
        if standing.application_id != decided.application_id:
            return False
        row = _change(standing.id, "remove", decided)
        session.add(row)
        session.flush()
        details = {"change": row.id, "cause": row.cause, "reason": row.reason}
        change_standing(standing_id=standing.id, step="remove", by=by, **details)
    return True


def _locked(decided: Decided) -> Standing | None:
    """The provider's standing on the lot. Its provider is locked first, as every admission does."""
    locked_organisation(decided.provider_id)
    return db.session.scalar(
        select(Standing)
        .where(Standing.provider_id == decided.provider_id, Standing.lot_id == decided.lot_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _is_later(standing: Standing, decided: Decided) -> bool:
    """Whether the standing rests on an application that was submitted after the one that is decided on."""
    theirs, this = aliased(Application), aliased(Application)
    later = (
        exists()
        .where(theirs.id == standing.application_id, this.id == decided.application_id)
        .where(theirs.submitted_at > this.submitted_at)
    )
    return bool(db.session.scalar(select(later)))


def _removed_otherwise(standing: Standing, decided: Decided) -> bool:
    """Whether this application's standing was removed by something else than a decision made anew."""
    if standing.state != "removed" or standing.application_id != decided.application_id:
        return False
    newest = db.session.scalar(
        select(StandingChange.cause)
        .where(
            StandingChange.standing_id == standing.id,
            StandingChange.step == "remove",
            StandingChange.state == "made",
        )
        .order_by(StandingChange.decided_at.desc(), StandingChange.id.desc())
        .limit(1)
    )
    return newest != CAUSE


def _change(standing_id: int, step: str, decided: Decided) -> StandingChange:
    return StandingChange(
        standing_id=standing_id,
        step=step,
        state="made",
        cause=CAUSE,
        reason=decided.reason,
        proposed_at=decided.proposed_at,
        proposed_by_id=decided.proposed_by_id,
        decided_at=decided.approved_at,
        decided_by_id=decided.approved_by_id,
    )
