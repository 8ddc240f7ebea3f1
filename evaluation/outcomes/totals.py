"""Exact totals and ranks, computed twice: set-based in SQL here, one by one in `python_totals`.

The two share nothing but the tables. `keeping.keep` keeps what this says, `services.check_totals` confirms it
when the other says the same, and nothing is decided or released on totals that are not confirmed.

The recipe is in the noun's docstring. Weights are per cent of the total, marks are points of the question's
scale; the denominator common to a round is the least common multiple of its scales' highest points, so that
every numerator is a sum of whole multiples of weights and nothing is ever rounded. A price that is scored
brings its own denominator to the total of its tender: pence, by which the whole total is then a fraction.
"""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from portal.database import db

# A failed condition ends all lots of an application, or the one lot that it is asked for.
ENDED = """
        EXISTS (
          SELECT FROM conformity_check AS failed
          WHERE failed.application_id = application.id AND failed.result = 'fail'
            AND (failed.lot_id IS NULL OR failed.lot_id = application_lot.lot_id)
        )
"""

# Whether anything adds to a total in the round :round; where nothing does, conditions alone decide.
WEIGHS = """
        EXISTS (
          SELECT FROM question
          WHERE question.round_id = :round AND question.judged_as IN ('scored', 'priced')
            AND question.withdrawn_in IS NULL
        )
"""

# What a point of each question of round :round that is marked is worth, in hundredths of per cent times the
# common denominator.
WORTH = """
    scored AS (
      SELECT question.id, question.weight, question.minimum, question.per_lot, question.lots,
             question.breaks_ties, scale.highest
      FROM question JOIN scale ON scale.id = question.scale_id
      WHERE question.round_id = :round AND question.judged_as = 'scored'
        AND question.withdrawn_in IS NULL
    ),
    scales AS (
      SELECT highest, row_number() OVER (ORDER BY highest) AS place
      FROM (SELECT DISTINCT highest FROM scored) AS each_once
    ),
    common_multiple (place, value) AS (
      SELECT 0::bigint, 1::bigint
      UNION ALL
      SELECT scales.place, lcm(common_multiple.value, scales.highest::bigint)
      FROM common_multiple JOIN scales ON scales.place = common_multiple.place + 1
    ),
    recipe AS (
      SELECT (SELECT max(value) FROM common_multiple) AS denominator,
             (SELECT count(*) FROM scored WHERE cardinality(lots) = 0) AS questions,
             (SELECT count(*) FROM scored WHERE cardinality(lots) > 0) > 0 AS by_lot,
             (SELECT coalesce(bool_or(breaks_ties), false) FROM scored) AS ties
    ),
    worth AS MATERIALIZED (
      SELECT id, minimum, lots, cardinality(lots) = 0 AS everywhere, per_lot, breaks_ties,
             (weight * 100)::bigint * (recipe.denominator / highest) AS each_point
      FROM scored, recipe
    )
"""

# Those of them that are priced, and the lots that no failed condition has ended.
PRICED_AND_STANDING = f"""
    priced AS (
      SELECT question.id, question.weight, question.lots, question.kind, question.shape,
             question.rule = 'lowest_price' AS relative, (question.rule_value #>> '{{}}')::numeric AS low
      FROM question
      WHERE question.round_id = :round AND question.judged_as = 'priced' AND question.withdrawn_in IS NULL
    ),
    standing AS (
      SELECT application.id AS application_id, application_lot.lot_id
      FROM application JOIN application_lot ON application_lot.application_id = application.id
      WHERE application.round_id = :round AND application.state = 'submitted'
        AND NOT {ENDED}
    )
"""

