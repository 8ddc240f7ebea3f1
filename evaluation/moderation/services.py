"""Agreeing the mark of one answer; what every road to an agreed mark goes through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, ScalarSelect, func, select
from sqlalchemy.orm import Session

from evaluation.assignments.queries import serves
from evaluation.inquiries.waiting_queries import refuse_awaited_marks
from evaluation.moderation.meeting_queries import present_at, running_meeting
from evaluation.moderation.models import AgreedMark, UnlockedMark
from evaluation.moderation.queries import item_for
from evaluation.moderation.reasons import check_agreed_reason
from evaluation.scoring.digests import mark_digest
from evaluation.scoring.queries import bands_of, panel_marks
from evaluation.scoring.services import NotOnTheScale
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from tender.applications.models import Answer, Application
from tender.frameworks.models import Round


class NotTheModerator(Refusal):
    """Agreed marks are for the moderators of the round's own panel."""

    sentence = "Only a moderator of this round's panel can agree marks."


class ModerationOver(Refusal):
    """The results are decided."""

    sentence = "The results of this round are decided, so agreed marks can no longer be changed."


class AgreedMeanwhile(Conflict):
    """A mark is agreed already: `points` and `reason` are what stands."""

    def __init__(self, points: int, reason: str, version: int, name: str) -> None:
        super().__init__(
            f"{name} has agreed a mark for this answer, which stands. It is shown on this page, and nothing "
            "you typed is lost. To replace it, unlock it first in another tab, then save here again."
        )
        self.points, self.reason, self.version = points, reason, version


class UnlockedMeanwhile(Conflict):
    """A mark was agreed and unlocked since the page was drawn: `version` is that mark's."""

    sentence = (
        "A mark was agreed for this answer and unlocked again while you had this page open. Read below why, "
        "then save again."
    )

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version


@dataclass(frozen=True)
class Draft:
    """An agreed mark that may become one. `seen` is the newest version that the page showed."""

    answer_id: int
    application_id: int
    question_id: int
    scale_id: int
    points: int
    reason: str
    seen: int


def agree_mark(*, answer_id: int, points: int, reason: str, version: int, by: Actor) -> AgreedMark:
    """Agree the mark of one answer with its reason; it stands until it is unlocked.

    `version` is that of the newest mark on the page, unlocked ones included, 0 for none. Individual marks are
    not touched. Raises `NotFound` while an evaluator has not locked, `NotTheModerator`, `ModerationOver`,
    `NotDeclaredYet`, `ReplyAwaited`, `NotOnTheScale`, `ReasonRefused`, `AgreedMeanwhile` where a mark stands,
    and `UnlockedMeanwhile`.
    """
    with transaction() as session:
        item = item_in_moderation(session, answer_id, by)
        refuse_awaited_marks([answer_id])
        bands = bands_of(item["scale_id"])
        if points not in [band["points"] for band in bands]:
            raise NotOnTheScale(
                f"Choose one of the marks on the scale, {bands[-1]['points']} to {bands[0]['points']}.",
                field="points",
            )
        reason = check_agreed_reason(
            reason,
            [band["descriptor"] for band in bands],
            [mark["reason"] for mark in panel_marks(answer_id)],
        )
        draft = Draft(
            answer_id, item["application_id"], item["question_id"], item["scale_id"], points, reason, version
        )
        agreed, refused = keep(session, item["round_id"], [draft], by)
        if refused:
            raise refused[answer_id]
    return agreed[0]


def item_in_moderation(session: Session, answer_id: int, by: Actor) -> RowMapping:
    """The answer, with its round locked and the moderator checked."""
    of_answer = (
        select(Application.round_id)
        .join(Answer, Answer.application_id == Application.id)
        .where(Answer.id == answer_id)
    )
    round = locked_round(session, of_answer.scalar_subquery())
    item = item_for(by, answer_id)
    check_moderator(round, by)
    return item


