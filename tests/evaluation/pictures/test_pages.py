"""The pictures: right figures, whole pages, and nothing told too early or to the wrong person."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.services import declare_conflict
from evaluation.conformity.answer_queries import markable_answers
from evaluation.pictures import drawing, queries
from portal.accounts.access import Actor
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_marking_evaluation, agree_all, an_approver, mark_tender
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Three tenders in two lots. The first is locked, the second evaluator a point above the first on every
    other answer; of the second tender the first evaluator has marked all and not locked."""

    def made() -> Evaluation:
        marking = a_marking_evaluation(3, lots=2)
        for evaluator in (0, 1):
            mark_tender(marking, evaluator, 0, lambda who, n: 2 + who * (n % 2))
        mark_tender(marking, 0, 1, lock=False)
        return marking

    return build(made)


def board(marking: Evaluation) -> list[drawing.Marking]:
    return drawing.marking_of(queries.board_of(marking.round_id))


def test_the_board_counts_answers_marked_by_evaluator_and_lot(session: Session, marking: Evaluation) -> None:
    each = len(marking.answers(0))
    found = {person.name: person for person in board(marking)}
    first, second = (found[person.name] for person in marking.evaluators)
    assert (first.marked, first.to_mark) == (2 * each, 3 * each)
    assert (second.marked, second.to_mark) == (each, 3 * each)
    assert set(first.by_lot) == {None, "1", "2"}
    assert [sum(place) for place in zip(*second.by_lot.values(), strict=True)] == [each, 3 * each]


def test_a_tender_with_a_conflict_is_not_to_be_marked(session: Session, marking: Evaluation) -> None:
    second = marking.evaluators[1]
    declare_conflict(assignment_id=marking.assignment(1, 2).id, conflict="My sister works there.", by=second)
    found = {person.name: person for person in board(marking)}
    assert found[second.name].to_mark == 2 * len(marking.answers(0))


def test_only_what_is_ones_own_to_mark_is_counted(session: Session, marking: Evaluation) -> None:
    first, second = marking.evaluators
    answers = markable_answers(marking.round_id).subquery()
    lots = session.scalars(select(answers.c.lot_id)).all()
    one = max(lot for lot in lots if lot)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text("UPDATE assignment SET lots = ARRAY[:lot] WHERE evaluator_id = :person"),
        {"lot": one, "person": second.person_id},
    )
    found = {person.name: person.to_mark for person in board(marking)}
    assert (found[first.name], found[second.name]) == (len(lots), lots.count(None) + lots.count(one))
    assert found[second.name] < found[first.name]


def test_spread_counts_complete_tenders_alone(session: Session, marking: Evaluation) -> None:
    rows = queries.spread_by_question(marking.moderator, marking.round_id)
    assert sum(row["answers"] for row in rows) == len(marking.answers(0))
    assert {row["widest"] for row in rows} == {0, 1}
    apart = sum(row["answers"] - row["same"] for row in rows)
    assert apart == sum(row["mean"] * row["answers"] for row in rows) == len(marking.answers(0)) // 2


def test_severity_is_the_mean_difference_from_the_panels_mean(session: Session, marking: Evaluation) -> None:
    lower, higher = queries.severity_of(marking.moderator, marking.round_id)
    assert (lower["name"], higher["name"]) == tuple(person.name for person in marking.evaluators)
    assert lower["difference"] == -higher["difference"] == Decimal("-0.25")
    assert lower["tenders"] == 1 and lower["marks"] == len(marking.answers(0))


def test_a_conflict_takes_the_tender_out_of_ones_pictures(session: Session, marking: Evaluation) -> None:
    lead = marking.lead
    session.execute(
        text(
            "INSERT INTO assignment"
            " (application_id, evaluator_id, state, conflict_kind, conflict, declared_at)"
            " VALUES (:application, :person, 'conflicted', 'actual', 'My sister works there.', now())"
        ),
        {"application": marking.applications[0], "person": lead.person_id},
    )
    assert queries.spread_by_question(lead, marking.round_id) == []
    assert queries.severity_of(lead, marking.round_id) == []


VIEWERS: dict[str, Callable[[Evaluation], Actor]] = {
    "lead": lambda marking: marking.lead,
    "moderator": lambda marking: marking.moderator,
    "approver": lambda marking: an_approver(marking),
    "auditor": lambda marking: marking.person("auditor"),
    "evaluator": lambda marking: marking.evaluators[0],
}
READ = {
    "progress": {"lead", "moderator", "approver", "auditor"},
    "moderation/spread": {"lead", "moderator", "approver", "auditor"},
    "moderation/evaluators": {"lead", "moderator"},
}


@pytest.mark.parametrize("role", VIEWERS)
def test_who_sees_which_picture(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation, role: str
) -> None:
    visitor = sign_in(client, VIEWERS[role](marking).email)
    for page, readers in READ.items():
        answer = visitor.get(f"/rounds/{marking.round_id}/{page}")
        assert answer.status_code == (200 if role in readers else 403), page
        if role in readers:
            shown = answer.get_data(as_text=True)
            assert faults(shown, app) == []
            assert 'role="img"' in shown and "<table" in shown


def test_the_profile_shows_marks_beside_most_and_minimum(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    agree_all(marking, 0, points=lambda _, place: place % 4)
    visitor = sign_in(client, marking.lead.email)
    page = visitor.get(f"/rounds/{marking.round_id}/results/{marking.applications[0]}/profile")
    shown = page.get_data(as_text=True)
    assert faults(shown, app) == []
    assert "3 of 5" in shown and "Below the minimum" in shown
    assert shown.count('<svg class="portal-chart"') == shown.count("<table")
