"""An answer about which the council has asked is marked once the reply is there or overdue; the moderator
reads what the evaluators read of it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.inquiries.queries import Point
from evaluation.inquiries.services import show
from evaluation.scoring.services import AnswerAwaited, record_mark
from portal import clock
from tender.applications.models import Answer
from tests.evaluation.conftest import Build
from tests.factories.evaluation import REASON, Evaluation, a_marking_evaluation, mark_tender
from tests.factories.inquiries import ANSWER, an_answered_inquiry, an_inquiry
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation(1))


def about(session: Session, marking: Evaluation) -> tuple[int, Point]:
    """A scored answer, and the point that an inquiry makes of it."""
    answer = session.get_one(Answer, marking.answers()[0])
    return answer.id, Point(answer.question_id, answer.lot_id, "", None)


def mark(marking: Evaluation, answer_id: int) -> None:
    record_mark(
        assignment_id=marking.assignment().id,
        answer_id=answer_id,
        points=3,
        reason=REASON,
        version=0,
        by=marking.evaluators[0],
    )


def test_the_answer_waits_and_the_others_do_not(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    answer_id, point = about(session, marking)
    an_inquiry(marking, about=point)
    with pytest.raises(AnswerAwaited, match="Mark it when the reply is here"):
        mark(marking, answer_id)
    other = next(each for each in marking.answers() if each != answer_id)
    mark(marking, other)
    sign_in(client, marking.evaluators[0].email)
    page = client.get(f"/marking/{marking.assignment().id}/answers/{answer_id}").get_data(as_text=True)
    assert "You can mark it when the reply is here" in page and "Save and go on" not in page


def test_it_waits_no_longer_than_the_tenderer_may_take(session: Session, marking: Evaluation) -> None:
    answer_id, point = about(session, marking)
    an_inquiry(marking, about=point)
    with clock.staged_at(clock.now() + timedelta(days=12)):
        mark(marking, answer_id)


def test_the_moderator_reads_what_the_evaluators_read(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    answer_id, point = about(session, marking)
    inquiry = an_answered_inquiry(marking, about=point)
    for evaluator in (0, 1):
        mark_tender(marking, evaluator)
    sign_in(client, marking.moderator.email)
    assert ANSWER not in client.get(f"/moderation/{answer_id}").get_data(as_text=True)
    show(inquiry_id=inquiry, by=marking.lead)
    page = client.get(f"/moderation/{answer_id}").get_data(as_text=True)
    assert ANSWER in page and f"/inquiries/{inquiry}/documents/" in page
