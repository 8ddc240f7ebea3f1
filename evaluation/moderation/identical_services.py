"""Agreeing together the marks on which all evaluators agree: each still with a reason of the panel's."""

from collections.abc import Mapping

from sqlalchemy import RowMapping, select

from evaluation.inquiries.waiting_queries import awaited_marks
from evaluation.moderation.identical_queries import identical_among
from evaluation.moderation.reasons import check_agreed_reason
from evaluation.moderation.services import AgreedMeanwhile, Draft, check_moderator, keep, locked_round
from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import Conflict, Refusal
from tender.applications.closed_queries import refuse_undeclared
from tender.frameworks.models import Round


class NotIdentical(Conflict):
    """The answer is not, or no longer, one on which all marks are the same."""

    sentence = "This answer is not ready any more, or its marks are not all the same. Untick it."


class NothingTicked(Refusal):
    """Not one answer was chosen."""

    sentence = "Tick at least one answer whose mark the panel agrees."


class SomeRefused(Refusal):
    """Nothing is saved: `problems` says why, by answer."""

    def __init__(self, problems: Mapping[int, Refusal]) -> None:
        super().__init__("Nothing is saved yet. Put right what is said below, then save again.")
        self.problems = problems


def agree_identical(*, round_id: int, reasons: Mapping[int, str], by: Actor) -> int:
    """Agree, for each of these answers, the mark that all its evaluators gave; return how many there were.

    `reasons` gives the panel's reason by answer. All of them are saved or none; what stands already with the
    same mark and the same words (a second click) is done. Raises `NothingTicked`, `SomeRefused` with what is
    wrong with which, `NotTheModerator`, `ModerationOver`, `NotDeclaredYet`.
    """
    if not reasons:
        raise NothingTicked
    with transaction() as session:
        round = locked_round(session, select(Round.id).where(Round.id == round_id).scalar_subquery())
        check_moderator(round, by)
        items = {row["answer_id"]: row for row in identical_among(by, round_id, list(reasons))}
        refuse_undeclared(by, [item["application_id"] for item in items.values()])
        problems: dict[int, Refusal] = {
            answer_id: NotIdentical() for answer_id in reasons.keys() - items.keys()
        }
        problems |= awaited_marks(items.keys())
        drafts = {}
        for answer_id, item in items.items():
            try:
                reason = check_agreed_reason(reasons[answer_id], item["descriptors"], item["reasons"])
            except Refusal as refusal:
                problems[answer_id] = refusal
            else:
                drafts[answer_id] = _draft_of(item, reason)
        _, refused = keep(session, round_id, list(drafts.values()), by)
        problems |= {
            answer_id: _in_words(refusal)
            for answer_id, refusal in refused.items()
            if not _stands(drafts[answer_id], refusal)
        }
        if problems:
            raise SomeRefused(problems)
    return len(drafts)


def _stands(draft: Draft, refusal: Refusal) -> bool:
    return isinstance(refusal, AgreedMeanwhile) and (
        (refusal.points, refusal.reason) == (draft.points, draft.reason)
    )


def _in_words(refusal: Refusal) -> Refusal:
    if isinstance(refusal, AgreedMeanwhile):
        return Refusal("A mark is agreed for this answer already, and it stands. Untick it.")
    return Refusal("A mark of this answer was agreed and unlocked. Agree it on its own page, which says why.")


def _draft_of(item: RowMapping, reason: str) -> Draft:
    named = {name: item[name] for name in ("answer_id", "application_id", "question_id", "scale_id")}
    return Draft(**named, points=item["lowest"], reason=reason, seen=0)
