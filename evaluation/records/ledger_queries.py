"""What a score ledger says of a round: one statement, so that all its lines are of one moment."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from evaluation.outcomes.queries import round_for
from evaluation.records.ledger import FORMAT
from evaluation.records.tables import COMPLETE, stream
from evaluation.records.trail_queries import Compared
from portal.accounts.access import Actor
from portal.database import db
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import how_totals_are_made, minimums_of

# A line of the audit trail, as a ledger's line carries it.
_AUDIT = (
    "CASE WHEN said.id IS NOT NULL "
    "THEN jsonb_build_object('line', said.id, 'sha256', encode(said.hash, 'hex')) END"
)


def _numbers(by: str) -> str:
    """What a mark's digest in the trail names beside what its line says."""
    return (
        "jsonb_build_object('tender', answered.application_id, 'answer', answered.id, "
        f"'question', answered.question_id, 'by', {by})"
    )


def _moment(column: str) -> str:
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def _agreed(table: str) -> str:
    """The lines of agreed marks, those that stand or those that were unlocked."""
    return f"""
      SELECT agreed.agreed_at AS at, 3 AS step, agreed.answer_id AS within, agreed.version AS again,
             jsonb_build_object(
               'kind', 'agreed_mark', 'tender', answered.reference, 'provider', answered.provider,
               'lot', answered.lot, 'question', answered.code, 'points', agreed.points,
               'reason', agreed.reason, 'version', agreed.version, 'moderator', person.name,
               'numbers', {_numbers("agreed.moderator_id")},
               'meeting', agreed.meeting_id, 'present', (
                 SELECT jsonb_agg(name ORDER BY name, id) FROM person WHERE id = ANY (agreed.present)
               ), 'at', {_moment("agreed.agreed_at")}, 'audit', {_AUDIT}
             ) AS content
      FROM {table} AS agreed
      JOIN answered ON answered.id = agreed.answer_id
      JOIN person ON person.id = agreed.moderator_id
      LEFT JOIN audit_line AS said ON said.subject_type = 'agreed_mark'
        AND said.subject_id = agreed.answer_id::text AND said.action = 'agreed_mark.save'
        AND said.details ->> 'version' = agreed.version::text
    """


