"""The totals of 1,000 applications x 25 questions x 3 evaluators, in SQL and in Python, beside bare SQL.

The floor says the same of the same rows (exact numerator, minimums, rank, version of the marks) in one pass
written for these rows, through psycopg alone; the floor that keeps writes what differs from the kept rows in
the same statement. All are compared to the last digit before anything is timed. Every recomputation follows a
mark that was agreed anew, as it does in life: of the tenders behind it the ranks change. Beside it stand what
the second computation takes, and each evaluator's own total.
"""

import random
from fractions import Fraction
from functools import partial
from typing import Any

import psycopg

from evaluation.outcomes.keeping import keep_evaluators_totals
from evaluation.outcomes.python_totals import inputs_of, totals_in_python
from evaluation.outcomes.services import check_totals, compute_results, differences, recompute
from portal.database import db, transaction
from tests.benchmarks.data import a_marked_round
from tests.benchmarks.measuring import Action, backend_of, show_table, side_by_side
from tests.factories.frameworks import a_procurement_lead
from tests.sql_totals import totals_in_sql

TENDERS, QUESTIONS, EVALUATORS = 1_000, 25, 3
FLOOR, FLOOR_KEEPS = "floor", "floor that keeps"
RECOMPUTED = "recomputed and kept"

# Every mark is read once and multiplied by a whole number that is worked out once for each question.
_RANKED = """
WITH worth AS MATERIALIZED (
  SELECT question.id, minimum, (weight * 100)::bigint * (%(denominator)s / highest) AS each_point
  FROM question JOIN scale ON scale.id = question.scale_id WHERE question.round_id = %(round)s
), summed AS (
  SELECT answer.application_id, sum(worth.each_point * agreed_mark.points) AS numerator,
         bool_and(agreed_mark.points >= worth.minimum) AS meets, sum(agreed_mark.version) AS version,
         count(*) AS marks
  FROM worth
  JOIN answer ON answer.question_id = worth.id
  JOIN agreed_mark ON agreed_mark.answer_id = answer.id
  GROUP BY answer.application_id
), ranked AS (
  SELECT application.id, application_lot.lot_id, numerator, meets,
         CASE WHEN meets THEN rank() OVER (
           PARTITION BY application_lot.lot_id, meets ORDER BY numerator DESC
         ) END AS place,
         version
  FROM application
  JOIN application_lot ON application_lot.application_id = application.id
  JOIN summed ON summed.application_id = application.id AND summed.marks = %(questions)s
  WHERE application.round_id = %(round)s AND application.state = 'submitted'
    AND NOT EXISTS (
      SELECT FROM conformity_check
      WHERE conformity_check.application_id = application.id AND conformity_check.result = 'fail'
    )
)
"""
_FLOOR = f"{_RANKED} SELECT * FROM ranked ORDER BY lot_id, id"
_FLOOR_KEEPS = f"""
{_RANKED} UPDATE result
SET numerator = ranked.numerator * 0.01, quality = ranked.numerator * 0.01, meets_thresholds = meets,
    rank = place, marks_version = version
FROM ranked
WHERE application_id = ranked.id AND result.lot_id = ranked.lot_id
  AND (result.numerator, result.meets_thresholds, result.rank, result.marks_version)
    IS DISTINCT FROM (ranked.numerator * 0.01, meets, place, version)
"""
_AGREE_ANEW = """
UPDATE agreed_mark SET points = 1 + points %% 5, version = version + 1
WHERE answer_id = %(answer)s
"""


