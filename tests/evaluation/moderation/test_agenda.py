"""What the database keeps of locked marks for the agenda, its order, and the map drawn from it."""

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.services import declare_conflict
from evaluation.moderation import agenda_queries, map_queries, queries
from evaluation.moderation.models import AgendaItem
from evaluation.moderation.services import agree_mark
from evaluation.moderation.unlock_services import unlock_mark
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.bulk import BulkQuestion, BulkTender, a_bulk_round
from tests.factories.evaluation import AGREED, Evaluation, a_marking_evaluation, agree_all, mark_tender
from tests.web_client import sign_in

ITEMS = select(AgendaItem.answer_id).order_by(AgendaItem.answer_id)


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Three tenders in two lots; both evaluators have locked the first two, 0 to 5 points apart."""

    def made() -> Evaluation:
        marking = a_marking_evaluation(3, lots=2)
        for application in (0, 1):
            for evaluator in (0, 1):
                mark_tender(marking, evaluator, application, lambda who, n: who * (n % 6))
        return marking

    return build(made)


def order_of(marking: Evaluation) -> list[int]:
    rows = agenda_queries.agenda_of(marking.moderator, marking.round_id)
    return [row["answer_id"] for row in rows]


def agree(marking: Evaluation, answer_id: int) -> None:
    agree_mark(answer_id=answer_id, points=2, reason=AGREED, version=0, by=marking.moderator)


def test_an_answer_is_on_the_agenda_from_the_last_lock_on(session: Session, marking: Evaluation) -> None:
    mark_tender(marking, 0, 2)
    assert not set(marking.answers(2)) & set(session.scalars(ITEMS))
    mark_tender(marking, 1, 2, points=5)
    found = session.scalars(
        select(AgendaItem).where(AgendaItem.application_id == marking.applications[2])
    ).all()
    assert {item.answer_id for item in found} == set(marking.answers(2))
    assert {(item.marks, item.lowest, item.highest, item.total) for item in found} == {(2, 3, 5, 8)}


def test_a_conflict_found_late_can_complete_a_tender(session: Session) -> None:
    three = a_marking_evaluation(1, evaluators=3)
    for evaluator in (0, 1):
        mark_tender(three, evaluator)
    assert not set(three.answers()) & set(session.scalars(ITEMS))
    third = three.evaluators[2]
    declare_conflict(assignment_id=three.assignment(2).id, conflict="My sister works there.", by=third)
    assert set(three.answers()) <= set(session.scalars(ITEMS))


def test_an_item_knows_whether_a_mark_is_agreed(session: Session, marking: Evaluation) -> None:
    answer_id = order_of(marking)[0]
    agree(marking, answer_id)
    assert session.scalars(select(AgendaItem.agreed).where(AgendaItem.answer_id == answer_id)).one()
    unlock_mark(answer_id=answer_id, why="Looked at again.", version=1, by=marking.moderator)
    assert order_of(marking)[0] == answer_id


def test_what_was_kept_is_what_computing_anew_gives(session: Session, marking: Evaluation) -> None:
    agree_all(marking, 1)
    rows = "SELECT * FROM agenda_item ORDER BY answer_id"
    kept = session.execute(text(rows)).all()
    session.execute(text("SELECT refresh_agenda(array_agg(id)) FROM application"))
    assert session.execute(text(rows)).all() == kept


def test_neighbours_follow_the_order_of_the_agenda(session: Session, marking: Evaluation) -> None:
    order = order_of(marking)
    agree(marking, order[2])

    def ask(place: int) -> tuple[int | None, int | None]:
        item = queries.item_for(marking.moderator, order[place])
        return agenda_queries.neighbours_of(marking.moderator, item)

    assert ask(0) == (None, order[1])
    assert ask(1) == (order[0], order[3])
    assert ask(2) == (order[1], order[3])
    assert ask(-1) == (order[-2], None)


def test_saving_leads_on_and_from_the_last_back_to_the_first_that_is_left(
    client: FlaskClient, session: Session, marking: Evaluation
) -> None:
    order = order_of(marking)
    moderator = sign_in(client, marking.moderator.email)
    good = {"points": "3", "reason": AGREED, "version": "0"}
    for place, onward in ((4, order[5]), (-1, order[0])):
        answer = moderator.post(f"/moderation/{order[place]}", data=good)
        assert answer.location == f"/moderation/{onward}"


def test_the_map_has_a_line_for_common_answers_and_one_for_each_lot(
    session: Session, marking: Evaluation
) -> None:
    lines, total = map_queries.lines_of(marking.moderator, marking.round_id)
    assert total == len(lines) == 2 * (1 + 2)
    cells = {cell.answer_id: cell for line in lines for cell in line.cells.values()}
    assert set(cells) == {*marking.answers(0), *marking.answers(1)}
    assert {(cell.spread, cell.shade) for cell in cells.values()} >= {(0, 0), (1, 1), (5, 4)}
    assert sum(line.to_agree for line in lines) == len(cells)


def test_the_map_tells_figures_ticks_and_ways_to_each_answer(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    order = order_of(marking)
    agree(marking, order[0])
    page = sign_in(client, marking.moderator.email).get(f"/rounds/{marking.round_id}/moderation/map")
    shown = page.get_data(as_text=True)
    assert faults(shown, app) == []
    assert all(f'href="/moderation/{answer_id}"' in shown for answer_id in order)
    assert shown.count("✓</span>") == 1


def apart(points: tuple[int, ...]) -> BulkTender:
    """A tender whose two evaluators are so many points apart on each question."""
    marks = [{(question, None): high for question, high in enumerate(points)}, dict.fromkeys(ANSWERED, 0)]
    return BulkTender([0], dict.fromkeys(ANSWERED, 0), evaluators=marks)


ANSWERED = [(question, None) for question in range(4)]
SCALES = [BulkQuestion(Decimal(25), 0, highest, False) for highest in (10, 4, 3, 6)]


def test_the_widest_share_of_a_scale_comes_first_and_equal_shares_in_the_order_of_asking(
    session: Session, marking: Evaluation
) -> None:
    # 3 of 10, 2 of 4, 1 of 3 and 2 of 6: by points the first would lead, and the last come before the third.
    made = a_bulk_round(marking.council.id, SCALES, [apart((3, 2, 1, 2))])
    rows = agenda_queries.agenda_of(marking.lead, made.round_id, everything=True)
    assert [row["title"][:10] for row in rows] == ["Question 2", "Question 3", "Question 4", "Question 1"]


def test_the_map_puts_the_tender_first_that_differs_by_the_larger_shares(
    session: Session, marking: Evaluation
) -> None:
    made = a_bulk_round(marking.council.id, SCALES, [apart((5, 0, 0, 0)), apart((0, 3, 0, 0))])
    lines, _ = map_queries.lines_of(marking.lead, made.round_id)
    first = [cell.answer_id for cell in lines[0].cells.values()]
    assert made.answers[1, 1, None] in first
    # A third and a third are two thirds, whatever their last decimals are: the earlier tender comes first.
    equal = a_bulk_round(marking.council.id, SCALES, [apart((0, 0, 1, 2)), apart((0, 0, 2, 0))])
    lines, _ = map_queries.lines_of(marking.lead, equal.round_id)
    assert equal.answers[0, 0, None] in [cell.answer_id for cell in lines[0].cells.values()]