_ENTRIES = text(
    f"""
    WITH {COMPLETE}, answered AS MATERIALIZED (
      SELECT answer.id, tender.reference, tender.provider, lot.number AS lot, question.code,
             answer.application_id, answer.question_id
      FROM tender
      JOIN answer ON answer.application_id = tender.id
      JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
      LEFT JOIN lot ON lot.id = answer.lot_id
    ), saved AS MATERIALIZED (
      SELECT said.id, said.hash, said.subject_id, said.details ->> 'question' AS code,
             coalesce(said.details ->> 'lot', '') AS lot, said.details ->> 'version' AS version
      FROM tender JOIN assignment ON assignment.application_id = tender.id
      JOIN audit_line AS said ON said.subject_type = 'assignment'
        AND said.subject_id = assignment.id::text AND said.action = 'mark.save'
    ), returned AS MATERIALIZED (
      SELECT returned_mark.*, answered.reference, answered.provider, answered.lot, answered.code,
             answered.application_id, answered.question_id, evaluator.name AS evaluator,
             assignment.id AS assignment_id
      FROM answered
      JOIN returned_mark ON returned_mark.answer_id = answered.id
      JOIN assignment ON assignment.application_id = answered.application_id
        AND assignment.evaluator_id = returned_mark.evaluator_id
      JOIN person AS evaluator ON evaluator.id = returned_mark.evaluator_id
    ), locked AS (
      -- An assignment keeps its last lock only. Those before it stand in the trail, each with its own time.
      SELECT assignment.id AS assignment_id, tender.reference, tender.provider, person.name AS evaluator,
             said.id AS line,
             CASE WHEN row_number() OVER (PARTITION BY assignment.id ORDER BY said.id DESC) = 1
                  THEN assignment.locked_at ELSE said.at END AS at
      FROM tender
      JOIN assignment ON assignment.application_id = tender.id AND assignment.state = 'locked'
      JOIN person ON person.id = assignment.evaluator_id
      LEFT JOIN audit_line AS said ON said.subject_type = 'assignment'
        AND said.subject_id = assignment.id::text AND said.action = 'assignment.lock'
    ), outcome AS (
      SELECT result.*, tender.reference, tender.provider, lot.number AS lot, computation.computed_at,
             EXISTS (
               SELECT FROM question WHERE question.round_id = :round AND question.judged_as = 'priced'
                 AND question.withdrawn_in IS NULL
                 AND (question.lots = '{{}}' OR result.lot_id = ANY (question.lots))
             ) AS priced
      FROM tender JOIN result ON result.application_id = tender.id
      JOIN lot ON lot.id = result.lot_id
      JOIN computation ON computation.round_id = :round
    )
    SELECT content FROM (
      SELECT mark.marked_at AS at, 1 AS step, mark.answer_id AS within, mark.evaluator_id AS again,
             jsonb_build_object(
               'kind', 'mark', 'tender', answered.reference, 'provider', answered.provider,
               'lot', answered.lot, 'question', answered.code, 'evaluator', person.name,
               'points', mark.points, 'reason', mark.reason, 'version', mark.version,
               'answer_version', mark.answer_version, 'pack_version', mark.pack_version,
               'numbers', {_numbers("mark.evaluator_id")},
               'at', {_moment("mark.marked_at")}, 'audit', {_AUDIT}
             ) AS content
      FROM answered
      JOIN mark ON mark.answer_id = answered.id
      JOIN assignment ON assignment.application_id = answered.application_id
        AND assignment.evaluator_id = mark.evaluator_id AND assignment.state = 'locked'
      JOIN person ON person.id = mark.evaluator_id
      LEFT JOIN saved AS said ON said.subject_id = assignment.id::text AND said.code = answered.code
        AND said.lot = coalesce(answered.lot, '') AND said.version = mark.version::text
      UNION ALL
      SELECT returned.marked_at, 1, returned.answer_id, returned.evaluator_id, jsonb_build_object(
               'kind', 'returned_mark', 'tender', returned.reference, 'provider', returned.provider,
               'lot', returned.lot, 'question', returned.code, 'evaluator', returned.evaluator,
               'points', returned.points, 'reason', returned.reason, 'version', returned.version,
               'answer_version', returned.answer_version, 'pack_version', returned.pack_version,
               'numbers', jsonb_build_object('tender', returned.application_id, 'answer', returned.answer_id,
                 'question', returned.question_id, 'by', returned.evaluator_id),
               'at', {_moment("returned.marked_at")}, 'audit', {_AUDIT}
             )
      FROM returned
      LEFT JOIN saved AS said ON said.subject_id = returned.assignment_id::text AND said.code = returned.code
        AND said.lot = coalesce(returned.lot, '') AND said.version = returned.version::text
      -- One that was locked again as it was still stands, as a mark.
      WHERE NOT EXISTS (
        SELECT FROM mark JOIN assignment ON assignment.id = returned.assignment_id AND state = 'locked'
        WHERE mark.answer_id = returned.answer_id AND mark.evaluator_id = returned.evaluator_id
          AND mark.version = returned.version
      )
      UNION ALL
      SELECT returned.returned_at, 3, returned.answer_id, returned.evaluator_id, jsonb_build_object(
               'kind', 'return', 'tender', returned.reference, 'provider', returned.provider,
               'lot', returned.lot, 'question', returned.code, 'evaluator', returned.evaluator,
               'points', returned.points, 'version', returned.version, 'why', returned.why,
               'by', person.name, 'at', {_moment("returned.returned_at")}, 'audit', {_AUDIT}
             )
      FROM returned
      JOIN person ON person.id = returned.returned_by_id
      LEFT JOIN LATERAL (
        SELECT id, hash FROM audit_line
        WHERE subject_type = 'assignment' AND subject_id = returned.assignment_id::text
          AND action = 'mark.return' AND details ->> 'question' = returned.code
          AND details ->> 'version' = returned.version::text AND details ->> 'why' = returned.why
        -- Its line does not name the lot: of two lots' it is the one that was written then.
        ORDER BY abs(extract(epoch FROM at - returned.returned_at)), id LIMIT 1
      ) AS said ON true
      UNION ALL
      SELECT locked.at, 2, locked.assignment_id, 0, jsonb_build_object(
               'kind', 'lock', 'tender', locked.reference, 'provider', locked.provider,
               'evaluator', locked.evaluator, 'at', {_moment("locked.at")}, 'audit', {_AUDIT}
             )
      FROM locked LEFT JOIN audit_line AS said ON said.id = locked.line
      UNION ALL {_agreed("agreed_mark")}
      UNION ALL {_agreed("unlocked_mark")}
      UNION ALL
      SELECT unlocked.unlocked_at, 4, unlocked.answer_id, unlocked.version, jsonb_build_object(
               'kind', 'unlock', 'tender', answered.reference, 'provider', answered.provider,
               'lot', answered.lot, 'question', answered.code, 'points', unlocked.points,
               'version', unlocked.version, 'why', unlocked.why, 'by', person.name,
               'at', {_moment("unlocked.unlocked_at")}, 'audit', {_AUDIT}
             )
      FROM unlocked_mark AS unlocked
      JOIN answered ON answered.id = unlocked.answer_id
      JOIN person ON person.id = unlocked.unlocked_by_id
      LEFT JOIN audit_line AS said ON said.subject_type = 'agreed_mark'
        AND said.subject_id = unlocked.answer_id::text AND said.action = 'agreed_mark.unlock'
        AND said.details ->> 'version' = unlocked.version::text
      UNION ALL
      SELECT decided.decided_at, 5, decided.application_id, decided.lot_id, jsonb_build_object(
               'kind', 'price_decision', 'tender', tender.reference, 'provider', tender.provider,
               'lot', lot.number, 'counts', decided.counts, 'reason', decided.reason,
               'version', decided.version, 'by', person.name,
               'at', {_moment("decided.decided_at")}, 'audit', {_AUDIT}
             )
      FROM tender
      JOIN (
        SELECT application_id, lot_id, version, counts, reason, decided_at, decided_by_id FROM price_check
        UNION ALL
        SELECT application_id, lot_id, version, counts, reason, decided_at, decided_by_id
        FROM former_price_check
      ) AS decided ON decided.application_id = tender.id
      JOIN lot ON lot.id = decided.lot_id
      JOIN person ON person.id = decided.decided_by_id
      -- Each decision is a version and a line of its own, in the same order.
      LEFT JOIN LATERAL (
        SELECT id, hash FROM audit_line
        WHERE subject_type = 'application' AND subject_id = tender.id::text AND action = 'price.decide'
          AND details ->> 'lot' = lot.id::text
        ORDER BY id OFFSET decided.version - 1 LIMIT 1
      ) AS said ON true
      UNION ALL
      SELECT computed_at, 6, application_id, lot_id, jsonb_build_object(
               'kind', 'price_mark', 'tender', reference, 'provider', provider, 'lot', lot,
               'points', (numerator - quality)::text || '/' || denominator,
               'at', {_moment("computed_at")}
             )
      FROM outcome WHERE priced
      UNION ALL
      SELECT computed_at, 7, application_id, lot_id, jsonb_build_object(
               'kind', 'result', 'tender', reference, 'provider', provider, 'lot', lot,
               'total', numerator::text || '/' || denominator, 'quality', quality::text || '/' || denominator,
               'deciding', deciding::text || '/' || denominator, 'meets_thresholds', meets_thresholds,
               'rank', rank, 'marks_version', marks_version, 'at', {_moment("computed_at")}
             )
      FROM outcome
    ) AS entry
    ORDER BY at, step, within, again
    """
)


