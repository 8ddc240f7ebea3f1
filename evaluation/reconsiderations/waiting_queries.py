"""What new decisions, and the challenges beneath them, ask of whom, for the home page."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Date,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.challenges import queries as challenges
from evaluation.reconsiderations.models import Reconsideration
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import uk_date
from tender.applications.models import Application
from tender.frameworks.models import Framework, Lot, Round

RETURNED_DAYS = 30
"""For so long a proposal that was returned stays among the lead's tasks, unless another one is made."""


def waiting_for(viewer: Actor) -> Waiting:
    """For the approver: proposals that somebody else made. For the lead: proposals that wait, those that came
    back and were not made again, and what challenges ask. One statement, or none."""
    asked = [_waiting(viewer)] if viewer.may("outcome:approve", "outcome:recommend") else []
    if viewer.may("challenge:manage"):
        asked.append(challenges.for_lead(viewer))
    if not asked:
        return Waiting()
    every = union_all(*asked).subquery()
    rows = db.session.execute(select(every).order_by(every.c.day, every.c.id)).mappings().all()
    lines = [
        challenges.as_waiting(row) if row["what"] == "challenge" else _as_waiting(row, viewer) for row in rows
    ]
    return Waiting(
        tuple(line for line in lines if isinstance(line, Task)),
        tuple(line for line in lines if isinstance(line, GoingOn)),
    )


def _waiting(viewer: Actor) -> Select[Any]:
    """Proposals that wait, and those that were returned of late; columns as `challenges.for_lead` has them.
    Not those on whose provider the viewer declared a conflict."""
    again = aliased(Reconsideration)
    left = ~exists().where(
        again.application_id == Reconsideration.application_id,
        again.lot_id == Reconsideration.lot_id,
        again.id > Reconsideration.id,
    )
    recent = clock.now() - timedelta(days=RETURNED_DAYS)
    returned = and_(Reconsideration.state == "returned", Reconsideration.decided_at > recent, left)
    shown = [Reconsideration.state == "proposed", *([returned] if viewer.may("outcome:recommend") else [])]
    own = Reconsideration.proposed_by_id == viewer.person_id
    return (
        select(
            literal("new decision").label("what"),
            Reconsideration.id,
            Reconsideration.state,
            case((own, "own"), else_="another's").label("kind"),
            func.concat(Organisation.name, ", lot ", Lot.number).label("who"),
            cast(func.timezone("Europe/London", Reconsideration.proposed_at), Date).label("day"),
            Round.number,
            Framework.title,
        )
        .join(Application, Application.id == Reconsideration.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Lot, Lot.id == Reconsideration.lot_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(Framework.council_id == viewer.organisation_id)
        .where(or_(*shown))
        .where(Reconsideration.application_id.not_in(conflicts_of(viewer)))
    )


def _as_waiting(row: RowMapping, viewer: Actor) -> Task | GoingOn:
    """A proposal as its reader's home page has it."""
    here = {"reconsideration_id": row["id"]}
    place = f"Round {row['number']} of {row['title']}. Proposed on {uk_date(row['day'])}."
    if row["state"] == "returned":
        sentence = f"The new decision on {row['who']} was returned"
        return Task(sentence, "Read why", "reconsiderations.show", here, detail=place)
    if row["kind"] != "own" and viewer.may("outcome:approve"):
        sentence = f"A new decision on {row['who']} waits to be approved"
        return Task(sentence, "Read it", "reconsiderations.show", here, detail=place)
    sentence = f"New decision on {row['who']} with the approver"
    return GoingOn(sentence, "awaiting_approval", "reconsiderations.show", here, place)
