"""Agreeing together the marks on which all evaluators agree."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.moderation.identical_queries import identical_among, identical_marks
from evaluation.moderation.identical_services import NothingTicked, SomeRefused, agree_identical
from evaluation.moderation.models import AgreedMark
from evaluation.moderation.services import NotTheModerator, agree_mark
from evaluation.moderation.unlock_services import unlock_mark
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import AGREED, REASON, Evaluation, a_locked_evaluation, declare_none
from tests.web_client import sign_in

ANOTHER = "The panel found the same evidence in the plan and the rota."


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """One tender; the evaluators differ on every second of its six answers."""
    return build(lambda: a_locked_evaluation(points=lambda evaluator, n: 3 + evaluator * (n % 2)))


def same_of(locked: Evaluation) -> list[int]:
    rows, total = identical_marks(locked.moderator, locked.round_id)
    assert total == len(rows)
    return [row["answer_id"] for row in rows]


def agreed(session: Session) -> dict[int, tuple[int, str]]:
    return {mark.answer_id: (mark.points, mark.reason) for mark in session.scalars(select(AgreedMark))}


def agree(locked: Evaluation, reasons: dict[int, str]) -> int:
    return agree_identical(round_id=locked.round_id, reasons=reasons, by=locked.moderator)


def address(locked: Evaluation) -> str:
    return f"/rounds/{locked.round_id}/moderation/same-marks"


def ticked(locked: Evaluation, *answers: int, **fields: str) -> dict[str, str]:
    shown = " ".join(map(str, same_of(locked)))
    return {"shown": shown, "reason": "", **fields, **{f"tick-{answer}": "y" for answer in answers}}


def test_answers_with_the_same_mark_are_listed_with_every_reason(
    session: Session, locked: Evaluation
) -> None:
    rows, total = identical_marks(locked.moderator, locked.round_id)
    assert total == 3
    assert {(row["lowest"], len(row["names"]), row["agreed"]) for row in rows} == {(3, 2, None)}
    assert rows[0]["reasons"] == [REASON, REASON]


def test_marks_are_agreed_each_with_its_reason(session: Session, locked: Evaluation) -> None:
    first, second, third = same_of(locked)
    assert agree(locked, {first: AGREED, third: ANOTHER}) == 2
    assert agreed(session) == {first: (3, AGREED), third: (3, ANOTHER)}
    assert same_of(locked) == [second]


def test_a_second_click_does_nothing_more(session: Session, locked: Evaluation) -> None:
    first, second, _ = same_of(locked)
    for _ in range(2):
        assert agree(locked, {first: AGREED, second: AGREED}) == 2
    assert {mark.version for mark in session.scalars(select(AgreedMark))} == {1}


def test_one_poor_reason_keeps_all_from_being_saved(session: Session, locked: Evaluation) -> None:
    first, second, _ = same_of(locked)
    with pytest.raises(SomeRefused) as told:
        agree(locked, {first: AGREED, second: REASON})
    assert list(told.value.problems) == [second]
    assert agreed(session) == {}


def test_a_mark_that_stands_is_not_replaced(session: Session, locked: Evaluation) -> None:
    first, second, _ = same_of(locked)
    agree_mark(answer_id=first, points=2, reason=ANOTHER, version=0, by=locked.moderator)
    with pytest.raises(SomeRefused) as told:
        agree(locked, {first: AGREED, second: AGREED})
    assert "it stands" in told.value.problems[first].sentence
    assert agreed(session) == {first: (2, ANOTHER)}


def test_what_was_unlocked_is_agreed_on_its_own_page(session: Session, locked: Evaluation) -> None:
    first = same_of(locked)[0]
    agree(locked, {first: AGREED})
    unlock_mark(answer_id=first, why="A document was not read.", version=1, by=locked.moderator)
    assert first not in same_of(locked)
    with pytest.raises(SomeRefused) as told:
        agree(locked, {first: AGREED})
    assert "on its own page" in told.value.problems[first].sentence


def test_differing_marks_are_refused_and_so_is_nothing_at_all(session: Session, locked: Evaluation) -> None:
    differing = next(answer for answer in locked.answers() if answer not in same_of(locked))
    with pytest.raises(SomeRefused, match="Nothing is saved"):
        agree(locked, {differing: AGREED})
    with pytest.raises(NothingTicked):
        agree(locked, {})
    assert identical_among(locked.moderator, locked.round_id, [differing]) == []


def test_only_a_moderator_of_the_panel_agrees(session: Session, locked: Evaluation) -> None:
    with pytest.raises(NotTheModerator):
        agree_identical(
            round_id=locked.round_id,
            reasons={same_of(locked)[0]: AGREED},
            by=locked.person("moderator"),
        )


def test_the_page_agrees_what_is_ticked_with_one_reason_or_its_own(
    client: FlaskClient, session: Session, app: Flask, locked: Evaluation
) -> None:
    moderator = sign_in(client, locked.moderator.email)
    assert faults(moderator.get(address(locked)).get_data(as_text=True), app) == []
    first, second, third = same_of(locked)
    form = ticked(locked, first, second, reason=AGREED, **{f"reason-{second}": ANOTHER})
    for _ in range(2):
        assert moderator.post(address(locked), data=form).status_code == 303
    assert agreed(session) == {first: (3, AGREED), second: (3, ANOTHER)}
    assert f'href="/moderation/{third}"' in moderator.get(address(locked)).get_data(as_text=True)


@pytest.mark.parametrize(
    ("place", "reason", "own", "told"),
    [
        (None, AGREED, "", "Tick at least one answer"),
        (None, "", ANOTHER, "Tick this answer as well"),
        (0, "", "", "Give your reason"),
        (0, REASON, "", "only repeats or joins"),
    ],
)
def test_what_is_wrong_is_told_at_its_answer_and_nothing_typed_is_lost(
    client: FlaskClient,
    session: Session,
    app: Flask,
    locked: Evaluation,
    place: int | None,
    reason: str,
    own: str,
    told: str,
) -> None:
    answers = same_of(locked)
    chosen = [] if place is None else [answers[place]]
    form = ticked(locked, *chosen, reason=reason, **{f"reason-{answers[0]}": own})
    answer = sign_in(client, locked.moderator.email).post(address(locked), data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert reason in page and own in page
    assert faults(page, app) == []
    assert agreed(session) == {}


def test_another_moderator_reads_and_agrees_nothing(
    client: FlaskClient, session: Session, locked: Evaluation
) -> None:
    person = locked.person("moderator")
    declare_none(locked, person)
    other = sign_in(client, person.email)
    assert "Only a moderator of this round" in other.get(address(locked)).get_data(as_text=True)
    form = ticked(locked, same_of(locked)[0], reason=AGREED)
    assert other.post(address(locked), data=form).status_code == 422
    assert agreed(session) == {}