# The price of every tender for a lot whose price is scored, in pence: of a card, all its prices together, and
# none where one is missing. A price that is none, or low, waits until a person has said whether it counts.
PRICES = """
    price AS (
      SELECT standing.application_id, standing.lot_id, priced.weight, priced.relative, priced.low,
             (round_lot.price_ceiling * 100)::bigint AS ceiling,
             (CASE WHEN priced.kind = 'money' THEN nullif(answer.value #>> '{}', '')::numeric
                   ELSE card.pounds END * 100)::bigint AS pence,
             price_check.counts, price_check.version
      FROM standing
      JOIN priced ON cardinality(priced.lots) = 0 OR standing.lot_id = ANY (priced.lots)
      JOIN round_lot ON round_lot.round_id = :round AND round_lot.lot_id = standing.lot_id
      LEFT JOIN answer ON answer.application_id = standing.application_id
        AND answer.question_id = priced.id AND answer.lot_id = standing.lot_id
      LEFT JOIN price_check ON price_check.application_id = standing.application_id
        AND price_check.lot_id = standing.lot_id
      LEFT JOIN LATERAL (
        SELECT CASE WHEN count(*) = jsonb_array_length(coalesce(priced.shape -> 'units', '["day"]'))
                      * greatest(jsonb_array_length(coalesce(priced.shape -> 'group_sizes', '[]')), 1)
                      + coalesce((priced.shape ->> 'transport')::boolean, false)::integer
                    THEN sum(given.value::numeric) END AS pounds
        FROM jsonb_each_text(
          CASE WHEN jsonb_typeof(answer.value) = 'object' THEN answer.value ELSE '{}' END
        ) AS given
      ) AS card ON true
    ),
    looked_at AS (
      SELECT price.*, coalesce(pence > 0, false) AS given,
             coalesce(pence > 0, false) IS FALSE OR coalesce(
               pence * 100 * count(*) FILTER (WHERE pence > 0) OVER lots
                 < (100 - low) * sum(pence) FILTER (WHERE pence > 0) OVER lots,
               false
             ) AS referred,
             sum(pence) FILTER (WHERE pence > 0) OVER lots AS together,
             count(*) FILTER (WHERE pence > 0) OVER lots AS prices,
             sum(coalesce(version, 0)) OVER lots AS versions
      FROM price WINDOW lots AS (PARTITION BY lot_id)
    )
"""


def as_the_driver_takes_it(statement: str) -> str:
    """A statement about the round :round for `exec_driver_sql`: SQLAlchemy's reading of a thousand rows takes
    a tenth of the whole."""
    return str(text(statement).compile(dialect=postgresql.dialect()))


# Agreed marks in whole numbers: hundredths of per cent times the denominator, worked out for each question.
_ADDED_UP = """
             sum(worth.each_point * agreed_mark.points) AS numerator,
             sum(worth.each_point * agreed_mark.points) FILTER (WHERE worth.breaks_ties) AS deciding,
             bool_and(agreed_mark.points >= worth.minimum) AS meets,
             count(*) AS marks,
             sum(agreed_mark.version) AS version
      FROM worth
      JOIN answer ON answer.question_id = worth.id
      JOIN agreed_mark ON agreed_mark.answer_id = answer.id
"""