def contents_of(viewer: Actor, round_id: int, compared: Compared) -> Iterator[dict[str, Any]]:
    """What the lines of a round's ledger say, the first one included, in the order of their making; the first
    tells what came of comparing its marks with the trail.

    Only of tenders whose evaluators have all locked. Results are those that were computed last: between two
    computations there are none. Raises `NotFound`.
    """
    yield {**_about(viewer, round_id), "compared_with_trail": asdict(compared)}
    for (content,) in stream(_ENTRIES, {"round": round_id}):
        yield content


def _about(viewer: Actor, round_id: int) -> dict[str, Any]:
    facts, pack = round_for(viewer, round_id), pack_of(round_id)
    version = db.session.scalar(
        text("SELECT coalesce(max(number), 1) FROM pack_version WHERE round_id = :round"), {"round": round_id}
    )
    highest = {scale.id: scale.highest for scale in pack.scales}
    minimums = minimums_of(lots_of_round(round_id))
    return {
        "kind": "ledger",
        "format": FORMAT,
        "council": facts.buyer_name,
        "framework": facts.title,
        "reference": facts.reference,
        "round": facts.name,
        "round_number": facts.number,
        "pack_version": version,
        "recipe": how_totals_are_made(pack, minimums),
        "minimum_totals": {number: str(total) for number, total in minimums.items() if total is not None},
        "questions": [_weighed(asked, highest.get(asked.scale_id or 0)) for asked in pack.weighed],
    }


def _weighed(asked: AskedQuestion, highest: int | None) -> dict[str, Any]:
    return {
        "code": asked.code,
        "title": asked.title,
        "judged_as": asked.judged_as,
        "weight": str(asked.weight),
        "highest": highest,
        "minimum": asked.minimum,
        "per_lot": asked.per_lot,
        "breaks_ties": asked.breaks_ties,
    }
