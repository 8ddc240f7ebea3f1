"""Totals of lots that are asked different scored questions."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from evaluation.outcomes.mark_queries import evaluators_totals
from evaluation.outcomes.services import compute_results
from tender.frameworks.default_pack import default_pack
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_moderated_evaluation
from tests.factories.frameworks import lot_ids
from tests.sql_totals import totals_in_sql

CURRICULUM = next(asked for asked in default_pack().questions if asked.code == "curriculum")
ASKING = (
    replace(CURRICULUM, lots=("1",)),
    replace(CURRICULUM, code="workshop", title="Your workshop", weight=CURRICULUM.weight / 2, lots=("2",)),
    replace(CURRICULUM, code="tools", title="Your tools", weight=CURRICULUM.weight / 2, lots=("2",)),
)


@pytest.fixture(scope="module")
def moderated(build: Build) -> Evaluation:
    """One tender for two lots, of which one is asked two scored questions in the place of one."""
    return build(lambda: a_moderated_evaluation(lots=2, points=4, asking=ASKING))


def test_a_total_adds_up_what_its_own_lot_is_asked(session: Session, moderated: Evaluation) -> None:
    assert compute_results(round_id=moderated.round_id, by=moderated.lead) == 2
    assert [(total.exact, total.complete) for total in totals_in_sql(moderated.round_id)] == [(80, True)] * 2


def test_an_evaluators_own_total_does_too(session: Session, moderated: Evaluation) -> None:
    compute_results(round_id=moderated.round_id, by=moderated.lead)
    for lot_id in lot_ids(moderated.round):
        (own,) = evaluators_totals(lot_id, moderated.applications).values()
        assert [total for _, total in own] == [60, 60]
