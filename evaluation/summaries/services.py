"""Drafting, writing, offering and approving assessment summaries.

Everything here locks the round first, as computing, deciding and releasing do, so that they come one after
the other; nothing changes once the letters are out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.summaries.lifecycle import SUMMARY
from evaluation.summaries.models import AssessmentSummary, SummaryText
from evaluation.summaries.queries import Explained, criteria_of, unready_tenders
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Application
from tender.frameworks.services import locked_round

# A text for every answer that counts and has an agreed mark, where there is none for that mark: the agreed
# reason, and what the scale says of the next band up. The answers are those of `markable_answers`.
_DRAFT = text(
    """
    WITH drafted AS (
    INSERT INTO summary_text
      (answer_id, version, explanation, not_higher, mark_version, drafted, written_at, written_by_id)
    SELECT answer.id, coalesce(newest.version, 0) + 1, agreed_mark.reason,
           coalesce('The next mark is ' || above.points || ' of ' || scale.highest || ' (' || above.label
             || '). It is for an answer of which this can be said: ' || above.descriptor, ''),
           agreed_mark.version, true, :at, :by
    FROM answer
    JOIN agreed_mark ON agreed_mark.answer_id = answer.id
    JOIN scale ON scale.id = agreed_mark.scale_id
    LEFT JOIN LATERAL (
      SELECT version, mark_version FROM summary_text WHERE answer_id = answer.id ORDER BY version DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
      SELECT points, label, descriptor FROM scale_band
      WHERE scale_id = agreed_mark.scale_id AND points > agreed_mark.points ORDER BY points LIMIT 1
    ) AS above ON true
    WHERE answer.application_id = ANY (:tenders)
      AND newest.mark_version IS DISTINCT FROM agreed_mark.version
    RETURNING answer_id
    )
    SELECT answer.application_id FROM drafted JOIN answer ON answer.id = drafted.answer_id
    """
)


class SummariesClosed(Conflict):
    """Summaries are written between marking and the release."""

    sentence = (
        "Assessment summaries are written from marking until the letters are out, and stand afterwards."
    )


class SummaryChanged(Conflict):
    """The summary is not what the page showed."""

    sentence = (
        "A colleague has changed this summary since you opened the page. What stands now is shown; what you "
        "typed is still in the boxes."
    )


class OwnSummary(Refusal):
    """Nobody approves what they wrote."""

    sentence = "You wrote or offered a part of this summary, so somebody else has to approve it."


class NotCovered(Refusal):
    """A criterion lacks its text."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a summary is to say of one answer."""

    explanation: str
    not_higher: str


def draft_summaries(*, round_id: int, by: Actor) -> int:
    """Draft what is missing from the agreed reasons, for every marked tender; return how many texts.

    What a person has written for a mark that still stands is left alone. Raises `NotFound`,
    `SummariesClosed`.
    """
    with transaction() as session:
        _open_round(round_id, by)
        tenders = sorted(unready_tenders(round_id) - _conflicts_of(by))
        for stale in _locked_in(round_id, "approved"):
            if stale.application_id in tenders:
                _reopened(stale.application_id, by)
        session.flush()
        drafted = session.scalars(_DRAFT, {"tenders": tenders, "at": clock.now(), "by": by.person_id}).all()
        for application_id in sorted(set(drafted)):
            _reopened(application_id, by)
        if drafted:
            record("round.draft_summaries", "round", round_id, by=by, texts=len(drafted))
    return len(drafted)


