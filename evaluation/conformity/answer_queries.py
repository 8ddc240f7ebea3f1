"""Which answers count: those that are marked, in the lots that stand."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, literal_column, or_, select, true, tuple_

from evaluation.conformity.queries import lots_with_standing
from tender.applications.models import Answer, ApplicationLot
from tender.frameworks.models import Question

_NONE: ColumnElement[Any] = literal_column("'{}'")


def of_all(column: Any) -> ColumnElement[bool]:
    """Whether an array that narrows something down is empty, so that it means everything.

    Compared with a literal, of which the planner has statistics: of the size of an array it has none and
    takes one row in two hundred for empty, where nearly all are.
    """
    empty: ColumnElement[bool] = column == _NONE
    return empty


def tells_price() -> ColumnElement[bool]:
    """Whether the answer to a `Question` is a price: one that is scored, or judged against a ceiling."""
    return or_(
        Question.judged_as == "priced",
        and_(
            Question.judged_as != "scored",
            or_(Question.rule == "at_most_ceiling", Question.kind == "rate_card"),
        ),
    )


def markable_answers(
    round_id: int | None, *, of: Select[tuple[int]] | None = None
) -> Select[tuple[int, int, int, str, int | None, int]]:
    """Select of (id, application_id, question_id, section, lot_id, round_id) of the answers that count.

    Of one round, or of all (None); `of` as in `counts`.
    """
    return (
        select(
            Answer.id,
            Answer.application_id,
            Answer.question_id,
            Question.section,
            Answer.lot_id,
            Question.round_id,
        )
        .join(Question, Question.id == Answer.question_id)
        .where(counts(round_id, Answer.application_id, Answer.lot_id, of=of))
    )


def counts(
    round_id: int | None,
    application_id: ColumnElement[int],
    lot_id: ColumnElement[int | None],
    *,
    of: Select[tuple[int]] | None = None,
) -> ColumnElement[bool]:
    """The condition, on `Question` and these columns of an answer, that the answer counts.

    Those count that answer a scored question, in submitted applications, for lots that stand; for any lot
    that stands, where the question is not asked per lot. A scored question that is not asked of everybody is
    one of certain lots, and asked per lot: no other pack is published.

    For a round, or for those applications `of` all rounds whose ids are selected, the lots that stand are
    read once, whatever the planner takes their number for; else they are looked up one by one.
    """
    standing_of = lots_with_standing(round_id)
    if of is not None:
        standing_of = standing_of.where(ApplicationLot.application_id.in_(of))
    lots = standing_of.subquery()
    if round_id is None and of is None:
        standing = select(lots.c.application_id).where(lots.c.stands, lots.c.application_id == application_id)
        any_lot: ColumnElement[bool] = standing.exists()
        own_lot: ColumnElement[bool] = standing.where(lots.c.lot_id == lot_id).exists()
    else:
        stand = select(lots.c.application_id, lots.c.lot_id).where(lots.c.stands).cte()
        any_lot = application_id.in_(select(stand.c.application_id))
        own_lot = tuple_(application_id, lot_id).in_(select(stand.c.application_id, stand.c.lot_id))
    of_round: ColumnElement[bool] = true() if round_id is None else Question.round_id == round_id
    return and_(
        of_round,
        Question.judged_as == "scored",
        Question.withdrawn_in.is_(None),
        or_(of_all(Question.lots), lot_id == any_(Question.lots)),
        or_(and_(lot_id.is_(None), any_lot), own_lot),
    )
