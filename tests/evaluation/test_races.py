"""Two people, or two windows of one, at the same moment: on a database of its own, really committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from evaluation.assignments.models import Assignment
from evaluation.assignments.services import assign_panel
from evaluation.moderation.identical_services import agree_identical
from evaluation.moderation.models import AgendaItem, AgreedMark
from evaluation.moderation.services import AgreedMeanwhile, agree_mark
from evaluation.scoring.models import Mark
from evaluation.scoring.services import MarkChangedMeanwhile, MarksLocked, lock_marks, record_mark
from portal.database import db
from portal.errors import Refusal
from tests.factories.evaluation import AGREED, REASON, Evaluation, a_marking_evaluation, mark_tender


@pytest.fixture(scope="module")
def marking(racing: Flask) -> Evaluation:
    """One tender for one lot, accepted by two evaluators."""
    with racing.app_context():
        return a_marking_evaluation()


def at_once(racing: Flask, *actions: Callable[[], Any]) -> list[Any]:
    """What each action gives or refuses when all of them start together."""
    together = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        with racing.app_context():
            together.wait()
            try:
                action()
            except Refusal as refusal:
                return type(refusal)
            return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_of_two_saves_of_one_mark_one_is_kept_and_the_other_told(racing: Flask, marking: Evaluation) -> None:
    with racing.app_context():
        assignment_id, answer_id = marking.assignment().id, marking.answers()[0]

    def save(points: int) -> Callable[[], Any]:
        return lambda: record_mark(
            assignment_id=assignment_id,
            answer_id=answer_id,
            points=points,
            reason=REASON,
            version=0,
            by=marking.evaluators[0],
        )

    answers = at_once(racing, save(2), save(4))
    assert sorted(map(str, answers)) == sorted(["done", str(MarkChangedMeanwhile)])
    with racing.app_context():
        assert db.session.scalars(select(Mark)).one().points == (2 if answers[0] == "done" else 4)


def test_handing_out_twice_at_once_makes_each_assignment_once(racing: Flask, marking: Evaluation) -> None:
    hand_out = lambda: assign_panel(round_id=marking.round_id, by=marking.lead)  # noqa: E731
    assert at_once(racing, hand_out, hand_out, hand_out) == ["done"] * 3
    with racing.app_context():
        assert db.session.scalar(select(func.count()).select_from(Assignment)) == 2


def test_a_save_and_a_lock_at_once_leave_no_unlocked_change(racing: Flask, marking: Evaluation) -> None:
    with racing.app_context():
        own, by = marking.assignment().id, marking.evaluators[0]
        answer_id = marking.answers()[0]
        first = db.session.scalars(select(Mark).where(Mark.answer_id == answer_id)).one().points
        for other in marking.answers()[1:]:
            record_mark(assignment_id=own, answer_id=other, points=3, reason=REASON, version=0, by=by)
    save = lambda: record_mark(  # noqa: E731
        assignment_id=own, answer_id=answer_id, points=5, reason=REASON, version=1, by=by
    )
    answers = at_once(racing, save, lambda: lock_marks(assignment_id=own, by=by))
    assert answers in (["done", "done"], [MarksLocked, "done"])
    with racing.app_context():
        kept = db.session.scalars(select(Mark).where(Mark.answer_id == answer_id)).one().points
        assert kept == (5 if answers[0] == "done" else first)
        assert marking.assignment().state == "locked"


def test_of_two_agreed_marks_at_once_one_is_kept_and_the_other_told(
    racing: Flask, marking: Evaluation
) -> None:
    with racing.app_context():
        mark_tender(marking, 1)
        answer_id = marking.answers()[0]

    def agree(points: int) -> Callable[[], Any]:
        return lambda: agree_mark(
            answer_id=answer_id, points=points, reason=AGREED, version=0, by=marking.moderator
        )

    answers = at_once(racing, agree(2), agree(3))
    assert sorted(map(str, answers)) == sorted(["done", str(AgreedMeanwhile)])
    with racing.app_context():
        assert db.session.scalars(select(AgreedMark)).one().points == (2 if answers[0] == "done" else 3)


def test_two_who_lock_at_once_put_the_tender_on_the_agenda_and_two_clicks_agree_it_once(
    racing: Flask,
) -> None:
    with racing.app_context():
        fresh = a_marking_evaluation(3)
        for tender in range(3):
            for who in (0, 1):
                mark_tender(fresh, who, tender, lock=False)
        own = [
            [(fresh.assignment(who, tender).id, fresh.evaluators[who]) for who in (0, 1)]
            for tender in range(3)
        ]
        answers = [answer for tender in range(3) for answer in fresh.answers(tender)]
    for pair in own:
        locks = [lambda id=id, by=by: lock_marks(assignment_id=id, by=by) for id, by in pair]
        assert at_once(racing, *locks) == ["done", "done"]
    with racing.app_context():
        assert set(db.session.scalars(select(AgendaItem.answer_id))) >= set(answers)
    click = lambda: agree_identical(  # noqa: E731
        round_id=fresh.round_id, reasons=dict.fromkeys(answers, AGREED), by=fresh.moderator
    )
    assert at_once(racing, click, click) == ["done", "done"]
    with racing.app_context():
        kept = select(AgreedMark.version).where(AgreedMark.answer_id.in_(answers))
        assert db.session.scalars(kept).all() == [1] * len(answers)
