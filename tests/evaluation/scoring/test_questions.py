"""Horizontal marking: one question, all its tenders, in an order of one's own."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.scoring.question_queries import along_question, my_questions
from evaluation.scoring.services import record_mark
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import REASON, Evaluation, a_marking_evaluation
from tests.web_client import sign_in

TENDERS = 6


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Six tenders, accepted by two evaluators whose seeds are known."""

    def made() -> Evaluation:
        marking = a_marking_evaluation(TENDERS)
        return marking

    return build(made)


def seed(session: Session, marking: Evaluation, evaluator: int, seed: int) -> None:
    values = {"seed": seed, "person": marking.evaluators[evaluator].person_id}
    session.execute(text("UPDATE panel_member SET seed = :seed WHERE person_id = :person"), values)


def order(marking: Evaluation, evaluator: int = 0) -> list[int]:
    viewer = marking.evaluators[evaluator]
    first = my_questions(viewer)[0]
    pairs = along_question(viewer, {"question_id": first["question_id"], "lot_id": None})
    return [pair[1] for pair in pairs]


def test_every_tender_of_the_question_comes_once(session: Session, marking: Evaluation) -> None:
    assert len(set(order(marking))) == len(order(marking)) == TENDERS


def test_each_evaluator_has_an_order_of_their_own_that_stays(session: Session, marking: Evaluation) -> None:
    seed(session, marking, 0, 1)
    seed(session, marking, 1, 2)
    assert order(marking, 0) == order(marking, 0)
    assert order(marking, 0) != order(marking, 1)
    assert sorted(order(marking, 0)) == sorted(order(marking, 1))


def test_each_question_starts_with_another_tender(session: Session, marking: Evaluation) -> None:
    seed(session, marking, 0, 1)
    firsts = {row["assignment_id"] for row in my_questions(marking.evaluators[0])}
    assert len(firsts) > 1


def test_a_question_counts_what_is_marked(session: Session, marking: Evaluation) -> None:
    first = my_questions(marking.evaluators[0])[0]
    record_mark(
        assignment_id=first["assignment_id"],
        answer_id=first["answer_id"],
        points=3, reason=REASON, version=0, by=marking.evaluators[0],
    )  # fmt: skip
    again = my_questions(marking.evaluators[0])[0]
    assert (again["marked"], again["to_mark"]) == (1, TENDERS)
    assert again["answer_id"] == order(marking)[1]
    assert my_questions(marking.evaluators[1])[0]["marked"] == 0


def test_saving_leads_from_tender_to_tender_and_back_to_the_questions(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.evaluators[0].email)
    page = client.get("/marking/questions").get_data(as_text=True)
    assert faults(page, app) == []
    address = re.search(r'href="(/marking/\d+/answers/\d+\?by=question)"', page)
    assert address
    place, visited = address[1], []
    while place != "/marking/questions":
        visited.append(place)
        shown = client.get(place).get_data(as_text=True)
        assert f"tender {len(visited)} of {TENDERS}" in shown
        place = client.post(place, data={"version": "0", "points": "3", "reason": REASON}).location
    assert len(set(visited)) == TENDERS
    assert "6 of 6 tenders marked" in client.get(place).get_data(as_text=True)


def test_a_tender_with_a_conflict_is_not_among_them(session: Session, marking: Evaluation) -> None:
    session.execute(
        text(
            "UPDATE assignment SET state = 'conflicted', conflict_kind = 'actual', conflict = 'x'"
            " WHERE id = :id"
        ),
        {"id": marking.assignment(0, 2).id},
    )
    assert len(order(marking)) == TENDERS - 1
