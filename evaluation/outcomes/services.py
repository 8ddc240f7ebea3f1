"""Computing results, and what every decision and release rests on: the round's lock and results that are
current.

Everything here locks the round first, so that computing, deciding and releasing come one after the other.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sqlalchemy import delete, exists, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from evaluation.assignments.models import Assignment
from evaluation.assignments.services import reopen_assignment
from evaluation.conformity.answer_queries import markable_answers
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.assessment import ADMITTED
from evaluation.outcomes.lifecycle import DECISION
from evaluation.outcomes.mark_queries import unmarked_answers
from evaluation.outcomes.models import (
    AdmissionCondition,
    Computation,
    Decision,
    DecisionVersion,
    Result,
)
from evaluation.outcomes.price_queries import prices_waiting
from evaluation.outcomes.python_totals import PythonTotal, inputs_of, totals_in_python
from evaluation.outcomes.queries import lots_of
from evaluation.outcomes.totals import Total, totals_in_sql
from evaluation.scoring.models import Mark
from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.web.filters import plural
from tender.applications.models import Application
from tender.frameworks.models import Framework, Question, Round
from tender.frameworks.queries import published_round

# Every evaluator's own total for each result, once all evaluators of the tender have locked. What the price
# adds is the same in each.
_KEEP_EVALUATORS_TOTALS = text(
    """
    WITH scored AS (
      SELECT question.id, question.weight, question.lots, scale.highest
      FROM question JOIN scale ON scale.id = question.scale_id
      WHERE question.round_id = :round AND question.judged_as = 'scored' AND question.withdrawn_in IS NULL
    )
    INSERT INTO evaluator_total (application_id, lot_id, evaluator_id, numerator)
    SELECT result.application_id, result.lot_id, assignment.evaluator_id,
           CASE WHEN count(*) = (SELECT count(*) FROM scored WHERE lots = '{}' OR result.lot_id = ANY (lots))
                THEN sum(scored.weight * mark.points * (result.denominator / scored.highest))
                  + result.numerator - result.quality END
    FROM application
    JOIN result ON result.application_id = application.id
    JOIN assignment ON assignment.application_id = application.id AND assignment.state = 'locked'
    JOIN answer ON answer.application_id = application.id
      AND (answer.lot_id IS NULL OR answer.lot_id = result.lot_id)
    JOIN mark ON mark.answer_id = answer.id AND mark.evaluator_id = assignment.evaluator_id
    JOIN scored ON scored.id = mark.question_id AND (scored.lots = '{}' OR result.lot_id = ANY (scored.lots))
    WHERE application.round_id = :round AND NOT EXISTS (
      SELECT FROM assignment AS open
      WHERE open.application_id = application.id AND open.state IN ('assigned', 'accepted')
    )
    GROUP BY result.application_id, result.lot_id, assignment.evaluator_id, result.numerator, result.quality
    """
)

CHECKED_AGAIN = "An exclusion check of this provider was made again, so this needs another look."
CONDITION_CHANGED = "A condition of this tender was decided anew, so this needs another look."
MARKS_CHANGED = "The agreed marks have changed since this was decided, so it needs another look."


class NotBeingMarked(Conflict):
    """Results and decisions are made while a round is being marked, and stand afterwards."""

    sentence = (
        "Results and decisions are made while a round is being marked. This one is not, or not any more."
    )


class MarksIncomplete(Refusal):
    """An answer that counts has no agreed mark: there is no total until there is one for each."""


class NothingWeighed(Refusal):
    """Conditions alone decide."""

    sentence = "Nothing is marked in this round, so there is nothing to compute: conditions alone decide."


class PricesUndecided(Refusal):
    """A price that is missing, nothing or low waits for a person: until then there are no ranks."""


class TotalsDiffer(Refusal):
    """The two computations disagree: nothing is kept."""

    sentence = (
        "The two ways in which the portal adds up the marks do not agree, so no result was kept. "
        "Nothing you did is wrong. Tell the people who run the portal."
    )


class ResultsStale(Refusal):
    """Decisions rest on results, and these are missing or older than the marks."""

    sentence = "The results are not up to date with the agreed marks. Compute them first."


class ChangedMeanwhile(Conflict):
    """The decision, or what it rests on, is not what the page showed."""

    sentence = (
        "This has changed since you opened the page. What stands now is shown below: check it and try again."
    )


def compute_results(*, round_id: int, by: Actor) -> int:
    """Compute every total and rank of a round twice, keep them if both agree, and return how many there are.

    A decision that rests on marks which have changed goes back to whoever recommends. Raises
    `NotBeingMarked`, `NothingWeighed`, `MarksIncomplete`, `PricesUndecided`, `TotalsDiffer`.
    """
    with transaction() as session:
        locked_round(round_id, by, state="marking")
        if not published_round(round_id).weighs:
            raise NothingWeighed
        totals = totals_in_sql(round_id)
        checked = totals_in_python(*inputs_of(round_id))
        if not all(total.complete for total in (*totals, *checked.values())):
            _refuse_incomplete(round_id)
        if differences(totals, checked):
            raise TotalsDiffer
        of_round = select(Application.id).where(Application.round_id == round_id)
        session.execute(delete(Result).where(Result.application_id.in_(of_round)))
        if totals:
            session.execute(insert(Result), [_row(total) for total in totals])
            session.execute(_KEEP_EVALUATORS_TOTALS, {"round": round_id})
        _keep_computation(round_id, by)
        reopened = _reopen_changed(round_id, totals)
        record("round.compute_results", "round", round_id, by=by, results=len(totals), reopened=reopened)
    return len(totals)


def _keep_computation(round_id: int, by: Actor) -> None:
    marks, version = db.session.execute(
        select(func.count(), func.coalesce(func.sum(AgreedMark.version), 0))
        .join(Question, Question.id == AgreedMark.question_id)
        .where(Question.round_id == round_id)
    ).one()
    values = {
        "marks": marks,
        "marks_version": version,
        "computed_at": clock.now(),
        "computed_by_id": by.person_id,
    }
    db.session.execute(
        upsert(Computation)
        .values(round_id=round_id, **values)
        .on_conflict_do_update(index_elements=["round_id"], set_=values)
    )


def differences(
    totals: Sequence[Total], checked: Mapping[tuple[int, int], PythonTotal]
) -> set[tuple[int, int]]:
    """The (application, lot) pairs on which the two computations do not say the same."""
    in_sql = {
        (total.application_id, total.lot_id): PythonTotal(
            total.exact,
            Fraction(total.quality) / total.denominator,
            Fraction(total.deciding) / total.denominator,
            total.meets_thresholds,
            total.rank,
            total.marks_version,
            total.complete,
        )
        for total in totals
    }
    return {pair for pair in in_sql.keys() | checked.keys() if in_sql.get(pair) != checked.get(pair)}


def _row(total: Total) -> dict[str, object]:
    return {
        "application_id": total.application_id,
        "lot_id": total.lot_id,
        "numerator": total.numerator,
        "denominator": total.denominator,
        "quality": total.quality,
        "deciding": total.deciding,
        "meets_thresholds": total.meets_thresholds,
        "rank": total.rank,
        "marks_version": total.marks_version,
    }


def _refuse_incomplete(round_id: int) -> None:
    named, count = unmarked_answers(round_id)
    if not named and (waiting := prices_waiting(round_id)):
        raise PricesUndecided(
            f"{plural(waiting, 'price is', 'prices are')} missing, nothing or low. Decide first whether "
            f"{'it counts' if waiting == 1 else 'each counts'}: there are no ranks before."
        )
    raise MarksIncomplete(_what_is_unmarked(named, count))


def _what_is_unmarked(named: Sequence[str], count: int) -> str:
    if not named:
        return "An answer that must be marked is missing, so no total can be computed."
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return (
        f"{plural(count, 'answer')} still without an agreed mark: {'; '.join(named)}{more}. "
        "There is no total until every answer has one."
    )


def _reopen_changed(round_id: int, totals: Sequence[Total]) -> int:
    """Send back each decision whose marks are no longer those that it rests on; return how many."""
    versions = {(total.application_id, total.lot_id): total.marks_version for total in totals}
    decisions = db.session.scalars(
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.round_id == round_id, Decision.state.in_(("recommended", "approved")))
        .with_for_update(of=Decision)
    ).all()
    changed = [
        decision
        for decision in decisions
        if decision.marks_version != versions.get((decision.application_id, decision.lot_id))
    ]
    _reopen(changed, MARKS_CHANGED)
    return len(changed)


def reopen_admissions(application_id: int, by: Actor) -> None:
    """Exclusion checks stand in the way of a tenderer: send back each decision to admit it, while its round
    is being decided on. Once it is decided the release is refused instead, until somebody has looked again or
    the decision is reopened. The caller holds the round's row."""
    round = db.session.scalars(
        select(Round)
        .join(Application, Application.round_id == Round.id)
        .where(Application.id == application_id)
    ).one()
    if round.state != "marking":
        return
    decisions = db.session.scalars(
        select(Decision)
        .where(
            Decision.application_id == application_id,
            Decision.outcome.in_(ADMITTED),
            Decision.state.in_(("recommended", "approved")),
        )
        .with_for_update()
    ).all()
    _reopen(decisions, CHECKED_AGAIN)


