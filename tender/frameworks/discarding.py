"""Discarding what never left the council: a draft round, and a framework without rounds.

The trail keeps that it was there and who discarded it. What was published stays: it can be withdrawn.
"""

from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks.models import Framework, Lot, Question, Round, RoundLot, Scale, ScaleBand
from tender.frameworks.services import locked_draft

Listener = Callable[..., None]
_listeners: list[Listener] = []


def when_draft_is_discarded(*listeners: Listener) -> None:
    """Let nouns above take out what they keep of a draft round: `listener(draft, by=...)`, inside the
    transaction. Called once, when the application is put together."""
    _listeners[:] = listeners


def discard_round(*, by: Actor, round_id: int) -> int:
    """Take a draft round out, with its pack, papers and plans; return its framework's id. Its number is free
    again.

    Raises `NotFound` (also once it is gone), `Conflict` for a published round, and `Refusal` where something
    else rests on it.
    """
    with transaction() as session:
        draft = locked_draft(round_id, by)
        framework_id, number = draft.framework_id, draft.number
        for listener in _listeners:
            listener(draft, by=by)
        scales = select(Scale.id).where(Scale.round_id == round_id)
        _delete(
            session,
            delete(Question).where(Question.round_id == round_id),
            delete(ScaleBand).where(ScaleBand.scale_id.in_(scales)),
            delete(Scale).where(Scale.round_id == round_id),
            delete(RoundLot).where(RoundLot.round_id == round_id),
            delete(Round).where(Round.id == round_id),
        )
        session.expunge(draft)
        told = {"number": number, "round": round_id}
        record("framework.discard_round", "framework", framework_id, by=by, **told)
    return framework_id


def discard_framework(*, by: Actor, framework_id: int) -> None:
    """Take out a framework that has no rounds, with its lots.

    Raises `NotFound`, and `Refusal` while it has rounds or something else rests on its lots.
    """
    with transaction() as session:
        framework = session.scalar(
            select(Framework)
            .where(Framework.id == framework_id, Framework.council_id == by.organisation_id)
            .with_for_update()
        )
        if framework is None or not by.may("framework:manage"):
            raise NotFound()
        rounds = session.scalars(select(Round.state).where(Round.framework_id == framework_id)).all()
        if any(state != "draft" for state in rounds):
            raise Refusal("A round of this framework was published, so the framework stays.")
        if rounds:
            raise Refusal("This framework has a draft round. Discard that first, on its own page.")
        reference, title = framework.reference, framework.title
        _delete(
            session,
            delete(Lot).where(Lot.framework_id == framework_id),
            delete(Framework).where(Framework.id == framework_id),
        )
        session.expunge(framework)
        record("framework.discard", "framework", framework_id, by=by, reference=reference, title=title)


def _delete(session: Session, *statements: object) -> None:
    """Delete in this order. Raises `Refusal` where something else rests on what would go."""
    try:
        with session.begin_nested():
            for statement in statements:
                session.execute(statement)  # type: ignore[call-overload]
    except IntegrityError:
        raise Refusal("Something else in the portal rests on this already, so it stays.") from None
