"""Reading what was changed of a round's lots, and which applications have a lot."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.accounts.access import Actor
from portal.database import db
from tender.applications.closing import closing_time_of_application
from tender.applications.models import Application, ApplicationLot
from tender.frameworks.facts import Detail, RoundFacts
from tender.frameworks.models import Round, RoundLot
from tender.lot_changes.models import LotChange


def applications_with(round_id: int, lot_id: int) -> Mapping[tuple[str, datetime], Sequence[int]]:
    """The applications (ids) of a round that have the lot, by their state and when their time is over."""
    found: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    for state, closes_at, application_id in db.session.execute(
        select(Application.state, closing_time_of_application(), Application.id)
        .join(Round, Round.id == Application.round_id)
        .join(ApplicationLot, ApplicationLot.application_id == Application.id)
        .where(Application.round_id == round_id, ApplicationLot.lot_id == lot_id)
        .order_by(Application.id)
    ):
        found[state, closes_at].append(application_id)
    return found


def _changes(facts: RoundFacts, viewer: Actor) -> ScalarSelect[Any]:
    told = func.jsonb_build_object(
        *("before", LotChange.before, "after", LotChange.after),
        *("reason", LotChange.reason, "changed_at", LotChange.changed_at),
    )
    newest_first = func.jsonb_agg(aggregate_order_by(told, LotChange.id.desc()))
    return (
        select(newest_first)
        .join(RoundLot, RoundLot.lot_id == LotChange.lot_id)
        .where(RoundLot.round_id == facts.id)
        .where(LotChange.changed_at >= facts.published_at, LotChange.changed_at < facts.closes_at)
        .scalar_subquery()
    )


def _told(facts: RoundFacts, changes: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    return [
        {**change, "changed_at": datetime.fromisoformat(change["changed_at"])} for change in changes or ()
    ]


# For the public page of a round: what was changed of its lots while it ran, the newest first.
ON_OPPORTUNITY = Detail("lot_changes", _changes, _told)
