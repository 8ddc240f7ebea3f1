"""Reading moderation meetings: the one that runs, a round's meetings, and what was agreed in one."""

from sqlalchemy import select

from evaluation.moderation.models import Meeting
from portal.database import db


def running_meeting(round_id: int) -> int | None:
    """The id of the meeting of this round that has begun and not ended."""
    return db.session.scalar(
        select(Meeting.id).where(Meeting.round_id == round_id, Meeting.ended_at.is_(None))
    )