def run(quick: bool = False) -> None:
    """Print what each way takes, beside the floor."""
    print(f"Filling a round with {TENDERS:,} tenders", flush=True)
    lead = a_procurement_lead()
    round_id = a_marked_round(lead, TENDERS, QUESTIONS, EVALUATORS)
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    asked = {"round": round_id, "questions": QUESTIONS, "denominator": 5}
    with psycopg.connect(address, options="-c timezone=UTC -c jit=off", autocommit=True) as bare:
        chance = random.Random(7)
        answers = bare.execute(
            "SELECT answer_id FROM agreed_mark JOIN answer ON answer.id = answer_id"
            " JOIN application ON application.id = application_id AND round_id = %(round)s",
            asked,
        ).fetchall()

        def floor() -> list[tuple[Any, ...]]:
            return bare.execute(_FLOOR, asked).fetchall()

        def agree_anew() -> None:
            with bare.transaction():  # past the guards: to unlock it and agree it anew is not what is timed
                bare.execute("SET LOCAL session_replication_role = replica")
                bare.execute(_AGREE_ANEW, {"answer": chance.choice(answers)[0]})

        def evaluators() -> None:
            with transaction():
                keep_evaluators_totals(round_id)

        _compare(round_id, floor())
        compute_results(round_id=round_id, by=lead)
        ways: dict[str, Action] = {
            FLOOR: floor,
            "our statement": lambda: totals_in_sql(round_id),
            FLOOR_KEEPS: lambda: bare.execute(_FLOOR_KEEPS, asked),
            RECOMPUTED: lambda: recompute(round_id=round_id, by=lead),
            "read and computed in Python": lambda: _in_python(round_id),
            "each evaluator's own total, kept": evaluators,
            "the whole check, those included": lambda: check_totals(round_id=round_id, by=lead),
            "recomputed and checked": lambda: compute_results(round_id=round_id, by=lead),
        }
        here = backend_of(db.session())
        timings = side_by_side(
            ways,
            repeats=8 if quick else 25,
            warm_up=7,
            backends=dict.fromkeys(ways, here) | dict.fromkeys((FLOOR, FLOOR_KEEPS), bare.info.backend_pid),
            before={name: agree_anew for name in (FLOOR_KEEPS, RECOMPUTED, "recomputed and checked")},
        )
        _compare(round_id, floor())
    floor_took = timings[FLOOR]
    show_table(
        f"Totals of {TENDERS:,} tenders x {QUESTIONS} questions x {EVALUATORS} evaluators (all equal)",
        ("way", "p50 ms", "p95 ms", "ratio", "CPU ms", "CPU ratio"),
        [
            (name, took.median, took.p95, took.median / floor_took.median, took.computing,
             took.computing / floor_took.computing)
            for name, took in timings.items()
        ],
    )  # fmt: skip
    ours = timings[RECOMPUTED]
    for name in (FLOOR, FLOOR_KEEPS, "our statement"):
        waited, computed = ours.median / timings[name].median, ours.computing / timings[name].computing
        print(f"A recomputation takes {waited:.2f} times the {name}, {computed:.2f} of computing.")
    db.session.remove()
    _growing(quick)


def _growing(quick: bool) -> None:
    """Print what both ways take for ten times as many tenders: the cost should grow as they do."""
    rows = []
    for tenders in (TENDERS, 10 * TENDERS):
        round_id = a_marked_round(a_procurement_lead(), tenders, QUESTIONS, 0)
        timings = side_by_side(
            {
                "one SQL statement": partial(totals_in_sql, round_id),
                "one by one in Python": partial(_in_python, round_id),
            },
            repeats=3 if quick else 9,
            warm_up=2,
        )
        db.session.remove()
        rows.append((f"{tenders:,}", *(took.median for took in timings.values())))
    rows.append(("ratio", *(many / few for few, many in zip(rows[0][1:], rows[1][1:], strict=True))))
    show_table("Totals of ten times as many tenders", ("tenders", "SQL p50 ms", "Python p50 ms"), rows)


def _in_python(round_id: int) -> object:
    return totals_in_python(*inputs_of(round_id))


def _compare(round_id: int, bare: list[tuple[Any, ...]]) -> None:
    in_sql, in_python = totals_in_sql(round_id), totals_in_python(*inputs_of(round_id))
    assert differences(in_sql, in_python) == set(), "SQL and Python differ"
    said = [
        (t.application_id, t.lot_id, t.exact, t.meets_thresholds, t.rank, t.marks_version) for t in in_sql
    ]
    floor = [
        (a, lot, Fraction(sum_) / 500, meets, rank, version) for a, lot, sum_, meets, rank, version in bare
    ]
    assert said == floor, "The floor differs"
    assert len(said) > TENDERS / 2 and len({rank for *_, rank, _ in said}) > 10, "Nothing to compare"
