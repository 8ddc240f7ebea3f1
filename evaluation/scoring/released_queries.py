"""Reading what is released of a tender beside one's own part: sections that others mark apart."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, any_, func, not_, or_, select

from evaluation.assignments.models import ApartSection, Assignment
from evaluation.conformity.answer_queries import tells_price
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
from tender.applications.models import Answer, AnswerFile
from tender.frameworks.models import Lot, Question
from tender.frameworks.queries import known_options


def released_answers(assignment: RowMapping) -> Sequence[RowMapping]:
    """The answers of released sections that are not the assignment's own, in order: answer_id, title,
    lot_number. Nothing before the evaluator has accepted."""
    if assignment["state"] not in ("accepted", "locked"):
        return []
    return (
        db.session.execute(
            select(Answer.id.label("answer_id"), Question.title, Lot.number.label("lot_number"))
            .join(Question, Question.id == Answer.question_id)
            .join(Assignment, Assignment.id == assignment["id"])
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .where(_released())
            .order_by(Question.position, Lot.position, Answer.id)
        )
        .mappings()
        .all()
    )


def released_answer(assignment: RowMapping, answer_id: int) -> RowMapping:
    """One of these answers. Raises `NotFound`.

    Columns: id, value, code, title, text, kind, options, shape, lot_number, lot_title.
    """
    row = (
        db.session.execute(
            select(
                Answer.id,
                Answer.value,
                Question.code,
                Question.title,
                Question.text,
                Question.kind,
                known_options(),
                Question.shape,
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
            )
            .join(Question, Question.id == Answer.question_id)
            .join(Assignment, Assignment.id == assignment["id"])
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .where(Answer.id == answer_id, _released())
        )
        .mappings()
        .one_or_none()
    )
    if row is None or assignment["state"] not in ("accepted", "locked"):
        raise NotFound
    return row


def released_document(assignment: RowMapping, answer_id: int, document_id: UUID) -> Document:
    """A document given with one of these answers. Raises `NotFound`."""
    released_answer(assignment, answer_id)
    document = db.session.execute(
        select(Document)
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .where(AnswerFile.answer_id == answer_id, Document.id == document_id)
    ).scalar_one_or_none()
    if document is None:
        raise NotFound
    return document


def _released() -> ColumnElement[bool]:
    own = or_(func.cardinality(Assignment.sections) == 0, Question.section == any_(Assignment.sections))
    released = (
        select(ApartSection.section)
        .where(
            ApartSection.round_id == Question.round_id,
            ApartSection.section == Question.section,
            ApartSection.released_at.is_not(None),
        )
        .exists()
    )
    scored = Question.judged_as == "scored"
    # A price is no evaluator's to read before it can colour no mark: what they have to do is over by then.
    return and_(
        Answer.application_id == Assignment.application_id,
        released,
        not_(and_(own, scored)),
        not_(tells_price()),
    )