def _reopen(decisions: Sequence[Decision], because: str) -> None:
    for decision in decisions:
        reopen(decision, because, THE_PORTAL)


def reopen(decision: Decision, because: str, by: Doer) -> None:
    """Send a decision back to whoever recommends. One that was approved is kept as it stood, and its approval
    counts no more. The caller has locked its round."""
    if decision.state == "approved":
        _keep_version(decision, because, by)
    decision.return_reason = because
    with db.session.no_autoflush:
        move(
            DECISION, decision, "reopen", by=by,
            application=decision.application_id, lot=decision.lot_id, because=because,
        )  # fmt: skip
        decision.approved_at = decision.approved_by_id = None
    db.session.flush()


def _keep_version(decision: Decision, because: str, by: Doer) -> None:
    kept = (
        "version", "outcome", "exclusion_ground", "reason", "marks_version",
        "recommended_at", "recommended_by_id", "approved_at", "approved_by_id",
    )  # fmt: skip
    conditions = db.session.scalars(
        select(AdmissionCondition)
        .where(AdmissionCondition.decision_id == decision.id)
        .order_by(AdmissionCondition.position)
    )
    db.session.add(
        DecisionVersion(
            decision_id=decision.id,
            **{name: getattr(decision, name) for name in kept},
            conditions=[[each.text, each.evidence_type, each.due_on.isoformat()] for each in conditions],
            because=because,
            reopened_at=clock.now(),
            reopened_by_id=by.person_id,
        )
    )


