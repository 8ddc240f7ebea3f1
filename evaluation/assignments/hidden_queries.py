"""Reading where names are hidden from evaluators, what a tender is called there, and what they reported.

Names are hidden from an evaluator while they have something of the round to declare on or to lock, and of a
tender that they have not locked until the results are decided: nobody hands a tender back, reads the names
and takes it again. That rule stands here, once.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from evaluation.assignments.models import Assignment, IdentifyingAnswer, TenderCode
from portal.accounts.models import Organisation, Person
from portal.database import db
from tender.applications.models import Answer, Application
from tender.frameworks.models import Question, Round

UNDECIDED = ("published", "opened", "marking")
READS_NAMES = frozenset({"evaluation:read", "audit:read"})
"""Permissions that read who applied, whatever a round hides: who has one evaluates no such round."""


def names_hidden() -> ColumnElement[bool]:
    """In a select over `Assignment` and its `Round`: whether its evaluator must not read the name."""
    other, application = aliased(Assignment), aliased(Application)
    to_lock = exists().where(
        other.evaluator_id == Assignment.evaluator_id,
        other.state.in_(("assigned", "accepted")),
        application.id == other.application_id,
        application.round_id == Round.id,
    )
    return and_(Round.names_hidden, Round.state.in_(UNDECIDED), or_(Assignment.state != "locked", to_lock))


def shown_name() -> ColumnElement[str]:
    """In a select over `Assignment`, its `Round` and the provider's `Organisation`: what its evaluator calls
    the tender, its provider's name or its code."""
    code = (
        select(TenderCode.code)
        .where(TenderCode.application_id == Assignment.application_id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    return case((names_hidden(), func.concat("Tender ", code)), else_=Organisation.name)


def codes_of(round_id: int) -> dict[int, str]:
    """The codes of a round's tenders by application; none where names are not hidden."""
    rows = db.session.execute(
        select(TenderCode.application_id, TenderCode.code).where(TenderCode.round_id == round_id)
    )
    return {application_id: code for application_id, code in rows}


def hides_names(round_id: int) -> bool:
    """Whether the round's evaluators mark without names."""
    return bool(db.session.scalar(select(Round.names_hidden).where(Round.id == round_id)))


def reports_in(round_id: int) -> Sequence[RowMapping]:
    """Answers of a round that still told an evaluator whose they are, the newest first: evaluator_name,
    provider_name, code, title, what, reported_at. Who may ask is the caller's to check."""
    return (
        db.session.execute(
            select(
                Person.name.label("evaluator_name"),
                Organisation.name.label("provider_name"),
                TenderCode.code,
                Question.title,
                IdentifyingAnswer.what,
                IdentifyingAnswer.reported_at,
            )
            .join(Answer, Answer.id == IdentifyingAnswer.answer_id)
            .join(Question, Question.id == Answer.question_id)
            .join(TenderCode, TenderCode.application_id == Answer.application_id)
            .join(Application, Application.id == Answer.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Person, Person.id == IdentifyingAnswer.evaluator_id)
            .where(TenderCode.round_id == round_id)
            .order_by(IdentifyingAnswer.reported_at.desc(), IdentifyingAnswer.answer_id)
        )
        .mappings()
        .all()
    )
