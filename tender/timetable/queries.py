"""Reading a round's timetable."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from portal.accounts.access import Actor
from portal.database import db
from tender.frameworks.facts import Detail, RoundFacts
from tender.timetable.dates import timetable
from tender.timetable.models import PlannedDate


def planned_dates(facts: RoundFacts) -> dict[str, date]:
    """The planned days of a round by step. The caller got `facts` by one of the rounds' own queries."""
    rows = db.session.execute(
        select(PlannedDate.step, PlannedDate.planned_on).where(PlannedDate.round_id == facts.id)
    )
    return {step: day for step, day in rows}


def _planned(facts: RoundFacts, viewer: Actor) -> ScalarSelect[Any]:
    of_round = PlannedDate.round_id == facts.id
    return (
        select(func.jsonb_object_agg(PlannedDate.step, PlannedDate.planned_on))
        .where(of_round)
        .scalar_subquery()
    )


def _timetable(facts: RoundFacts, planned: Mapping[str, str] | None) -> object:
    return timetable(facts, {step: date.fromisoformat(day) for step, day in (planned or {}).items()})


# For the public page of a round: its dates in order.
ON_OPPORTUNITY = Detail("timetable", _planned, _timetable)
