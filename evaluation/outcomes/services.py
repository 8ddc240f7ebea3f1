"""Computing results and checking them, and what every decision and release rests on: the round's lock and
results that are current, confirmed, and what was confirmed.

Everything here locks the round first, so that computing, deciding and releasing come one after the other.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sqlalchemy import and_, delete, exists, func, select

from evaluation.assignments.models import Assignment
from evaluation.assignments.services import reopen_assignment
from evaluation.conformity.answer_queries import markable_answers
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.assessment import ADMITTED
from evaluation.outcomes.keeping import digest_of, keep, keep_evaluators_totals, kept_totals
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
from evaluation.outcomes.totals import Total, weighs
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
    """The two computations disagree: nothing may rest on what is kept."""

    sentence = (
        "The two ways in which the portal adds up the marks do not agree, so these results cannot be used: "
        "nothing can be recommended, approved or released. Nothing you did is wrong. Tell the people who run "
        "the portal."
    )


class ResultsStale(Refusal):
    """Decisions rest on results, and these are missing, older than the marks, or not confirmed by the second
    computation."""

    sentence = "The results are not up to date with the agreed marks. Compute them first."


class NotAsChecked(Refusal):
    """Totals, marks or prices are not those on which the two computations agreed."""

    sentence = (
        "Marks or totals of this round are not those that the two computations agreed on, so nothing is "
        "released. Nothing you did is wrong. Tell the people who run the portal."
    )


class ChangedMeanwhile(Conflict):
    """The decision, or what it rests on, is not what the page showed."""

    sentence = (
        "This has changed since you opened the page. What stands now is shown below: check it and try again."
    )


def compute_results(*, round_id: int, by: Actor) -> int:
    """Recompute a round's totals and ranks, then check them by the second computation; return how many there
    are. Raises what `recompute` and `check_totals` raise: if the second fails, what the first kept stays
    unconfirmed, and nothing is decided or released on it.
    """
    results = recompute(round_id=round_id, by=by)
    check_totals(round_id=round_id, by=by)
    return results


def recompute(*, round_id: int, by: Actor) -> int:
    """Compute every total and rank of a round in one statement and keep them, unconfirmed until
    `check_totals`; return how many there are.

    A decision that rests on marks which have changed goes back to whoever recommends. Raises
    `NotBeingMarked`, `NothingWeighed`, `MarksIncomplete`, `PricesUndecided`.
    """
    with transaction():
        locked_round(round_id, by, state="marking")
        kept = keep(round_id, by)
        if not kept.weighs:
            raise NothingWeighed
        if not kept.complete:
            _refuse_incomplete(round_id)
        reopened = _reopen_changed(round_id)
        record("round.compute_results", "round", round_id, by=by, results=kept.results, reopened=reopened)
    return kept.results


def check_totals(*, round_id: int, by: Actor) -> None:
    """Compute the totals that are kept of a round once more, one by one in Python, and confirm them, with the
    digest of what both rest on, where both agree; keep each evaluator's own total beside them.

    Raises `NotBeingMarked`, `ResultsStale` where marks have changed since, and `TotalsDiffer`, of which the
    trail keeps a line.
    """
    with transaction() as session:
        locked_round(round_id, by, state="marking")
        computation = session.get(Computation, round_id, populate_existing=True)
        if computation is None or (computation.marks, computation.marks_version) != _agreed(round_id):
            raise ResultsStale
        differing = differences(kept_totals(round_id), totals_in_python(*inputs_of(round_id)))
        digest = None if differing else digest_of(round_id)
        computation.checked_at, computation.checked_digest = clock.now() if digest else None, digest
        keep_evaluators_totals(round_id)
        record(
            "round.check_totals", "round", round_id, by=by,
            differing=len(differing), digest=digest,
        )  # fmt: skip
    if differing:
        raise TotalsDiffer


def _agreed(round_id: int) -> tuple[int, int]:
    """How many agreed marks a round has, and the sum of their versions."""
    marks, version = db.session.execute(
        select(func.count(), func.coalesce(func.sum(AgreedMark.version), 0))
        .join(Question, Question.id == AgreedMark.question_id)
        .where(Question.round_id == round_id)
    ).one()
    return marks, version


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


def _reopen_changed(round_id: int) -> int:
    """Send back each decision whose marks are no longer those that it rests on; return how many."""
    result = and_(Result.application_id == Decision.application_id, Result.lot_id == Decision.lot_id)
    changed = db.session.scalars(
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .outerjoin(Result, result)
        .where(
            Application.round_id == round_id,
            Decision.state.in_(("recommended", "approved")),
            Decision.marks_version.is_distinct_from(Result.marks_version),
        )
        .with_for_update(of=Decision)
    ).all()
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
    """Raise `ResultsStale` unless every result rests on the agreed marks as they are, and is confirmed."""
    if not all(lot["current"] for lot in lots_of(round_id)):
        raise ResultsStale


def refuse_unless_as_checked(round_id: int) -> None:
    """Raise `NotAsChecked` unless totals, marks and prices are, to the last digit, those on which both
    computations agreed; a round in which nothing is weighed has none."""
    computation = db.session.get(Computation, round_id, populate_existing=True)
    checked = computation.checked_digest if computation else None
    if checked != (digest_of(round_id) if weighs(round_id) else None):
        raise NotAsChecked