def write_summary(
    *, round_id: int, application_id: int, said: Mapping[int, Words], version: int, by: Actor
) -> int:
    """Save what a person wrote of a tender's answers, as new versions where it changed; return how many.

    `version` is that of the summary on the page. A summary that was offered or approved is a draft again.
    Raises `NotFound`, `SummariesClosed`, `SummaryChanged`, and `Refusal` for an empty text, naming its field
    (`explanation_12`, `not_higher_12` for answer 12).
    """
    with transaction():
        _open_round(round_id, by)
        criteria = _criteria(round_id, application_id, by)
        changed = [each for each in criteria if each.answer_id in said and _differs(each, said)]
        if not changed:
            return 0
        _check_version(application_id, version)
        _reopened(application_id, by)
        for each in changed:
            db.session.add(_checked(each, said[each.answer_id], by))
        db.session.flush()
        record("assessment_summary.write", "assessment_summary", application_id, by=by, texts=len(changed))
    return len(changed)


def _differs(criterion: Explained, said: Mapping[int, Words]) -> bool:
    words = said[criterion.answer_id]
    before = ((criterion.explanation or "").strip(), (criterion.not_higher or "").strip())
    return not criterion.covered or before != (words.explanation.strip(), words.not_higher.strip())


def _checked(criterion: Explained, words: Words, by: Actor) -> SummaryText:
    explanation, not_higher = words.explanation.strip(), words.not_higher.strip()
    if not explanation:
        raise Refusal(
            f"{criterion.name}: explain the mark by what the tender says.",
            field=f"explanation_{criterion.answer_id}",
        )
    if not not_higher and not criterion.at_the_top:
        raise Refusal(
            f"{criterion.name}: say what kept the answer from {criterion.next_points} points.",
            field=f"not_higher_{criterion.answer_id}",
        )
    if criterion.mark_version is None or by.person_id is None:
        raise NotCovered(f"{criterion.name} has no agreed mark, so there is nothing to explain yet.")
    return SummaryText(
        answer_id=criterion.answer_id,
        version=(criterion.version or 0) + 1,
        explanation=explanation,
        not_higher="" if criterion.at_the_top else not_higher,
        mark_version=criterion.mark_version,
        drafted=False,
        written_at=clock.now(),
        written_by_id=by.person_id,
    )


def offer_summary(*, round_id: int, application_id: int, version: int, by: Actor) -> None:
    """Send a tender's summary for approval. Raises `NotFound`, `SummariesClosed`, `NotCovered`,
    `SummaryChanged`, `MoveRefused`."""
    with transaction():
        _open_round(round_id, by)
        criteria = _criteria(round_id, application_id, by)
        summary = _check_version(application_id, version)
        if summary is None or not all(each.covered for each in criteria):
            raise NotCovered(_lacking(criteria))
        _offer(summary, by)


def offer_all(*, round_id: int, by: Actor) -> int:
    """Send every summary for approval that is a draft and lacks nothing; return how many."""
    with transaction():
        _open_round(round_id, by)
        conflicts = _conflicts_of(by)
        complete = [
            each
            for each in _locked_in(round_id, "draft")
            if each.application_id not in conflicts
            and all(criterion.covered for criterion in criteria_of(round_id, each.application_id))
        ]
        for summary in complete:
            _offer(summary, by)
    return len(complete)


def _offer(summary: AssessmentSummary, by: Actor) -> None:
    if summary.state != "draft":
        raise MoveRefused(SUMMARY["offer"].refusal)
    summary.version += 1
    summary.offered_at, summary.offered_by_id = clock.now(), by.person_id
    move(SUMMARY, summary, "offer", by=by)


def approve_summary(*, round_id: int, application_id: int, version: int, by: Actor) -> None:
    """Approve a summary as it stood on the page. Approved twice by the same person it is approved once.

    Raises `NotFound`, `SummariesClosed`, `SummaryChanged`, `OwnSummary`, `NotCovered`, `NotDeclaredYet`,
    `MoveRefused`.
    """
    with transaction():
        _open_round(round_id, by)
        criteria = _criteria(round_id, application_id, by)
        summary = _check_version(application_id, version)
        if summary is None:
            raise NotCovered(_lacking(criteria))
        if summary.state == "approved" and summary.approved_by_id == by.person_id:
            return
        _approve(summary, criteria, by)


