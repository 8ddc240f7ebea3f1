"""Which answers count: those that are marked, in the lots that stand."""

from sqlalchemy import Select, and_, any_, func, or_, select, tuple_

from evaluation.conformity.queries import lots_with_standing
from tender.applications.models import Answer
from tender.frameworks.models import Question


def markable_answers(
    round_id: int | None, *, many: bool = False
) -> Select[tuple[int, int, int, str, int | None, int]]:
    """Select of (id, application_id, question_id, section, lot_id, round_id) of the answers that count.

    Of one round, or of all (None).

    They are the answers to scored questions, in submitted applications, for lots that stand; for any lot that
    stands, where the question is not asked per lot. A scored question that is not asked of everybody is one
    of certain lots, and asked per lot: no other pack is published.

    `many` tells the database to find all lots that stand first, once: for lists of hundreds of tenders.
    """
    lots = lots_with_standing(round_id).subquery()
    standing = select(lots.c.application_id).where(lots.c.stands)
    if many:
        of_tender = Answer.application_id.in_(standing)
        of_lot = tuple_(Answer.application_id, Answer.lot_id).in_(standing.add_columns(lots.c.lot_id))
    else:
        standing = standing.where(lots.c.application_id == Answer.application_id)
        of_tender = standing.exists()
        of_lot = standing.where(lots.c.lot_id == Answer.lot_id).exists()
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
        .where(
            Question.judged_as == "scored",
            Question.withdrawn_in.is_(None),
            or_(func.cardinality(Question.lots) == 0, Answer.lot_id == any_(Question.lots)),
            or_(and_(Answer.lot_id.is_(None), of_tender), of_lot),
        )
    )
