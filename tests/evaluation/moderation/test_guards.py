"""What the database itself refuses of agreed marks and meetings, whatever the program does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from evaluation.moderation.unlock_services import unlock_mark
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_locked_evaluation, agree_all

A_FORGED_PAST = """
    INSERT INTO unlocked_mark
      (answer_id, version, points, reason, moderator_id, agreed_at, why, unlocked_by_id)
    SELECT answer_id, version, 5, reason, moderator_id, agreed_at, 'Never said.', moderator_id
    FROM agreed_mark LIMIT 1
"""


@pytest.fixture(scope="module")
def agreed(build: Build) -> Evaluation:
    """One tender with its agreed marks."""

    def made() -> Evaluation:
        locked = a_locked_evaluation()
        agree_all(locked)
        return locked

    return build(made)


def unlock(agreed: Evaluation) -> int:
    answer_id = agreed.answers()[0]
    unlock_mark(answer_id=answer_id, why="Looked at again.", version=1, by=agreed.moderator)
    return answer_id


@pytest.mark.parametrize(
    "change", ["UPDATE agreed_mark SET points = 5", "DELETE FROM agreed_mark", A_FORGED_PAST]
)
def test_an_agreed_mark_goes_only_when_what_it_was_is_kept(
    session: Session, agreed: Evaluation, change: str
) -> None:
    with pytest.raises(IntegrityError):
        session.execute(text(change))


@pytest.mark.parametrize("change", ["UPDATE unlocked_mark SET points = 5", "DELETE FROM unlocked_mark"])
def test_what_an_agreed_mark_was_is_never_changed(session: Session, agreed: Evaluation, change: str) -> None:
    unlock(agreed)
    with pytest.raises(DatabaseError, match="its rows are a record"):
        session.execute(text(change))


def test_a_mark_agreed_anew_bears_a_higher_version(session: Session, agreed: Evaluation) -> None:
    answer_id = unlock(agreed)
    again = """
      INSERT INTO agreed_mark (answer_id, question_id, scale_id, points, reason, moderator_id, version)
      SELECT answer.id, question.id, scale_id, 4, 'Looked at again.', :moderator, :version
      FROM answer JOIN question ON question.id = question_id WHERE answer.id = :answer
    """
    values = {"answer": answer_id, "moderator": agreed.moderator.person_id}
    with pytest.raises(IntegrityError, match="there was one before"), session.begin_nested():
        session.execute(text(again), {**values, "version": 1})
    session.execute(text(again), {**values, "version": 2})