def approve_summaries(*, round_id: int, seen: Mapping[int, int], by: Actor) -> int:
    """Approve the offered summaries that a page showed, by application with their version there; return how
    many. Those that `by` wrote or offered a part of are left. Raises as `approve_summary` does."""
    with transaction():
        _open_round(round_id, by)
        chosen = [each for each in _locked_in(round_id, "offered") if each.application_id in seen]
        if any(each.version != seen[each.application_id] for each in chosen):
            raise SummaryChanged
        approved = 0
        for summary in chosen:
            criteria = _criteria(round_id, summary.application_id, by)
            if by.person_id not in _authors(summary, criteria):
                _approve(summary, criteria, by)
                approved += 1
    return approved


def _approve(summary: AssessmentSummary, criteria: Sequence[Explained], by: Actor) -> None:
    if by.person_id in _authors(summary, criteria):
        raise OwnSummary
    if not all(each.covered for each in criteria):
        raise NotCovered(_lacking(criteria))
    refuse_undeclared(by, [summary.application_id])
    move(SUMMARY, summary, "approve", by=by)


def _authors(summary: AssessmentSummary, criteria: Sequence[Explained]) -> set[int | None]:
    return {summary.offered_by_id, *(each.written_by_id for each in criteria)}


def return_summary(*, round_id: int, application_id: int, reason: str, version: int, by: Actor) -> None:
    """Send an offered summary back with a reason. Raises `Refusal` without one, and as approving does."""
    if not reason.strip():
        raise Refusal(
            "Say what should be written differently. Whoever offered it reads this.", field="reason"
        )
    with transaction():
        _open_round(round_id, by)
        _criteria(round_id, application_id, by)
        summary = _check_version(application_id, version)
        if summary is None:
            raise NotFound
        summary.return_reason = reason.strip()
        move(SUMMARY, summary, "return", by=by)


def _reopened(application_id: int, by: Actor) -> None:
    """Let the summary, made now where there is none, be a draft in a new version."""
    summary = _locked(application_id)
    if summary is None:
        db.session.add(AssessmentSummary(application_id=application_id, state="draft", version=1))
        db.session.flush()
        return
    summary.version += 1
    if summary.state != "draft":
        summary.approved_at = summary.approved_by_id = None
        move(SUMMARY, summary, "reopen", by=by)


def _check_version(application_id: int, version: int) -> AssessmentSummary | None:
    summary = _locked(application_id)
    if (summary.version if summary else 0) != version:
        raise SummaryChanged
    return summary


def _locked(application_id: int) -> AssessmentSummary | None:
    return db.session.get(AssessmentSummary, application_id, with_for_update=True, populate_existing=True)


def _locked_in(round_id: int, state: str) -> Sequence[AssessmentSummary]:
    return db.session.scalars(
        select(AssessmentSummary)
        .join(Application, Application.id == AssessmentSummary.application_id)
        .where(Application.round_id == round_id, AssessmentSummary.state == state)
        .order_by(AssessmentSummary.application_id)
        .with_for_update(of=AssessmentSummary)
        .execution_options(populate_existing=True)
    ).all()


def _open_round(round_id: int, by: Actor) -> None:
    if locked_round(round_id, by).state not in ("marking", "decided"):
        raise SummariesClosed


def _criteria(round_id: int, application_id: int, by: Actor) -> list[Explained]:
    """A tender's criteria. Raises `NotFound` for one of another round, without any, or with a conflict."""
    criteria = criteria_of(round_id, application_id)
    if not criteria or application_id in _conflicts_of(by):
        raise NotFound
    return criteria


def _conflicts_of(by: Actor) -> set[int]:
    return set(db.session.scalars(conflicts_of(by)))


def _lacking(criteria: Sequence[Explained]) -> str:
    names = [each.name for each in criteria if not each.covered]
    return (
        f"No text of a person's explains the agreed mark of: {'; '.join(names)}. Write it, or draft it and "
        "edit or confirm what was drafted, then send."
    )
