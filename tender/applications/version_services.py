"""Saving what an answer said before: put back an earlier version, or let a colleague's stand."""

from typing import Any

from sqlalchemy import Select, select

from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import Conflict
from tender.applications.answer_services import NoLongerAsked, Saved, save_answer
from tender.applications.models import Answer, AnswerVersion
from tender.frameworks.models import Question


class VersionGone(Conflict):
    """The version that somebody chose is no longer there by itself: a newer one holds all of it."""

    sentence = (
        "Whoever wrote that version has gone on typing, so a newer version holds all of it. "
        "Choose again from the list."
    )


def put_back(
    *, application_id: int, code: str, earlier: int, version: int, by: Actor, lot_id: int | None = None
) -> Saved:
    """Save what the answer said at version `earlier` once more, as its newest version.

    `version` is the one that the page was drawn with. Raises `VersionGone`, `NoLongerAsked`, and all that
    `save_answer` does.
    """
    place: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    with transaction() as session:
        found = session.execute(
            _of(select(AnswerVersion.value), **place)
            .join(AnswerVersion, AnswerVersion.answer_id == Answer.id)
            .where(AnswerVersion.version == earlier)
        ).one_or_none()
        if found is None:
            raise VersionGone()
        return _again(**place, value=found.value, version=version, by=by)


def keep_theirs(
    *, application_id: int, code: str, value: Any, version: int, by: Actor, lot_id: int | None = None
) -> Saved:
    """Let stand what the answer says at `version`, a colleague's; `value`, typed meanwhile, is saved beneath.

    So `value` is among the earlier versions. Raises `NoLongerAsked`, and what `save_answer` does.
    """
    place: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    with transaction() as session:
        theirs = session.execute(_of(select(Answer.value), **place)).one_or_none()
        beneath = save_answer(**place, value=value, version=version, by=by)
        if theirs is None:
            return beneath
        return _again(**place, value=theirs.value, version=beneath.version, by=by)


def _again(**answer: Any) -> Saved:
    """Save what was kept before. Raises `NoLongerAsked` where it is no answer to the question as it is asked
    now, and all that `save_answer` does."""
    try:
        return save_answer(**answer)
    except ValueError:
        raise NoLongerAsked() from None


def _of(statement: Select[Any], *, application_id: int, code: str, lot_id: int | None) -> Select[Any]:
    """`statement` for one answer. Whoever asks is checked by the saving that goes with it."""
    return (
        statement.select_from(Answer)
        .join(Question, Question.id == Answer.question_id)
        .where(
            Answer.application_id == application_id,
            Answer.lot_id.is_not_distinct_from(lot_id),
            Question.code == code,
        )
    )
