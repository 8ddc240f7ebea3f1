"""Reading results and decisions, once the tender box is opened."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import refuse_to_open
from evaluation.outcomes.assessment import Condition, Failure, LotOutcome, Missed, Reopened
from evaluation.outcomes.models import Decision, DecisionVersion
from evaluation.outcomes.totals import ENDED, WEIGHS
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.access import OPENED
from tender.applications.closed_queries import round_with_tenderers
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot, Round

PAGE = 50
JUDGED_IN = OPENED

# How far each lot is, whether the results rest on the agreed marks as they are now, and whether the second
# computation confirmed these too: where nothing is weighed, there are none that could be stale.
_LOTS = text(
    f"""
    WITH agreed AS (
      SELECT count(*) AS marks, coalesce(sum(agreed_mark.version), 0) AS version
      FROM question JOIN agreed_mark ON agreed_mark.question_id = question.id
      WHERE question.round_id = :round
    ), kept AS (
      SELECT computed_at, checked_at, (computation.marks, marks_version) = (agreed.marks, version) AS newest
      FROM computation, agreed WHERE round_id = :round
    )
    SELECT lot.id, lot.number, lot.title, min(round_lot.minimum_total) AS minimum_total,
           count(*) AS applied,
           count(*) FILTER (WHERE NOT {ENDED}) AS standing,
           count(result.application_id) AS results,
           count(result.rank) AS ranked,
           count(*) FILTER (WHERE decision.id IS NULL OR decision.state = 'returned') AS undecided,
           count(*) FILTER (WHERE decision.state = 'recommended') AS recommended,
           count(*) FILTER (WHERE decision.state IN ('approved', 'told', 'released')) AS approved,
           min(kept.computed_at) AS computed_at,
           coalesce(bool_and(kept.newest), false) AS newest,
           coalesce(bool_and(kept.newest AND kept.checked_at IS NOT NULL), false) OR NOT {WEIGHS} AS current
    FROM application
    JOIN application_lot ON application_lot.application_id = application.id
    JOIN lot ON lot.id = application_lot.lot_id
    JOIN round_lot ON round_lot.round_id = :round AND round_lot.lot_id = lot.id
    LEFT JOIN result ON result.application_id = application.id AND result.lot_id = lot.id
    LEFT JOIN decision ON decision.application_id = application.id AND decision.lot_id = lot.id
      AND decision.state <> 'superseded'
    LEFT JOIN kept ON true
    WHERE application.round_id = :round AND application.state = 'submitted'
    GROUP BY lot.id ORDER BY lot.position, lot.id
    """
)

# The tenders of a round, cut to one page first, so that what stands beside each is read for that page alone.
_OUTCOMES = text(
    f"""
    WITH tender AS (
      SELECT application.id AS application_id, application.provider_id, organisation.name AS provider_name,
             lot.id AS lot_id, lot.number AS lot_number, lot.title AS lot_title, lot.position,
             round_lot.minimum_total,
             result.numerator, result.denominator, result.quality, result.rank, result.marks_version,
             count(*) OVER (PARTITION BY lot.id, result.rank) AS shared,
             NOT {ENDED} AS stands, {WEIGHS} AS weighed,
             decision.id AS decision_id, decision.state, decision.outcome, decision.exclusion_ground,
             decision.reason, decision.version,
             decision.return_reason, decision.recommended_by_id, decision.recommended_at,
             decision.approved_by_id, decision.approved_at, decision.replaces_id, decision.challenge_id
      FROM application
      JOIN organisation ON organisation.id = application.provider_id
      JOIN application_lot ON application_lot.application_id = application.id
      JOIN lot ON lot.id = application_lot.lot_id
      JOIN round_lot ON round_lot.round_id = :round AND round_lot.lot_id = lot.id
      LEFT JOIN result ON result.application_id = application.id AND result.lot_id = lot.id
      LEFT JOIN decision ON decision.application_id = application.id AND decision.lot_id = lot.id
        AND decision.state <> 'superseded'
      WHERE application.state = 'submitted'
        AND application.round_id = :round
        AND (CAST(:lot AS bigint) IS NULL OR lot.id = :lot)
    ), page AS (
      SELECT *, count(*) OVER () AS of_all FROM tender
      WHERE (CAST(:application AS bigint) IS NULL OR application_id = :application)
        AND (CAST(:state AS text) IS NULL OR state = :state)
      ORDER BY position, lot_id, stands DESC, rank, numerator DESC NULLS LAST, provider_name, application_id
      LIMIT :most OFFSET :skip
    )
    SELECT page.*, recommender.name AS recommended_by, approver.name AS approved_by,
           failure.listed AS failures, shortfall.listed AS missed,
           condition.listed AS conditions, price_check.reason AS price_refused
    FROM page
    LEFT JOIN person AS recommender ON recommender.id = page.recommended_by_id
    LEFT JOIN person AS approver ON approver.id = page.approved_by_id
    LEFT JOIN price_check ON price_check.application_id = page.application_id
      AND price_check.lot_id = page.lot_id AND NOT price_check.counts
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_array(question.title, failed.reason) ORDER BY question.position) AS listed
      FROM conformity_check AS failed JOIN question ON question.id = failed.question_id
      WHERE failed.application_id = page.application_id AND failed.result = 'fail'
        AND (failed.lot_id IS NULL OR failed.lot_id = page.lot_id)
    ) AS failure ON NOT page.stands
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(
               jsonb_build_array(question.title, agreed_mark.points, question.minimum)
               ORDER BY question.position
             ) AS listed
      FROM answer
      JOIN agreed_mark ON agreed_mark.answer_id = answer.id
      JOIN question ON question.id = answer.question_id
      WHERE answer.application_id = page.application_id
        AND (answer.lot_id IS NULL OR answer.lot_id = page.lot_id)
        AND agreed_mark.points < question.minimum
    ) AS shortfall ON page.marks_version IS NOT NULL AND page.rank IS NULL
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(
               jsonb_build_array(
                 asked.text, asked.evidence_type, asked.due_on,
                 (SELECT max(due_on) FROM condition_extension WHERE condition_id = asked.id)
               ) ORDER BY position
             ) AS listed
      FROM admission_condition AS asked WHERE asked.decision_id = page.decision_id
    ) AS condition ON page.outcome = 'admit_conditionally'
    ORDER BY position, lot_id, stands DESC, rank, numerator DESC NULLS LAST, provider_name, application_id
    """
)


def round_for(viewer: Actor, round_id: int) -> RoundFacts:
    """A round of the viewer's own council whose tender box is open. Raises `NotFound` for any other, and
    `NotDeclaredYet`."""
    facts = round_with_tenderers(viewer, round_id)
    if facts.state not in JUDGED_IN:
        raise NotFound
    return facts


def lots_of(round_id: int) -> Sequence[RowMapping]:
    """Each lot that was applied for, with counts of its tenders.

    id, number, title, minimum_total, applied, standing, results, ranked, undecided, recommended, approved,
    computed_at; `newest` (computed from the agreed marks as they are) and `current` (confirmed as well).
    """
    return db.session.execute(_LOTS, {"round": round_id}).mappings().all()


def outcomes_of(
    round_id: int,
    *,
    lot_id: int | None = None,
    application_id: int | None = None,
    state: str | None = None,
    most: int | None = None,
    skip: int = 0,
) -> tuple[list[LotOutcome], int]:
    """Tenders by lot: ranked first, then those below a minimum, then those that failed a condition.

    With how many there are beyond the `most` asked for. `state` is that of the decision.
    """
    rows = (
        db.session.execute(
            _OUTCOMES,
            {
                "round": round_id,
                "lot": lot_id,
                "application": application_id,
                "state": state,
                "most": most,
                "skip": skip,
            },
        )
        .mappings()
        .all()
    )
    return [_outcome(row) for row in rows], (rows[0]["of_all"] if rows else 0)


def _outcome(row: RowMapping) -> LotOutcome:
    facts: dict[str, Any] = {name: row[name] for name in LotOutcome.__slots__ if name in row}
    facts["failures"] = tuple(Failure(*each) for each in row["failures"] or ())
    facts["missed"] = tuple(Missed(*each) for each in row["missed"] or ())
    facts["conditions"] = tuple(
        Condition(words, kind, date.fromisoformat(due), date.fromisoformat(later) if later else None)
        for words, kind, due, later in row["conditions"] or ()
    )
    if row["numerator"] is None:
        facts["shared"] = None
    return LotOutcome(**facts)


def outcome_of(application_id: int, lot_id: int, round_id: int) -> LotOutcome:
    """One tender of a round for one lot, whoever asks. Raises `NotFound`."""
    found, _ = outcomes_of(round_id, lot_id=lot_id, application_id=application_id)
    if not found:
        raise NotFound
    return found[0]


def decisions_waiting(viewer: Actor) -> Sequence[RowMapping]:
    """Lots with decisions that wait for the viewer's approval, in order: round_id, lot_id, names and waiting.

    Those that the viewer recommended do not wait for them: somebody else approves those.
    """
    return (
        db.session.execute(
            select(
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
                Lot.id.label("lot_id"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                func.count().label("waiting"),
            )
            .select_from(Decision)
            .join(Application, Application.id == Decision.application_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .join(Lot, Lot.id == Decision.lot_id)
            .where(
                Framework.council_id == viewer.organisation_id,
                Decision.state == "recommended",
                Decision.recommended_by_id != viewer.person_id,
            )
            .group_by(Round.id, Framework.id, Lot.id)
            .order_by(Round.id, Lot.position, Lot.id)
        )
        .mappings()
        .all()
    )


def decision_for(viewer: Actor, decision_id: int) -> tuple[RoundFacts, LotOutcome]:
    """A decision of the viewer's council that counts, with its round and tender.

    Raises `NotFound`, also where the viewer declared a conflict, and `NotDeclaredYet`.
    """
    row = db.session.execute(
        select(Application.round_id, Decision.application_id, Decision.lot_id)
        .join(Application, Application.id == Decision.application_id)
        .where(Decision.id == decision_id, Decision.counts)
    ).one_or_none()
    if row is None:
        raise NotFound
    refuse_to_open(viewer, row.application_id)
    facts = round_for(viewer, row.round_id)
    found, _ = outcomes_of(row.round_id, lot_id=row.lot_id, application_id=row.application_id)
    return facts, found[0]


def versions_of(decision_id: int) -> list[Reopened]:
    """What stood of a decision each time that it was reopened after its approval, the newest first."""
    recommender, approver, reopener = aliased(Person), aliased(Person), aliased(Person)
    kept = DecisionVersion
    rows = db.session.execute(
        select(
            kept.outcome,
            kept.exclusion_ground,
            kept.reason,
            kept.conditions,
            recommender.name,
            approver.name,
            kept.approved_at,
            kept.because,
            kept.reopened_at,
            reopener.name,
        )
        .join(recommender, recommender.id == kept.recommended_by_id)
        .join(approver, approver.id == kept.approved_by_id)
        .outerjoin(reopener, reopener.id == kept.reopened_by_id)
        .where(kept.decision_id == decision_id)
        .order_by(kept.version.desc())
    )
    return [Reopened(*row) for row in rows]