def locked_round(session: Session, round_id: ScalarSelect[int]) -> Round:
    """Shared with other moderators; exclusive with handing out tenders, meetings and deciding results."""
    round = session.execute(
        select(Round)
        .where(Round.id == round_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if round is None:
        raise NotFound
    return round


def check_moderator(round: Round, by: Actor) -> None:
    """Raise `NotTheModerator` or `ModerationOver`."""
    if not serves(by, round.id, "moderator"):
        raise NotTheModerator
    if round.state != "marking":
        raise ModerationOver


def take_turns(session: Session, answers: Iterable[int]) -> None:
    """Lock the answers' rows: two moderators take turns even where there is no agreed mark to lock yet."""
    locked = select(Answer.id).where(Answer.id.in_(answers)).order_by(Answer.id).with_for_update()
    session.execute(locked).all()


def keep(
    session: Session, round_id: int, drafts: Sequence[Draft], by: Actor
) -> tuple[list[AgreedMark], dict[int, AgreedMeanwhile | UnlockedMeanwhile]]:
    """Make agreed marks of the drafts, inside the caller's transaction; and why there is none for the others.

    The caller has locked the round and checked the moderator and the reasons.
    """
    ids = [draft.answer_id for draft in drafts]
    take_turns(session, ids)
    standing = {
        agreed.answer_id: AgreedMeanwhile(agreed.points, agreed.reason, agreed.version, name)
        for agreed, name in session.execute(
            select(AgreedMark, Person.name)
            .join(Person, Person.id == AgreedMark.moderator_id)
            .where(AgreedMark.answer_id.in_(ids))
            .execution_options(populate_existing=True)
        )
    }
    newest = _newest_unlocked(session, ids)
    meeting_id = running_meeting(round_id)
    present = present_at(meeting_id)
    made: list[AgreedMark] = []
    refused: dict[int, AgreedMeanwhile | UnlockedMeanwhile] = {}
    for draft in drafts:
        before = newest.get(draft.answer_id, 0)
        if draft.answer_id in standing:
            refused[draft.answer_id] = standing[draft.answer_id]
        elif draft.seen != before:
            refused[draft.answer_id] = UnlockedMeanwhile(before)
        else:
            made.append(_agreed(draft, before + 1, meeting_id, present, by))
    session.add_all(made)
    session.flush()
    return made, refused


def _newest_unlocked(session: Session, answers: Sequence[int]) -> dict[int, int]:
    """The version of the newest unlocked mark, by answer."""
    rows = session.execute(
        select(UnlockedMark.answer_id, func.max(UnlockedMark.version))
        .where(UnlockedMark.answer_id.in_(answers))
        .group_by(UnlockedMark.answer_id)
    )
    return {answer_id: version for answer_id, version in rows}


def _agreed(
    draft: Draft, version: int, meeting_id: int | None, present: list[int] | None, by: Actor
) -> AgreedMark:
    agreed = AgreedMark(
        answer_id=draft.answer_id,
        question_id=draft.question_id,
        scale_id=draft.scale_id,
        points=draft.points,
        reason=draft.reason,
        version=version,
        moderator_id=by.person_id,
        agreed_at=clock.now(),
        meeting_id=meeting_id,
        present=present,
    )
    record(
        "agreed_mark.save", "agreed_mark", draft.answer_id, by=by,
        application=draft.application_id, after=draft.points, version=version, meeting=meeting_id,
        present=present, sha256=digest_of(agreed, draft.application_id),
    )  # fmt: skip
    return agreed


def digest_of(agreed: AgreedMark, application_id: int) -> str:
    """The digest of an agreed mark of an answer of this tender."""
    return mark_digest(
        tender=application_id,
        answer=agreed.answer_id,
        question=agreed.question_id,
        by=agreed.moderator_id,
        points=agreed.points,
        reason=agreed.reason,
        version=agreed.version,
    )
