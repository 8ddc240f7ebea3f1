"""Conditions that were passed in an earlier round: decided anew, unless the framework lets them stand."""

import pytest
from sqlalchemy import select, update

from evaluation.conformity.models import ConformityCheck
from portal import clock
from portal.database import db, transaction
from tender.applications.answer_services import attach_document
from tender.applications.carrying_services import carry_over
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import submit_application
from tender.frameworks.models import Framework, Question
from tender.frameworks.opening_services import open_box
from tests.factories.applications import a_file, an_answer, answer
from tests.factories.frameworks import a_closed_round, while_open
from tests.factories.outcomes import a_released_evaluation, provider_of

CODE = "finance"


@pytest.fixture
def evaluation(session):
    return a_released_evaluation([{"safeguarding": 1}])


def judged_again(evaluation, *, stand, touch=False):
    """The check of the budget after the same provider applied again."""
    with transaction() as session:
        session.execute(
            update(Framework)
            .where(Framework.id == evaluation.round.framework_id)
            .values(passed_conditions_stand=stand)
        )
    by = provider_of(evaluation)
    framework = db.session.get_one(Framework, evaluation.round.framework_id)
    again = a_closed_round(framework=framework, lead=evaluation.lead)
    with clock.staged_at(while_open(again)):
        draft = carry_over(application_id=evaluation.applications[0], into_round_id=again.id, by=by)
        if touch:
            attach_document(application_id=draft, code=CODE, by=by, **a_file("xlsx", "another"))
        for problem in tender_of(own_application_for(by, draft)).missing:
            answer(draft, problem.item, by, an_answer(problem.item))
        submit_application(application_id=draft, declared=True, by=by)
    open_box(by=evaluation.lead, round_id=again.id)
    return db.session.scalars(
        select(ConformityCheck)
        .join(Question, Question.id == ConformityCheck.question_id)
        .where(Question.code == CODE, ConformityCheck.application_id == draft)
    ).one()


def test_a_condition_is_decided_anew(evaluation):
    assert judged_again(evaluation, stand=False).result == "refer"


def test_where_the_framework_says_so_it_stands(evaluation):
    check = judged_again(evaluation, stand=True)
    assert (check.result, check.decided_by_id) == ("pass", None)
    assert "Passed in round" in check.reason


def test_an_answer_that_was_touched_since_is_decided_anew(evaluation):
    assert judged_again(evaluation, stand=True, touch=True).result == "refer"
