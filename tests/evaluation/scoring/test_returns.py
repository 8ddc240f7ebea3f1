"""A locked mark is returned to its evaluator: one mark, with a reason, and the old one kept."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.services import NotLocked
from evaluation.moderation.return_queries import returned_before
from evaluation.moderation.return_services import return_to_evaluator
from evaluation.moderation.unlock_services import unlock_mark
from evaluation.scoring import queries
from evaluation.scoring.models import Mark, ReturnedMark
from evaluation.scoring.return_services import ReturnRefused
from evaluation.scoring.services import MarksLocked, lock_marks, record_mark
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import NotFound
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_locked_evaluation, agree_all, somebody_declared
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in

WHY = "The reason speaks of another provider."
BETTER = "Names the lead and her deputy, and when both were trained."


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender that two evaluators have marked with 3 and locked."""
    return build(a_locked_evaluation)


def send_back(locked: Evaluation, place: int = 0, why: str = WHY, by: Actor | None = None) -> int:
    answer_id = locked.answers()[place]
    return_to_evaluator(
        assignment_id=locked.assignment().id, answer_id=answer_id, why=why, by=by or locked.lead
    )
    return answer_id


def remark(locked: Evaluation, answer_id: int, points: int = 5) -> None:
    record_mark(
        assignment_id=locked.assignment().id,
        answer_id=answer_id, points=points, reason=BETTER, version=1, by=locked.evaluators[0],
    )  # fmt: skip


@pytest.mark.parametrize("who", ["lead", "moderator"])
def test_the_lead_and_the_moderator_return_a_mark(session: Session, locked: Evaluation, who: str) -> None:
    answer_id = send_back(locked, by=getattr(locked, who))
    assert locked.assignment().state == "accepted"
    remark(locked, answer_id)
    (old,) = session.scalars(select(ReturnedMark)).all()
    assert (old.points, old.why, old.version) == (3, WHY, 1)


def test_the_old_mark_and_the_new_one_are_told_apart_once_all_have_locked(
    session: Session, locked: Evaluation
) -> None:
    answer_id = send_back(locked)
    remark(locked, answer_id)
    assert returned_before(locked.assignment().id) == []
    lock_marks(assignment_id=locked.assignment().id, by=locked.evaluators[0])
    (old,) = returned_before(locked.assignment().id)
    assert (old["points"], old["why"]) == (3, WHY)
    assert sorted(mark["points"] for mark in queries.panel_marks(answer_id)) == [3, 5]


def test_no_other_mark_of_the_tender_opens(session: Session, locked: Evaluation) -> None:
    send_back(locked)
    with pytest.raises(MarksLocked, match="Only the marks that were returned"):
        remark(locked, locked.answers()[1])
    with pytest.raises(IntegrityError, match="not returned"), session.begin_nested():
        session.execute(
            text("UPDATE mark SET points = 5 WHERE answer_id = :id AND evaluator_id = :who"),
            {"id": locked.answers()[1], "who": locked.evaluators[0].person_id},
        )


def test_a_tender_with_a_returned_mark_is_not_complete(session: Session, locked: Evaluation) -> None:
    assert session.scalars(complete_applications(select(Application.id))).all() == locked.applications
    answer_id = send_back(locked)
    assert session.scalars(complete_applications(select(Application.id))).all() == []
    assert queries.panel_marks(answer_id) == []


def test_a_return_needs_a_reason(session: Session, locked: Evaluation) -> None:
    with pytest.raises(ReturnRefused, match="Say why"):
        send_back(locked, why="  ")
    assert locked.assignment().state == "locked"


def test_two_marks_are_returned_one_after_another_and_each_once(session: Session, locked: Evaluation) -> None:
    for _ in range(2):
        send_back(locked, 0)
        send_back(locked, 1)
    assert len(session.scalars(select(ReturnedMark)).all()) == 2
    remark(locked, locked.answers()[0])
    remark(locked, locked.answers()[1])


def test_after_the_second_lock_all_is_closed_again(session: Session, locked: Evaluation) -> None:
    answer_id = send_back(locked)
    lock_marks(assignment_id=locked.assignment().id, by=locked.evaluators[0])
    with pytest.raises(MarksLocked):
        remark(locked, answer_id)
    send_back(locked, 1)
    with pytest.raises(MarksLocked):
        remark(locked, answer_id)


def test_an_agreed_answer_is_unlocked_before_its_marks_are_returned(
    session: Session, locked: Evaluation
) -> None:
    agree_all(locked)
    with pytest.raises(ReturnRefused, match="Unlock the agreed mark first"):
        send_back(locked)
    unlock_mark(answer_id=locked.answers()[0], version=1, why="A slip in the marks.", by=locked.moderator)
    send_back(locked)


def test_nobody_else_returns_a_mark(session: Session, locked: Evaluation) -> None:
    strangers = (a_procurement_lead(), somebody_declared(locked, "moderator"), *locked.evaluators)
    for person in strangers:
        with pytest.raises(NotFound):
            send_back(locked, by=person)


def test_marks_that_are_not_locked_are_not_returned(session: Session, locked: Evaluation) -> None:
    answer_id = send_back(locked)
    session.execute(text("UPDATE assignment SET returned_at = NULL WHERE state = 'accepted'"))
    with pytest.raises((NotFound, NotLocked)):
        send_back(locked)
    assert answer_id


def test_what_was_returned_is_never_changed(session: Session, locked: Evaluation) -> None:
    send_back(locked)
    for change in ("UPDATE returned_mark SET why = 'x'", "DELETE FROM returned_mark"):
        with pytest.raises(DBAPIError, match="record"), session.begin_nested():
            session.execute(text(change))


def test_the_trail_tells_of_the_return_and_no_mark(session: Session, locked: Evaluation) -> None:
    send_back(locked)
    line = next(
        line for line in trail_of("assignment", locked.assignment().id) if line["action"] == "mark.return"
    )
    assert line["details"]["why"] == WHY
    assert "points" not in line["details"]


def test_each_mark_says_which_version_it_judged(session: Session, locked: Evaluation) -> None:
    judged = session.execute(select(Mark.answer_version, Mark.pack_version)).all()
    assert judged and all(answer >= 1 and pack == 1 for answer, pack in judged)


def test_the_lead_returns_a_mark_and_the_evaluator_mends_it(
    client: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    address = f"/returns/{locked.assignment().id}"
    answer_id = locked.answers()[0]
    lead = sign_in(app.test_client(), locked.lead.email)
    page = lead.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert "Names who does it" not in page
    assert lead.post(address, data={"answer": str(answer_id)}).status_code == 422
    assert lead.post(address, data={"answer": "none", "why": WHY}).status_code == 422
    assert lead.post(address, data={"answer": str(answer_id), "why": WHY}).status_code == 303
    sign_in(client, locked.evaluators[0].email)
    assert "Marks of 1 tender were returned to you" in client.get("/").get_data(as_text=True)
    own = f"/marking/{locked.assignment().id}"
    assert WHY in client.get(own).get_data(as_text=True)
    page = client.get(f"{own}/answers/{answer_id}").get_data(as_text=True)
    assert faults(page, app) == []
    assert "This mark was returned to you" in page
    other = client.get(f"{own}/answers/{locked.answers()[1]}").get_data(as_text=True)
    assert "Save and go on" not in other
