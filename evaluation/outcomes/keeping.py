"""What is kept of totals and ranks, and the digest of what they were computed from and came to.

`keep` is one statement: it computes every total of a round as `totals` does, writes the rows that differ from
those that are kept, and nothing while a mark is missing. Nothing here compares: that is
`services.check_totals`, by `python_totals`.
"""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select

from evaluation.outcomes.models import EvaluatorTotal, Result
from evaluation.outcomes.totals import RANKED, WEIGHS, WORTH, Total, as_the_driver_takes_it
from portal import clock
from portal.audit.services import Doer
from portal.database import db
from tender.applications.models import Application

# An evaluator's own total is over the denominator of the agreed one and shares what the price adds: it goes
# when either changes, and is kept anew when the totals are checked.
_KEEP = as_the_driver_takes_it(
    f"""
    WITH RECURSIVE {RANKED},
    agreed AS (
      SELECT coalesce(sum(marks), 0) AS marks, coalesce(sum(version), 0) AS version
      FROM (
        SELECT marks, version FROM common
        UNION ALL SELECT marks, version FROM own
        UNION ALL
        SELECT count(*), sum(version) FROM agreed_mark
        WHERE question_id IN (
          SELECT id FROM question
          WHERE round_id = :round AND (judged_as <> 'scored' OR withdrawn_in IS NOT NULL)
        )
        UNION ALL
        SELECT count(*), sum(agreed_mark.version)
        FROM worth
        JOIN answer ON answer.question_id = worth.id AND answer.lot_id <> ALL (worth.lots)
        JOIN agreed_mark ON agreed_mark.answer_id = answer.id
        WHERE worth.per_lot AND NOT worth.everywhere
      ) AS each_once
    ),
    ready AS (
      SELECT count(*) AS results, coalesce(bool_and(complete), true) AS complete, {WEIGHS} AS weighs
      FROM ranked
    ),
    computed AS (
      INSERT INTO computation (round_id, marks, marks_version, computed_at, computed_by_id)
      SELECT :round, agreed.marks, agreed.version, :now, :person
      FROM agreed, ready WHERE ready.complete AND ready.weighs
      ON CONFLICT (round_id) DO UPDATE
      SET marks = excluded.marks, marks_version = excluded.marks_version, computed_at = excluded.computed_at,
          computed_by_id = excluded.computed_by_id, checked_at = NULL, checked_digest = NULL
    ),
    placed AS (SELECT ranked.* FROM ranked, ready WHERE ready.complete AND ready.weighs),
    ended AS (
      DELETE FROM result USING application, ready
      WHERE application.id = result.application_id AND application.round_id = :round
        AND ready.complete AND ready.weighs AND NOT EXISTS (
          SELECT FROM placed
          WHERE placed.application_id = result.application_id AND placed.lot_id = result.lot_id
        )
    ),
    compared AS MATERIALIZED (
      SELECT placed.*, result.application_id IS NULL AS fresh,
             (result.numerator, result.denominator, result.quality, result.deciding,
              result.meets_thresholds, result.rank, result.marks_version)
               IS DISTINCT FROM (placed.numerator, placed.denominator, placed.quality, placed.deciding,
              placed.reaches, placed.place, placed.version) AS differs,
             (result.denominator, result.numerator - result.quality)
               IS DISTINCT FROM (placed.denominator, placed.numerator - placed.quality) AS over_another
      FROM placed
      LEFT JOIN result ON result.application_id = placed.application_id AND result.lot_id = placed.lot_id
    ),
    forgotten AS (
      DELETE FROM evaluator_total USING compared
      WHERE evaluator_total.application_id = compared.application_id
        AND evaluator_total.lot_id = compared.lot_id AND compared.over_another
    ),
    changed AS (
      UPDATE result
      SET numerator = compared.numerator, denominator = compared.denominator, quality = compared.quality,
          deciding = compared.deciding, meets_thresholds = compared.reaches, rank = compared.place,
          marks_version = compared.version
      FROM compared
      WHERE result.application_id = compared.application_id AND result.lot_id = compared.lot_id
        AND compared.differs
    ),
    added AS (
      INSERT INTO result
        (application_id, lot_id, numerator, denominator, quality, deciding, meets_thresholds, rank,
         marks_version)
      SELECT application_id, lot_id, numerator, denominator, quality, deciding, reaches, place, version
      FROM compared WHERE fresh
    )
    SELECT results, complete, weighs FROM ready
    """
)

