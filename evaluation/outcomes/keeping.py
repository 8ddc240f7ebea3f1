"""What is kept of totals and ranks, and the digest of what they were computed from and came to.

`keep` is one statement: it computes every total of a round as `totals` does, writes the rows that differ from
those that are kept, and nothing while a mark is missing. Nothing here compares: that is
`services.check_totals`, by `python_totals`.
"""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select

from evaluation.outcomes.models import EvaluatorTotal, Result
from evaluation.outcomes.totals import RANKED, WORTH, Total, as_the_driver_takes_it
from portal.database import db
from tender.applications.models import Application

# An evaluator's own total is over the denominator of the agreed one and shares what the price adds: it goes
# when either changes, and is kept anew when the totals are checked.
_KEEP = as_the_driver_takes_it(
    f"""
    WITH RECURSIVE {RANKED},
    ready AS (SELECT count(*) AS results, coalesce(bool_and(complete), true) AS complete FROM ranked),
    placed AS (SELECT ranked.* FROM ranked, ready WHERE ready.complete),
    ended AS (
      DELETE FROM result USING application, ready
      WHERE application.id = result.application_id AND application.round_id = :round AND ready.complete
        AND NOT EXISTS (
          SELECT FROM placed
          WHERE placed.application_id = result.application_id AND placed.lot_id = result.lot_id
        )
    ),
    forgotten AS (
      DELETE FROM evaluator_total USING result, placed
      WHERE evaluator_total.application_id = placed.application_id AND evaluator_total.lot_id = placed.lot_id
        AND result.application_id = placed.application_id AND result.lot_id = placed.lot_id
        AND (result.denominator, result.numerator - result.quality)
          IS DISTINCT FROM (placed.denominator, placed.numerator - placed.quality)
    ),
    changed AS (
      UPDATE result
      SET numerator = placed.numerator, denominator = placed.denominator, quality = placed.quality,
          deciding = placed.deciding, meets_thresholds = placed.reaches, rank = placed.place,
          marks_version = placed.version
      FROM placed
      WHERE result.application_id = placed.application_id AND result.lot_id = placed.lot_id
        AND (result.numerator, result.denominator, result.quality, result.deciding,
             result.meets_thresholds, result.rank, result.marks_version)
          IS DISTINCT FROM (placed.numerator, placed.denominator, placed.quality, placed.deciding,
             placed.reaches, placed.place, placed.version)
    ),
    added AS (
      INSERT INTO result
        (application_id, lot_id, numerator, denominator, quality, deciding, meets_thresholds, rank,
         marks_version)
      SELECT application_id, lot_id, numerator, denominator, quality, deciding, reaches, place, version
      FROM placed
      WHERE NOT EXISTS (
        SELECT FROM result
        WHERE result.application_id = placed.application_id AND result.lot_id = placed.lot_id
      )
    )
    SELECT results, complete FROM ready
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
    """How many totals a round has, and whether every one is complete: only then they were kept."""

    results: int
    complete: bool


def keep(round_id: int) -> Kept:
    """Compute the totals and ranks of a round and keep what differs from those that are kept, in one
    statement; nothing while one is incomplete. The caller holds the round's row."""
    rows = db.session.connection().exec_driver_sql(_KEEP, {"round": round_id})
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
