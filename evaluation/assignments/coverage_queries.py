"""Who has which answer to mark, and whether every answer has evaluators enough.

An answer is *covered* by the assignments of its tender that include its section and its lot. At least two
evaluators mark every answer; a tender is *complete* when two have locked for each, and nobody is left who has
still to lock. Until then nobody but their author reads a mark; that rule stands here, once.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, any_, func, or_, select
from sqlalchemy.orm import aliased

from evaluation.assignments.lifecycle import ACTIVE
from evaluation.assignments.models import Assignment
from evaluation.conformity.answer_queries import markable_answers, of_all

FEWEST_EVALUATORS = 2


def in_scope(answers: Subquery, assignment: Any = Assignment) -> ColumnElement[bool]:
    """Whether an answer (of `markable_answers`) is the assignment's to mark; they are of the same tender."""
    return and_(
        or_(of_all(assignment.sections), answers.c.section == any_(assignment.sections)),
        or_(
            of_all(assignment.lots),
            answers.c.lot_id.is_(None),
            answers.c.lot_id == any_(assignment.lots),
        ),
    )


def whole() -> ColumnElement[bool]:
    """Whether the assignment is of the whole tender."""
    return and_(of_all(Assignment.sections), of_all(Assignment.lots))


def enough_evaluators(
    application_id: ColumnElement[int],
    round_id: int | None,
    *,
    of: Select[tuple[int]] | None = None,
) -> ColumnElement[bool]:
    """In a select grouped by tender and joined with its assignments: whether two active ones cover every
    answer. Where two have the whole tender, no answer is looked at. `of` as in `markable_answers`."""
    answers = markable_answers(round_id, of=of).subquery()
    other = aliased(Assignment)
    covering = (
        select(func.count())
        .where(
            other.application_id == answers.c.application_id,
            other.state.in_(ACTIVE),
            in_scope(answers, other),
        )
        .scalar_subquery()
    )
    short = (
        select(answers.c.id)
        .where(answers.c.application_id == application_id, covering < FEWEST_EVALUATORS)
        .exists()
    )
    wholes = func.count(Assignment.id).filter(Assignment.state.in_(ACTIVE), whole())
    return or_(wholes >= FEWEST_EVALUATORS, ~short)


def complete_applications(of: Select[tuple[int]]) -> Select[tuple[int]]:
    """Select of the ids, among those selected by `of`, of the applications whose evaluators have all locked,
    two for every answer."""
    return (
        select(Assignment.application_id)
        .where(Assignment.state.in_(ACTIVE), Assignment.application_id.in_(of))
        .group_by(Assignment.application_id)
        .having(
            and_(
                func.count() >= FEWEST_EVALUATORS,
                func.bool_and(Assignment.state == "locked"),
                enough_evaluators(Assignment.application_id, None, of=of),
            )
        )
    )
