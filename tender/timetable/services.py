"""Planning the dates of a round."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, select

from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Conflict, Refusal
from portal.web.filters import uk_date
from tender.frameworks.lifecycle import ABANDONED
from tender.frameworks.models import Round
from tender.frameworks.services import locked_round
from tender.timetable.models import STEPS, PlannedDate


def plan_dates(*, by: Actor, round_id: int, planned: Mapping[str, date | None]) -> None:
    """Keep the days on which the council means to have done each step, by the steps' codes; none for None.

    Nothing changed leaves no line. Raises `NotFound`, `Conflict` once the letters are out or the round was
    ended, and `Refusal` for a step that is planned before one that comes before it (field: the step).
    """
    wanted = {step: planned[step] for step in STEPS if planned.get(step)}
    _check_order(wanted)
    with transaction() as session:
        round = locked_round(round_id, by)
        if round.state in ("released", *ABANDONED):
            raise Conflict("The letters of this round are out, or it was ended: its plan stays as it is.")
        of_round = PlannedDate.round_id == round_id
        standing = {row.step: row.planned_on for row in session.scalars(select(PlannedDate).where(of_round))}
        if standing == wanted:
            return
        session.execute(delete(PlannedDate).where(of_round))
        session.add_all(
            PlannedDate(round_id=round_id, step=step, planned_on=day) for step, day in wanted.items()
        )
        told = {step: day.isoformat() for step, day in wanted.items() if day}
        record("round.plan_dates", "round", round_id, by=by, planned=told)


def _check_order(wanted: Mapping[str, date | None]) -> None:
    before, named = None, ""
    for step, day in wanted.items():
        if before and day and day < before:
            raise Refusal(
                f"“{STEPS[step]}” is planned before “{named}” on {uk_date(before)}. Give a later day.",
                field=step,
            )
        before, named = day, STEPS[step]


def discard_plan(draft: Round, *, by: Doer) -> None:
    """Forget what was planned for a draft round that is discarded. Joins the transaction."""
    db.session.execute(delete(PlannedDate).where(PlannedDate.round_id == draft.id))
