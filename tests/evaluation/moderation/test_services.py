"""The agenda and the agreed marks."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.moderation import agenda_queries, queries
from evaluation.moderation.models import AgreedMark
from evaluation.moderation.services import (
    AgreedMeanwhile,
    ModerationOver,
    NotTheModerator,
    UnlockedMeanwhile,
    agree_mark,
)
from evaluation.moderation.unlock_services import NothingToUnlock, WhyMissing, unlock_mark
from evaluation.scoring.models import Mark
from evaluation.scoring.reasons import ReasonRefused
from evaluation.scoring.services import NotOnTheScale
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import NotFound
from tender.frameworks.services import mark_decided
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import (
    AGREED,
    REASON,
    Evaluation,
    a_locked_evaluation,
    agree_all,
    declare_none,
)

WHY = "The panel had not seen the second document of this answer."


@pytest.fixture(scope="module")
def locked(build: Build) -> Evaluation:
    """Two tenders, locked by evaluators who differ by one on the second answer and by three on the third."""
    differences = {1: 1, 2: 3}
    return build(
        lambda: a_locked_evaluation(2, points=lambda evaluator, n: 1 + evaluator * differences.get(n, 0))
    )


def agree(
    locked: Evaluation,
    *,
    answer: int = 0,
    points: int = 3,
    reason: str = AGREED,
    version: int = 0,
    by: Actor | None = None,
) -> AgreedMark:
    return agree_mark(
        answer_id=agenda(locked)[answer],
        points=points,
        reason=reason,
        version=version,
        by=by or locked.moderator,
    )


def unlock(
    locked: Evaluation, answer_id: int, *, why: str = WHY, version: int = 1, by: Actor | None = None
) -> None:
    unlock_mark(answer_id=answer_id, why=why, version=version, by=by or locked.moderator)


def agenda(locked: Evaluation) -> list[int]:
    rows = agenda_queries.agenda_of(locked.moderator, locked.round_id, everything=True)
    return [row["answer_id"] for row in rows]


def test_the_widest_difference_that_weighs_most_comes_first(session: Session, locked: Evaluation) -> None:
    rows = agenda_queries.agenda_of(locked.moderator, locked.round_id)
    weighed = [row["spread"] * row["weight"] for row in rows]
    assert len(rows) == agenda_queries.progress_of(locked.round_id).ready == 12
    assert weighed == sorted(weighed, reverse=True)
    assert [(row["lowest"], row["highest"]) for row in rows[:5]] == [(1, 4)] * 2 + [(1, 2)] * 2 + [(1, 1)]


def test_what_is_agreed_leaves_the_agenda(session: Session, locked: Evaluation) -> None:
    first = agenda(locked)[0]
    agree(locked)
    left = agenda_queries.agenda_of(locked.moderator, locked.round_id)
    assert len(left) == 11
    assert first not in [row["answer_id"] for row in left]
    assert agenda_queries.next_on_agenda(locked.moderator, locked.round_id) == left[0]["answer_id"]


def test_an_agreed_mark_leaves_individual_marks_alone(session: Session, locked: Evaluation) -> None:
    before = session.execute(select(Mark.id, Mark.points, Mark.reason).order_by(Mark.id)).all()
    agree(locked, points=5)
    assert session.execute(select(Mark.id, Mark.points, Mark.reason).order_by(Mark.id)).all() == before


def test_a_change_of_an_agreed_mark_is_versioned_and_told(session: Session, locked: Evaluation) -> None:
    answer_id = agree(locked, points=2).answer_id
    unlock(locked, answer_id)
    agree(locked, points=4, version=1)
    anew, back = (line["details"] for line in trail_of("agreed_mark", answer_id)[:2])
    assert (back["before"], back["version"], back["why"]) == (2, 1, WHY)
    assert (anew["after"], anew["version"]) == (4, 2)


def test_unlocking_keeps_the_old_mark_and_its_reason(session: Session, locked: Evaluation) -> None:
    answer_id = agree(locked, points=2).answer_id
    unlock(locked, answer_id)
    (old,) = queries.history_of(answer_id)
    assert (old["points"], old["reason"], old["why"]) == (2, AGREED, WHY)
    assert old["moderator_name"] == old["unlocked_by"] == locked.moderator.name
    assert queries.item_for(locked.moderator, answer_id)["points"] is None


def test_a_mark_that_does_not_stand_is_not_unlocked(session: Session, locked: Evaluation) -> None:
    with pytest.raises(NothingToUnlock):
        unlock(locked, agenda(locked)[0])
    answer_id = agree(locked).answer_id
    with pytest.raises(NothingToUnlock):
        unlock(locked, answer_id, version=2)


@pytest.mark.parametrize("why", ["", "  \n"])
def test_unlocking_needs_its_reason(session: Session, locked: Evaluation, why: str) -> None:
    answer_id = agree(locked).answer_id
    with pytest.raises(WhyMissing):
        unlock(locked, answer_id, why=why)


def test_only_a_moderator_of_the_panel_unlocks_and_only_while_marking(
    session: Session, locked: Evaluation
) -> None:
    answer_id, other = agree(locked).answer_id, locked.person("moderator")
    declare_none(locked, other)
    with pytest.raises(NotTheModerator):
        unlock(locked, answer_id, by=other)
    mark_decided(round_id=locked.round_id, by=locked.lead)
    with pytest.raises(ModerationOver):
        unlock(locked, answer_id)


def test_who_has_not_read_why_a_mark_was_unlocked_is_told(session: Session, locked: Evaluation) -> None:
    unlock(locked, agree(locked).answer_id)
    with pytest.raises(UnlockedMeanwhile) as told:
        agree(locked, points=5)
    assert told.value.version == 1


def test_of_two_moderators_with_one_page_the_second_is_told(session: Session, locked: Evaluation) -> None:
    agree(locked, points=2)
    with pytest.raises(AgreedMeanwhile) as told:
        agree(locked, points=5)
    assert (told.value.points, told.value.version) == (2, 1)


@pytest.mark.parametrize("points", [-1, 6])
def test_an_agreed_mark_is_on_the_scale(session: Session, locked: Evaluation, points: int) -> None:
    with pytest.raises(NotOnTheScale):
        agree(locked, points=points)


@pytest.mark.parametrize("reason", ["", "Agreed by all", REASON, REASON.upper(), f"{REASON} And: {REASON}"])
def test_evaluators_words_alone_are_not_the_panels(session: Session, locked: Evaluation, reason: str) -> None:
    for place in (0, 5):
        with pytest.raises(ReasonRefused):
            agree(locked, answer=place, points=1, reason=reason)


def test_only_a_moderator_of_the_rounds_own_panel_agrees(session: Session, locked: Evaluation) -> None:
    other = locked.person("moderator")
    declare_none(locked, other)
    for person in (other, locked.lead):
        with pytest.raises(NotTheModerator):
            agree(locked, by=person)
    stranger = a_person(a_council("Another Council"), "moderator")
    with pytest.raises(NotFound):
        agree(locked, by=stranger)


def test_nothing_is_agreed_once_the_results_are_decided(session: Session, locked: Evaluation) -> None:
    agree(locked)
    mark_decided(round_id=locked.round_id, by=locked.lead)
    with pytest.raises(ModerationOver):
        agree(locked, points=5, version=1)


def test_a_round_is_complete_with_its_last_agreed_mark(session: Session, locked: Evaluation) -> None:
    agree_all(locked, 0)
    assert agenda_queries.progress_of(locked.round_id) == agenda_queries.Progress(6, 6, 0)
    agree_all(locked, 1)
    assert agenda_queries.progress_of(locked.round_id) == agenda_queries.Progress(12, 0, 0)


def test_a_moderator_is_told_how_many_are_ready(session: Session, locked: Evaluation) -> None:
    (task,) = queries.waiting_for(locked.moderator).now
    assert "12 agreed marks to make" in task.sentence
    assert not queries.waiting_for(locked.person("moderator")).now
    agree_all(locked, 0)
    agree_all(locked, 1)
    assert not queries.waiting_for(locked.moderator).now