# Every evaluator's own total for each result, once all evaluators of the tender have locked: as agreed marks
# are, theirs are summed once for what a tender answers for all lots and once for each lot. What the price
# adds is the same in each.
_KEEP_EVALUATORS = as_the_driver_takes_it(
    f"""
    WITH RECURSIVE {WORTH},
    mine AS (
      SELECT answer.application_id, answer.lot_id, mark.evaluator_id, worth.lots,
             sum(worth.each_point * mark.points) AS numerator, count(*) AS marks
      FROM worth
      JOIN mark ON mark.question_id = worth.id
      JOIN answer ON answer.id = mark.answer_id
      GROUP BY answer.application_id, answer.lot_id, mark.evaluator_id, worth.lots
    )
    INSERT INTO evaluator_total (application_id, lot_id, evaluator_id, numerator)
    SELECT result.application_id, result.lot_id, mine.evaluator_id,
           CASE WHEN sum(mine.marks)
                       = (SELECT count(*) FROM worth WHERE everywhere OR result.lot_id = ANY (lots))
                THEN sum(mine.numerator) * 0.01 * (result.denominator / recipe.denominator)
                  + result.numerator - result.quality END
    FROM recipe, mine
    JOIN result ON result.application_id = mine.application_id
      AND (mine.lot_id IS NULL OR mine.lot_id = result.lot_id)
      AND (cardinality(mine.lots) = 0 OR result.lot_id = ANY (mine.lots))
    JOIN assignment ON assignment.application_id = mine.application_id
      AND assignment.evaluator_id = mine.evaluator_id AND assignment.state = 'locked'
    WHERE NOT EXISTS (
      SELECT FROM assignment AS open
      WHERE open.application_id = mine.application_id AND open.state IN ('assigned', 'accepted')
    )
    GROUP BY result.application_id, result.lot_id, mine.evaluator_id, recipe.denominator
    """
)

_OF_ROUND = select(Application.id).where(Application.round_id == bindparam("round"))


class Kept(NamedTuple):
    """How many totals a round has; whether every one is complete, and anything weighs: only then they were
    kept."""

    results: int
    complete: bool
    weighs: bool


def keep(round_id: int, by: Doer) -> Kept:
    """Compute the totals and ranks of a round and keep what differs from those that are kept, and from which
    agreed marks they came, in one statement; nothing while one is incomplete. The caller holds the round's
    row."""
    asked = {"round": round_id, "now": clock.now(), "person": by.person_id}
    rows = db.session.connection().exec_driver_sql(_KEEP, asked)
    db.session.expire_all()
    return Kept._make(rows.one())


def kept_totals(round_id: int) -> list[Total]:
    """The totals that are kept of a round."""
    rows = db.session.execute(
        select(
            *(Result.application_id, Result.lot_id, Result.numerator, Result.denominator),
            *(Result.quality, Result.deciding, Result.meets_thresholds, Result.rank, Result.marks_version),
        ).where(Result.application_id.in_(_OF_ROUND)),
        {"round": round_id},
    )
    return [Total(*row, complete=True) for row in rows]


def keep_evaluators_totals(round_id: int) -> None:
    """Keep each evaluator's own total beside those of a round that are kept."""
    db.session.execute(
        delete(EvaluatorTotal).where(EvaluatorTotal.application_id.in_(_OF_ROUND)), {"round": round_id}
    )
    db.session.connection().exec_driver_sql(_KEEP_EVALUATORS, {"round": round_id})


def digest_of(round_id: int) -> str:
    """SHA-256 (hexadecimal) over the totals that are kept of a round, and over the agreed marks and the
    decisions on prices as they are now."""
    return db.session.scalars(select(func.totals_digest(round_id))).one()
