"""Only answers for lots that stand are marked."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.services import decide_check
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_opened_evaluation


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """A tender for two lots that is too dear in both."""
    return build(lambda: an_opened_evaluation(1, 2, answers=[{"day_rate": "150.00"}]))


def test_answers_for_a_failed_lot_are_not_marked(session: Session, opened: Evaluation) -> None:
    first = session.scalars(
        select(ConformityCheck)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(Question.code == "day_rate")
        .order_by(ConformityCheck.lot_id)
        .limit(1)
    ).one()
    decide_check(check_id=first.id, result="pass", reason="A slip.", version=first.version, by=opened.lead)
    # Four answers for all lots, and two for the lot that stands.
    assert len(opened.answers()) == 6


def test_a_tender_without_a_standing_lot_has_nothing_to_mark(session: Session, opened: Evaluation) -> None:
    assert opened.answers() == []
