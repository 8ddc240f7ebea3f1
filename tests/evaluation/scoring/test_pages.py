"""The pages on which an evaluator marks."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.scoring.models import Mark
from evaluation.scoring.services import record_mark
from portal.audit.models import AuditLine
from tender.applications.models import Answer, AnswerFile
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import REASON, Evaluation, a_marking_evaluation, mark_tender
from tests.web_client import sign_in

GOOD = {"points": "4", "reason": REASON, "version": "0"}


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender for two lots, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation(1, 2))


def address(marking: Evaluation, answer: int = 0) -> str:
    return f"/marking/{marking.assignment().id}/answers/{marking.answers()[answer]}"


@pytest.fixture
def evaluator(client: FlaskClient, marking: Evaluation) -> FlaskClient:
    """The browser of the first evaluator."""
    return sign_in(client, marking.evaluators[0].email)


def test_a_saved_mark_leads_to_the_next_answer(
    evaluator: FlaskClient, session: Session, marking: Evaluation
) -> None:
    answer = evaluator.post(address(marking), data=GOOD)
    assert answer.status_code == 303
    assert answer.location != address(marking)
    assert session.scalars(select(Mark)).one().points == 4


def test_the_answer_page_is_in_order_and_leads_both_ways(
    evaluator: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    page = evaluator.get(evaluator.post(address(marking), data=GOOD).location).get_data(as_text=True)
    assert faults(page, app) == []
    assert 'rel="prev"' in page
    assert 'rel="next"' in page
    assert "once all of you have locked" in page
    assert "Answers every part of the question" in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": ""}, "Give your reason"),
        ({"reason": "Too short"}, "at least 5 words"),
        ({"points": ""}, "Choose a mark"),
        ({"points": "9"}, "Choose one of the marks on the scale, 0 to 5"),
        ({"points": "four"}, "Choose one of the marks on the scale, 0 to 5"),
        ({"version": "7"}, ""),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(
    evaluator: FlaskClient,
    session: Session,
    app: Flask,
    marking: Evaluation,
    typed: dict[str, str],
    told: str,
) -> None:
    if "version" in typed:
        evaluator.post(address(marking), data=GOOD)
    answer = evaluator.post(address(marking), data={**GOOD, **typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert typed.get("reason", REASON) in page
    assert faults(page, app) == []


def test_another_windows_mark_is_shown_beside_what_was_typed(
    evaluator: FlaskClient, session: Session, marking: Evaluation
) -> None:
    evaluator.post(address(marking), data=GOOD)
    mine = {"points": "2", "reason": "On second thoughts it names nobody.", "version": "0"}
    page = evaluator.post(address(marking), data=mine).get_data(as_text=True)
    assert REASON in page
    assert mine["reason"] in page
    assert evaluator.post(address(marking), data={**mine, "version": "1"}).status_code == 303


def test_a_mark_is_saved_while_it_is_typed_as_soon_as_it_is_whole(
    evaluator: FlaskClient, session: Session, marking: Evaluation
) -> None:
    early = evaluator.post(f"{address(marking)}/autosave", data={"version": "0", "reason": "Names the"})
    assert early.status_code == 422
    assert "Not saved yet" in early.json["message"]
    whole = evaluator.post(f"{address(marking)}/autosave", data=GOOD)
    assert whole.json["version"] == 1
    assert whole.json["message"].startswith("Saved at")


def test_marks_are_locked_once_and_shown_without_a_form(
    evaluator: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    own = f"/marking/{marking.assignment().id}"
    assert evaluator.post(f"{own}/lock").status_code == 422
    mark_tender(marking, lock=False)
    assert "Lock my marks" in evaluator.get(own).get_data(as_text=True)
    assert [evaluator.post(f"{own}/lock").status_code for _ in range(2)] == [303, 303]
    page = evaluator.get(address(marking)).get_data(as_text=True)
    assert "<textarea" not in page
    assert "when all of them have locked" in page
    assert faults(page, app) == []
    late = evaluator.post(address(marking), data={**GOOD, "version": "1"})
    assert "are locked, so they cannot be changed" in late.get_data(as_text=True)


@pytest.mark.parametrize("page", ["/marking", "/marking/{own}", "/marking/{own}/declaration"])
def test_the_other_pages_are_in_order(
    evaluator: FlaskClient, session: Session, app: Flask, marking: Evaluation, page: str
) -> None:
    shown = evaluator.get(page.format(own=marking.assignment().id))
    assert shown.status_code == 200
    assert faults(shown.get_data(as_text=True), app) == []


def test_somebody_without_tenders_is_told_how_they_come(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    sign_in(client, marking.person("evaluator").email)
    assert "No tender has been given to you" in client.get("/marking").get_data(as_text=True)


def test_a_document_of_another_answer_is_not_given(
    evaluator: FlaskClient, session: Session, marking: Evaluation
) -> None:
    foreign = session.scalars(
        select(AnswerFile.document_id)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .where(Answer.application_id == marking.applications[0])
        .limit(1)
    ).one()
    assert evaluator.get(f"{address(marking)}/documents/{foreign}").status_code == 404


def test_a_document_of_a_scored_answer_is_given_by_a_link_and_the_reading_recorded(
    evaluator: FlaskClient, session: Session, marking: Evaluation
) -> None:
    # No question of the default pack is both scored and a file: let one policy belong to a scored answer.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    document_id = session.scalars(
        text(
            "UPDATE answer_file SET answer_id = :answer WHERE (answer_id, document_id) IN"
            " (SELECT answer_id, document_id FROM answer_file JOIN answer ON answer.id = answer_id"
            " WHERE application_id = :application LIMIT 1) RETURNING document_id"
        ),
        {"answer": marking.answers()[0], "application": marking.applications[0]},
    ).one()
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.commit()
    given = evaluator.get(f"{address(marking)}/documents/{document_id}")
    assert given.status_code == 302
    assert "X-Amz-Signature" in given.location
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()
    assert line.action == "application.read_document"
    assert line.actor_id == marking.evaluators[0].person_id


def test_a_mark_typed_by_hand_into_the_service_is_kept_as_typed(
    session: Session, marking: Evaluation
) -> None:
    odd = "Names “the lead” & <her> deputy – ünïcödé 🙂 ok"
    saved = record_mark(
        assignment_id=marking.assignment().id,
        answer_id=marking.answers()[0],
        points=3,
        reason=odd,
        version=0,
        by=marking.evaluators[0],
    )
    assert saved.reason == odd
