"""What totals cost beside one plain statement that is written for the same rows."""

import statistics
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.outcomes.totals import totals_in_sql
from tests.benchmarks.bench_totals import FLOOR
from tests.benchmarks.data import rows_of_a_marked_round
from tests.benchmarks.measuring import backend_of, computed
from tests.factories.frameworks import a_procurement_lead

TENDERS, QUESTIONS = 1_000, 25
MOST = 1.5  # the aim is 1.2: `python -m tests.benchmarks totals` prints what it is


def cost(action: Callable[[], Any], backend: int) -> float:
    """Milliseconds of computing, here and in the database: the median of seven runs."""
    took = []
    for _ in range(7):
        before = computed(backend)
        action()
        took.append(computed(backend) - before)
    return statistics.median(took)


def test_all_totals_cost_little_more_than_one_plain_statement(session: Session) -> None:
    round_id = rows_of_a_marked_round(a_procurement_lead(), TENDERS, QUESTIONS, 0)
    session.execute(text("ANALYZE"))
    backend, asked = backend_of(session), {"round": round_id, "questions": QUESTIONS, "denominator": 5}
    if not computed(backend) > computed(None):
        pytest.skip("This system does not tell what the database computes.")
    cursor = session.connection().connection.cursor()
    floor = cost(lambda: cursor.execute(FLOOR, asked).fetchall(), backend)
    assert cost(lambda: totals_in_sql(round_id), backend) < MOST * floor
