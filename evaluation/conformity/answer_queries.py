"""Which answers count: those that are marked, in the lots that stand."""

from sqlalchemy import Select, any_, func, or_, select

from evaluation.conformity.queries import lots_with_standing
from tender.applications.models import Answer
from tender.frameworks.models import Question


def markable_answers(round_id: int | None) -> Select[tuple[int, int, int, str, int | None]]:
    """Select of (id, application_id, question_id, section, lot_id) of the answers that count, of one round or
    of all (None).

    They are the answers to scored questions, in submitted applications, for lots that stand; for any lot that
    stands, where the question is not asked per lot. A scored question that is not asked of everybody is one
    of certain lots, and asked per lot: no other pack is published.
    """
    lots = lots_with_standing(round_id).subquery()
    standing = select(lots.c.application_id).where(
        lots.c.stands, lots.c.application_id == Answer.application_id
    )
    return (
        select(Answer.id, Answer.application_id, Answer.question_id, Question.section, Answer.lot_id)
        .join(Question, Question.id == Answer.question_id)
        .where(
            Question.judged_as == "scored",
            Question.withdrawn_in.is_(None),
            or_(func.cardinality(Question.lots) == 0, Answer.lot_id == any_(Question.lots)),
            or_(
                (Answer.lot_id.is_(None)) & standing.exists(),
                standing.where(lots.c.lot_id == Answer.lot_id).exists(),
            ),
        )
    )