# They are summed once for what an application answers for all lots and once for each lot; a total is the two
# put together, so that a common mark is read once however many lots it counts for. Totals have different
# denominators only in lots with a price, and are compared there by a quotient of 60 decimals: two that differ
# do so by more than a 10^49th, and equal ones give the same digits. `share` and `total` are materialized
# because PostgreSQL would otherwise work a total out again wherever the ranking names it.
RANKED = f"""
    {WORTH}, {PRICED_AND_STANDING}, {PRICES},
    common AS (
      SELECT answer.application_id, {_ADDED_UP} WHERE NOT worth.per_lot GROUP BY answer.application_id
    ),
    own AS (
      SELECT answer.application_id, answer.lot_id, {_ADDED_UP}
      WHERE worth.per_lot AND (worth.everywhere OR answer.lot_id = ANY (worth.lots))
      GROUP BY answer.application_id, answer.lot_id
    ),
    marked AS (
      SELECT standing.application_id, standing.lot_id,
             (coalesce(common.numerator, 0) + coalesce(own.numerator, 0)) * 0.01 AS quality,
             (coalesce(common.deciding, 0) + coalesce(own.deciding, 0)) * 0.01 AS deciding,
             recipe.denominator, recipe.ties,
             coalesce(common.meets, true) AND coalesce(own.meets, true)
               AND (looked_at.lot_id IS NULL
                    OR looked_at.given AND coalesce(looked_at.counts, NOT looked_at.referred)) AS meets,
             coalesce(common.version, 0) + coalesce(own.version, 0) + coalesce(looked_at.versions, 0)
               AS version,
             coalesce(common.marks, 0) + coalesce(own.marks, 0)
               = recipe.questions + CASE WHEN recipe.by_lot THEN (
                   SELECT count(*) FROM scored WHERE standing.lot_id = ANY (lots)
                 ) ELSE 0 END
               AND NOT (coalesce(looked_at.referred, false) AND looked_at.counts IS NULL) AS complete,
             looked_at.weight, looked_at.relative, looked_at.pence, looked_at.ceiling
      FROM recipe, standing
      LEFT JOIN common ON common.application_id = standing.application_id
      LEFT JOIN own ON own.application_id = standing.application_id AND own.lot_id = standing.lot_id
      LEFT JOIN looked_at ON looked_at.application_id = standing.application_id
        AND looked_at.lot_id = standing.lot_id
    ),
    cheapest AS (SELECT lot_id, min(pence) AS lowest FROM marked WHERE meets GROUP BY lot_id),
    share AS MATERIALIZED (
      SELECT marked.*,
             CASE WHEN weight IS NULL OR NOT meets THEN 0
                  WHEN relative THEN lowest
                  WHEN pence > ceiling THEN 0
                  WHEN pence = lowest THEN 1
                  ELSE ceiling - pence END AS upper,
             CASE WHEN weight IS NULL OR NOT meets OR NOT relative AND (pence > ceiling OR pence = lowest)
                  THEN 1
                  WHEN relative THEN pence
                  ELSE ceiling - lowest END AS lower
      FROM marked LEFT JOIN cheapest USING (lot_id)
    ),
    total AS MATERIALIZED (
      SELECT application_id, lot_id, meets, version, complete, ties, weight,
             quality * lower + coalesce(weight, 0) * denominator * upper AS numerator,
             denominator * lower AS denominator, quality * lower AS quality, deciding * lower AS deciding,
             deciding AS broken_by
      FROM share
    ),
    reached AS (
      SELECT total.*, meets AND (
               round_lot.minimum_total IS NULL OR numerator >= round_lot.minimum_total * denominator
             ) AS reaches
      FROM total JOIN round_lot ON round_lot.round_id = :round AND round_lot.lot_id = total.lot_id
    ),
    ranked AS (
      SELECT application_id, lot_id, numerator, denominator, quality, deciding, reaches,
             CASE WHEN reaches THEN rank() OVER (
               PARTITION BY lot_id, reaches
               ORDER BY CASE WHEN weight IS NULL THEN numerator
                             ELSE numerator::numeric(200, 60) / denominator END DESC,
                        CASE WHEN ties THEN broken_by END DESC
             ) END AS place,
             version, complete
      FROM reached
    )
"""


class Total(NamedTuple):
    """An application's total for one lot: `numerator / denominator` out of 100.

    Of the numerator, `quality` comes from marks and the rest from the price; `deciding` is what the questions
    added that decide between equal totals. `rank` is None when a minimum was missed, of a mark or of the
    total, or the price does not count. `complete` says whether every answer has an agreed mark and no price
    waits for a person; until then the rest means nothing.
    """

    application_id: int
    lot_id: int
    numerator: Decimal
    denominator: int
    quality: Decimal
    deciding: Decimal
    meets_thresholds: bool
    rank: int | None
    marks_version: int
    complete: bool

    @property
    def exact(self) -> Fraction:
        """The total out of 100, unrounded."""
        return Fraction(self.numerator) / self.denominator


def weighs(round_id: int) -> bool:
    """Whether anything adds to a total in a round."""
    return db.session.scalars(text(f"SELECT {WEIGHS}"), {"round": round_id}).one()
