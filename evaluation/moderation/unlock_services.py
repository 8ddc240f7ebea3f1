"""Unlocking agreed marks."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.moderation.models import AgreedMark, UnlockedMark
from evaluation.moderation.services import digest_of, item_in_moderation, take_turns
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, Refusal


class NothingToUnlock(Conflict):
    """No mark is agreed, or another one than the page showed."""

    sentence = "This agreed mark has changed since you opened the page. What stands now is shown below."


class WhyMissing(Refusal):
    """Unlocking needs its reason."""

    sentence = "Say why this mark has to be agreed again. It is kept with the old mark."


def unlock_mark(*, answer_id: int, why: str, version: int, by: Actor) -> None:
    """Take an agreed mark back, so that another can be agreed; what it was is kept, with who, when and why.

    Results that rest on it are out of date from then on. Raises `NotFound`, `NotTheModerator`,
    `ModerationOver`, `WhyMissing`, and `NothingToUnlock` where the mark on the page does not stand.
    """
    with transaction() as session:
        item = item_in_moderation(session, answer_id, by)
        why = why.strip()
        if not why:
            raise WhyMissing(field="why")
        take_turns(session, [answer_id])
        agreed = session.execute(
            select(AgreedMark)
            .where(AgreedMark.answer_id == answer_id, AgreedMark.version == version)
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if agreed is None:
            raise NothingToUnlock
        take_back(session, agreed, item["application_id"], why, by)


def take_back(session: Session, agreed: AgreedMark, application_id: int, why: str, by: Actor) -> None:
    """Keep an agreed mark as it stood, with why it stands no more. The caller has locked its answer, and
    checked who may."""
    kept = ("points", "reason", "version", "moderator_id", "agreed_at", "meeting_id", "present")
    session.add(
        UnlockedMark(
            answer_id=agreed.answer_id,
            **{name: getattr(agreed, name) for name in kept},
            why=why,
            unlocked_at=clock.now(),
            unlocked_by_id=by.person_id,
        )
    )
    session.flush()
    session.delete(agreed)
    record(
        "agreed_mark.unlock", "agreed_mark", agreed.answer_id, by=by,
        application=application_id, before=agreed.points, version=agreed.version, why=why,
        sha256=digest_of(agreed, application_id),
    )  # fmt: skip