def when_condition_is_decided_late(application_id: int, by: Actor) -> None:
    """A condition of a tender was decided anew after marking began: its totals are to be computed again, what
    was decided on it needs another look, and an evaluator who has locked marks what counts only now. The
    caller holds the round's row."""
    application = db.session.get_one(Application, application_id)
    db.session.execute(delete(Computation).where(Computation.round_id == application.round_id))
    decisions = db.session.scalars(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.state.in_(("recommended", "approved")))
        .with_for_update()
    ).all()
    _reopen(decisions, CONDITION_CHANGED)
    tender = select(Application.id).where(Application.id == application_id)
    answers = markable_answers(application.round_id, of=tender).subquery()
    marked = exists().where(Mark.answer_id == answers.c.id, Mark.evaluator_id == Assignment.evaluator_id)
    lacking = db.session.scalars(
        select(Assignment.id)
        .distinct()
        .join(answers, answers.c.application_id == Assignment.application_id)
        .where(
            Assignment.application_id == application_id,
            Assignment.state == "locked",
            func.covers(Assignment.sections, Assignment.lots, answers.c.section, answers.c.lot_id),
            ~marked,
        )
        .order_by(Assignment.id)
    ).all()
    for assignment_id in lacking:
        reopen_assignment(assignment_id=assignment_id, by=by)


def locked_round(round_id: int, by: Actor, *, state: str | None = None) -> Round:
    """The round of `by`'s council, locked until the transaction ends; in `state`, if one is given.

    Raises `NotFound` and `NotBeingMarked`.
    """
    db.session.flush()
    round = db.session.scalar(
        select(Round)
        .join(Framework, Framework.id == Round.framework_id)
        .where(Round.id == round_id, Framework.council_id == by.organisation_id)
        .with_for_update(of=Round)
        .execution_options(populate_existing=True)
    )
    if round is None:
        raise NotFound
    if state:
        refuse_unless(round, state)
    return round


def refuse_unless(round: Round, state: str) -> None:
    """Raise `NotBeingMarked` unless the round is in this state."""
    if round.state != state:
        raise NotBeingMarked


def refuse_stale(round_id: int) -> None:
    """Raise `ResultsStale` unless every result rests on the agreed marks as they are."""
    if not all(lot["current"] for lot in lots_of(round_id)):
        raise ResultsStale
