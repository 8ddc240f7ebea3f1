"""Returning a mark to its evaluator, as long as the panel has not agreed on the answer."""

from sqlalchemy import select

from evaluation.moderation.models import AgreedMark
from evaluation.moderation.return_queries import returnable_for
from evaluation.scoring.return_services import ReturnRefused, return_mark
from portal.accounts.access import Actor
from portal.database import transaction


def return_to_evaluator(*, assignment_id: int, answer_id: int, why: str, by: Actor) -> None:
    """Let an evaluator change one locked mark; the old one and the reason are kept.

    For the procurement lead and a moderator of the round. Raises `NotFound`, `ReturnRefused`, and what
    `scoring.return_services.return_mark` raises.
    """
    with transaction() as session:
        returnable_for(by, assignment_id)
        if session.execute(select(AgreedMark.id).where(AgreedMark.answer_id == answer_id)).first():
            raise ReturnRefused(
                "The panel has agreed on this answer. Unlock the agreed mark first.", field="answer"
            )
        return_mark(assignment_id=assignment_id, answer_id=answer_id, why=why, by=by)
