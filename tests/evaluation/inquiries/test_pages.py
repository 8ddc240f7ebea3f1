"""The pages of questions to one tenderer."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from evaluation.conformity.models import ConformityCheck
from evaluation.inquiries import queries
from evaluation.inquiries.models import InquiryFile
from evaluation.inquiries.services import show, withdraw
from tender.applications.models import Answer
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_opened_evaluation
from tests.factories.inquiries import ANSWER, TEXT, a_point, an_answered_inquiry, an_inquiry
from tests.factories.outcomes import provider_of
from tests.storage import corpus
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Two tenders in an opened box."""
    return build(lambda: an_opened_evaluation(2))


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """One tender that two evaluators mark."""
    return build(a_marking_evaluation)


def address_of(opened: Evaluation, application: int = 0) -> str:
    return f"/rounds/{opened.round_id}/tenders/{opened.applications[application]}/questions"


def test_the_lead_asks_and_the_page_says_that_a_tender_cannot_be_improved(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    page = sign_in(client, opened.lead.email).get(address_of(opened)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "never be helped to improve its tender" in page
    data = {"point": a_point(opened).key, "text": TEXT, "days": "3"}
    assert client.post(address_of(opened), data=data).status_code == 303
    page = client.get(address_of(opened)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "Waiting for the answer" in page
    assert TEXT in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text": ""}, "Enter your question"),
        ({"point": "0-0"}, "Choose what you ask about"),
        ({"point": "nonsense"}, "Choose what you ask about"),
        ({"days": "0"}, "must be between 1 and 20"),
        ({"days": "soon"}, "must be a whole number"),
    ],
)
def test_a_bad_question_is_told_and_what_was_typed_stays(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation, data: dict[str, str], told: str
) -> None:
    sent = {"point": a_point(opened).key, "text": "Which site?", "days": "3", **data}
    answer = sign_in(client, opened.lead.email).post(address_of(opened), data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert sent["text"] in page
    assert faults(page, app) == []


def test_the_tenderer_answers_with_a_file_and_reads_it_again(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    address = f"/inquiries/{an_inquiry(opened)}"
    sign_in(client, provider_of(opened).email)
    home = client.get("/").get_data(as_text=True)
    assert "The council asks you about your tender" in home
    page = client.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert "An answer cannot improve it" in page
    data = {"text": ANSWER, "files": [(io.BytesIO(corpus.pdf()), "Plan.pdf")]}
    assert client.post(address, data=data).status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert ANSWER in page
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    assert client.get(f"{address}/documents/{document_id}").status_code == 302
    assert client.post(address, data={"text": "Another."}).location.endswith(address)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text": ""}, "Enter your answer"),
        ({"text": ANSWER, "files": [(io.BytesIO(b"MZ\x90\x00"), "plan.pdf")]}, "plan.pdf"),
    ],
)
def test_a_bad_answer_is_told(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation, data: dict[str, object], told: str
) -> None:
    address = f"/inquiries/{an_inquiry(opened)}"
    answer = sign_in(client, provider_of(opened).email).post(address, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert faults(page, app) == []


def test_after_the_deadline_the_page_takes_no_answer(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    inquiry_id = an_inquiry(opened)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE inquiry SET asked_at = asked_at - interval '9 days', due_at = now()"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.commit()
    sign_in(client, provider_of(opened).email)
    page = client.get(f"/inquiries/{inquiry_id}").get_data(as_text=True)
    assert "no answer had come" in page
    assert "Send the answer" not in page
    answer = client.post(f"/inquiries/{inquiry_id}", data={"text": ANSWER})
    assert answer.status_code == 422
    assert "so it cannot be taken any more" in answer.get_data(as_text=True)


def test_another_tenderer_finds_nothing(client: FlaskClient, session: Session, opened: Evaluation) -> None:
    inquiry_id = an_answered_inquiry(opened)
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    sign_in(client, provider_of(opened, 1).email)
    assert "The council asks you" not in client.get("/").get_data(as_text=True)
    for address in (f"/inquiries/{inquiry_id}", f"/inquiries/{inquiry_id}/documents/{document_id}"):
        assert client.get(address).status_code == 404
    assert client.post(f"/inquiries/{inquiry_id}", data={"text": "Mine."}).status_code == 404
    assert client.get(address_of(opened)).status_code == 403


def test_a_withdrawal_needs_a_reason_and_is_shown_to_the_tenderer(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    inquiry_id = an_inquiry(opened)
    an_inquiry(opened, text="Another question.")
    sign_in(client, opened.lead.email)
    refused = client.post(f"/inquiries/{inquiry_id}/withdraw", data={"because": ""})
    assert refused.status_code == 422
    assert faults(refused.get_data(as_text=True), app) == []
    data = {"because": "The plan says it."}
    assert [client.post(f"/inquiries/{inquiry_id}/withdraw", data=data).status_code for _ in "12"] == [
        303,
        303,
    ]
    client.post("/sign-out")
    page = sign_in(client, provider_of(opened).email).get(f"/inquiries/{inquiry_id}").get_data(as_text=True)
    assert "The plan says it." in page


def test_the_answer_stands_beside_the_condition(
    client: FlaskClient, session: Session, app: Flask, opened: Evaluation
) -> None:
    check = session.scalars(
        select(ConformityCheck).where(
            ConformityCheck.application_id == opened.applications[0], ConformityCheck.lot_id.is_(None)
        )
    ).first()
    assert check
    point = next(each for each in _points(opened) if each.question_id == check.question_id)
    an_answered_inquiry(opened, about=point)
    sign_in(client, opened.lead.email)
    page = client.get(f"/rounds/{opened.round_id}/conformity/{check.id}").get_data(as_text=True)
    assert faults(page, app) == []
    assert ANSWER in page


def _points(opened: Evaluation) -> list[queries.Point]:
    return queries.points_of(opened.applications[0])


def test_an_evaluator_reads_what_was_shown_without_a_name(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    answer_id = marking.answers()[0]
    about = next(each for each in _points(marking) if each.question_id == _question_of(session, answer_id))
    inquiry_id = an_answered_inquiry(marking, about=about)
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    page = f"/marking/{marking.assignment().id}/answers/{answer_id}"
    sign_in(client, marking.evaluators[0].email)
    assert ANSWER not in client.get(page).get_data(as_text=True)
    assert client.get(f"{page}/documents/{document_id}").status_code == 404
    show(inquiry_id=inquiry_id, by=marking.lead)
    shown = client.get(page).get_data(as_text=True)
    assert faults(shown, app) == []
    assert ANSWER in shown
    assert provider_of(marking).name not in shown
    assert client.get(f"{page}/documents/{document_id}").status_code == 302
    assert client.get(f"/inquiries/{inquiry_id}/documents/{document_id}").status_code == 403
    other = f"/marking/{marking.assignment().id}/answers/{marking.answers()[1]}"
    assert ANSWER not in client.get(other).get_data(as_text=True)
    assert client.get(f"{other}/documents/{document_id}").status_code == 404


def _question_of(session: Session, answer_id: int) -> int:
    return session.get_one(Answer, answer_id).question_id


def test_an_auditor_reads_and_asks_nothing(client: FlaskClient, session: Session, opened: Evaluation) -> None:
    inquiry_id = an_answered_inquiry(opened)
    sign_in(client, opened.person("auditor").email)
    page = client.get(address_of(opened)).get_data(as_text=True)
    assert ANSWER in page
    assert "Send the question" not in page
    for address in (address_of(opened), f"/inquiries/{inquiry_id}/withdraw", f"/inquiries/{inquiry_id}/show"):
        assert client.post(address).status_code == 403


def test_the_pages_cost_the_same_for_1_question_and_for_10(
    client: FlaskClient, session: Session, connection: Connection, opened: Evaluation
) -> None:
    withdraw(inquiry_id=an_inquiry(opened), because="Mine.", by=opened.lead)
    lead, provider = client, sign_in(client.application.test_client(), provider_of(opened).email)
    sign_in(lead, opened.lead.email)

    def costs() -> list[int]:
        return [
            statements_of(connection, lambda: lead.get(address_of(opened))),
            statements_of(connection, lambda: provider.get("/")),
        ]

    few = costs()
    for number in range(9):
        an_inquiry(opened, text=f"Question {number}")
    assert costs() == few
    assert max(few) <= 12, few
