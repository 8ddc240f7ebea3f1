"""Every page of the evaluation costs the same few statements for 3 tenders and for 30."""

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from portal.accounts.access import Actor
from tests.evaluation.conftest import Build
from tests.evaluation.pages import statements_of
from tests.factories.bulk import REFRESH_AGENDA
from tests.factories.evaluation import (
    Evaluation,
    a_marking_evaluation,
    an_approver,
    an_opened_evaluation,
    mark_tender,
)
from tests.web_client import sign_in

MOST = 12
ROUND_PAGES = ("conformity", "panel", "moderation", "moderation/map", "moderation/spread", "progress")
# Copies of the round's first tender with all that hangs on it, written past the guards: reading is tested.
COPIES = """
WITH provider AS (
  INSERT INTO organisation (kind, name, state)
  SELECT 'provider', 'Copied Provider ' || n, 'checked' FROM generate_series(1, :more) AS n RETURNING id
), copy AS (
  INSERT INTO application
    (round_id, provider_id, state, started_at, started_by_id, submitted_at, submitted_by_id)
  SELECT round_id, provider.id, state, started_at, started_by_id, submitted_at, submitted_by_id
  FROM application, provider WHERE application.id = :first RETURNING id
), declared AS (
  INSERT INTO conflict_declaration (application_id, person_id, declared_at)
  SELECT copy.id, person_id, declared_at FROM conflict_declaration, copy WHERE application_id = :first
), lots AS (
  INSERT INTO application_lot SELECT copy.id, lot_id FROM application_lot, copy WHERE application_id = :first
), checks AS (
  INSERT INTO conformity_check (application_id, question_id, lot_id, result, rule_result, reason)
  SELECT copy.id, question_id, lot_id, rule_result, rule_result, reason
  FROM conformity_check, copy WHERE application_id = :first
), assignments AS (
  INSERT INTO assignment (application_id, evaluator_id, state, declared_at, locked_at)
  SELECT copy.id, evaluator_id, state, declared_at, locked_at
  FROM assignment, copy WHERE application_id = :first
), answers AS (
  INSERT INTO answer (application_id, question_id, lot_id, value, saved_by_id)
  SELECT copy.id, question_id, lot_id, value, saved_by_id FROM answer, copy WHERE application_id = :first
  RETURNING id, question_id, lot_id
)
INSERT INTO mark (answer_id, evaluator_id, question_id, scale_id, points, reason)
SELECT answers.id, mark.evaluator_id, mark.question_id, mark.scale_id, mark.points, mark.reason
FROM answers JOIN answer AS original ON original.application_id = :first
  AND original.question_id = answers.question_id AND original.lot_id IS NOT DISTINCT FROM answers.lot_id
JOIN mark ON mark.answer_id = original.id
"""


def with_copies(session: Session, evaluation: Evaluation, more: int) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(COPIES), {"more": more, "first": evaluation.applications[0]})
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.execute(text(REFRESH_AGENDA), {"round": evaluation.round_id})
    session.commit()


def costs(app: Flask, connection: Connection, viewer: Actor, pages: list[str]) -> dict[str, int]:
    visitor = sign_in(app.test_client(), viewer.email)
    found = {}
    for page in pages:
        answers = []
        found[page] = statements_of(
            connection, lambda page=page, answers=answers: answers.append(visitor.get(page))
        )
        assert answers[0].status_code == 200, page
    return found


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Three tenders in an opened box."""
    return build(lambda: an_opened_evaluation(3))


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Three tenders, of which two evaluators have locked the first."""

    def made() -> Evaluation:
        marking = a_marking_evaluation(3)
        for evaluator in (0, 1):
            mark_tender(marking, evaluator, points=1 + 3 * evaluator)
        return marking

    return build(made)


def test_conformity_costs_the_same_for_3_and_for_30(
    app: Flask, session: Session, connection: Connection, opened: Evaluation
) -> None:
    check = session.query(ConformityCheck.id).limit(1).scalar()
    pages = [f"/rounds/{opened.round_id}/conformity", f"/rounds/{opened.round_id}/conformity/{check}", "/"]
    few = costs(app, connection, opened.lead, pages)
    with_copies(session, opened, 27)
    assert costs(app, connection, opened.lead, pages) == few
    assert max(few.values()) <= MOST, few


@pytest.mark.parametrize("who", ["evaluator", "lead", "moderator", "approver"])
def test_marking_and_moderation_cost_the_same_for_3_and_for_30(
    app: Flask, session: Session, connection: Connection, marking: Evaluation, who: str
) -> None:
    evaluation = [f"/rounds/{marking.round_id}/{page}" for page in ROUND_PAGES]
    evaluation += [f"/moderation/{marking.answers()[0]}", "/"]
    own = f"/marking/{marking.assignment(0, 1).id}"
    viewer, pages = {
        "evaluator": (
            marking.evaluators[0],
            ["/marking", own, f"{own}/declaration", f"{own}/answers/{marking.answers(1)[0]}", "/"],
        ),
        "lead": (marking.lead, evaluation),
        "moderator": (marking.moderator, evaluation),
        "approver": (an_approver(marking), evaluation),
    }[who]
    few = costs(app, connection, viewer, pages)
    with_copies(session, marking, 27)
    assert costs(app, connection, viewer, pages) == few
    assert max(few.values()) <= MOST, few
