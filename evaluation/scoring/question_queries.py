"""Reading for horizontal marking: one question, all its tenders one after another.

Each evaluator reads the tenders of a question in an order of their own, shuffled by the seed that is stored
with their place on the panel, so that nobody's tender is always first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Text, and_, cast, collate, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from evaluation.assignments.coverage_queries import in_scope
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.assignments.queries import shown_state
from evaluation.conformity.answer_queries import markable_answers
from evaluation.scoring.access import practice_waits
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Framework, Lot, Question, Round


def _shuffled(application_id: ColumnElement[int], question_id: ColumnElement[int]) -> ColumnElement[str]:
    seed = cast(func.coalesce(PanelMember.seed, 0), Text)
    shuffled = func.md5(func.concat_ws(":", seed, cast(question_id, Text), cast(application_id, Text)))
    return collate(shuffled, "C")


def _own_answers(viewer: Actor, *states: str) -> Select[Any]:
    """Every answer that the viewer marks in assignments of these states, with its place in their order."""
    own = and_(Assignment.evaluator_id == viewer.person_id, Assignment.state.in_(states))
    tenders = (
        select(Assignment.application_id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Round, Round.id == Application.round_id)
        .where(own, shown_state() != "ended")
    )
    answers = markable_answers(None, of=tenders).subquery()
    return (
        select(answers.c.id.label("answer_id"), answers.c.question_id, answers.c.lot_id)
        .add_columns(
            Assignment.id.label("assignment_id"),
            answers.c.round_id,
            Mark.id.label("mark_id"),
            _shuffled(answers.c.application_id, answers.c.question_id).label("place"),
        )
        .select_from(Assignment)
        .join(answers, and_(answers.c.application_id == Assignment.application_id, in_scope(answers)))
        .outerjoin(
            PanelMember,
            and_(
                PanelMember.round_id == answers.c.round_id,
                PanelMember.person_id == Assignment.evaluator_id,
            ),
        )
        .outerjoin(Mark, and_(Mark.answer_id == answers.c.id, Mark.evaluator_id == Assignment.evaluator_id))
        .where(own)
    )


def my_questions(viewer: Actor) -> Sequence[RowMapping]:
    """The questions of the tenders that the viewer has accepted and not locked, in the order of the packs.

    Columns: round_id, round_number, framework_title, question_id, title, weight, lot_number, lot_title,
    marked, to_mark, assignment_id and answer_id (the first in the viewer's own order that is not marked yet;
    the first of all when none is left), unpractised (whether the viewer practises first).
    """
    own = _own_answers(viewer, "accepted").cte("own")
    of_question = (own.c.round_id, own.c.question_id, own.c.lot_id)
    questions = (
        select(*of_question, func.count(own.c.mark_id).label("marked"), func.count().label("to_mark"))
        .group_by(*of_question)
        .subquery()
    )
    firsts = (
        select(own.c.question_id, own.c.lot_id, own.c.assignment_id, own.c.answer_id)
        .ext(distinct_on(own.c.question_id, own.c.lot_id))
        .order_by(own.c.question_id, own.c.lot_id, own.c.mark_id.is_not(None), own.c.place)
        .subquery()
    )
    return (
        db.session.execute(
            select(
                questions.c.round_id,
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
                questions.c.question_id,
                Question.title,
                Question.weight,
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                questions.c.marked,
                questions.c.to_mark,
                firsts.c.assignment_id,
                firsts.c.answer_id,
                practice_waits(viewer.person_id, questions.c.round_id).label("unpractised"),
            )
            .join(
                firsts,
                and_(
                    firsts.c.question_id == questions.c.question_id,
                    firsts.c.lot_id.is_not_distinct_from(questions.c.lot_id),
                ),
            )
            .join(Question, Question.id == questions.c.question_id)
            .join(Round, Round.id == questions.c.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .outerjoin(Lot, Lot.id == questions.c.lot_id)
            .where(Framework.council_id == viewer.organisation_id)
            .order_by(Round.id.desc(), Question.position, Lot.position)
        )
        .mappings()
        .all()
    )


def along_question(viewer: Actor, answer: RowMapping) -> list[tuple[int, int]]:
    """The (assignment, answer) pairs of one answer's question and lot that the viewer marks or has marked, in
    the viewer's own order. `answer` has question_id and lot_id."""
    own = _own_answers(viewer, "accepted", "locked").subquery()
    rows = db.session.execute(
        select(own.c.assignment_id, own.c.answer_id)
        .where(
            own.c.question_id == answer["question_id"],
            own.c.lot_id.is_not_distinct_from(answer["lot_id"]),
        )
        .order_by(own.c.place, own.c.answer_id)
    )
    return [(row.assignment_id, row.answer_id) for row in rows]
