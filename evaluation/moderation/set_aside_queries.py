"""Reading a conflict of interest that an evaluator declared after their marks were locked."""

from sqlalchemy import RowMapping, and_, exists, select
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import anothers, conflict_stands, conflicts_of
from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.database import db
from portal.errors import NotFound
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Answer
from tender.frameworks.models import Round


def to_set_aside(viewer: Actor, declaration_id: int) -> RowMapping:
    """A conflict declared after the lock, for a lead who may set the marks aside: it stands, no mitigation
    waits for its decision, and the round is being marked.

    Never for whoever declared it, or has a conflict with that provider too. Raises `NotFound`,
    `NotDeclaredYet`. Columns: evaluator_name, provider_name, round_id, round_number, framework_title,
    application_id, person_id, assignment_id, conflict_kind, conflict, declared_at.
    """
    declared, marked = ConflictDeclaration, aliased(Assignment)
    waits = exists().where(ConflictWaiver.declaration_id == declared.id, ConflictWaiver.decided_at.is_(None))
    found = (
        anothers(viewer, declared, declared.person_id)
        .add_columns(
            declared.application_id,
            declared.person_id,
            marked.id.label("assignment_id"),
            declared.conflict_kind,
            declared.conflict,
            declared.declared_at,
        )
        .join(
            marked,
            and_(
                marked.application_id == declared.application_id,
                marked.evaluator_id == declared.person_id,
                marked.state == "locked",
            ),
        )
        .where(
            declared.id == declaration_id,
            conflict_stands(),
            ~waits,
            Round.state == "marking",
            declared.application_id.not_in(conflicts_of(viewer)),
        )
    )
    row = db.session.execute(found).mappings().one_or_none()
    if row is None or not viewer.may("panel:manage"):
        raise NotFound
    refuse_undeclared(viewer, [row["application_id"]])
    return row


def answers_marked(application_id: int, person_id: int) -> list[int]:
    """The ids of a tender's answers that this evaluator marked, in order."""
    marked = select(Answer.id).join(Mark, Mark.answer_id == Answer.id)
    theirs = marked.where(Answer.application_id == application_id, Mark.evaluator_id == person_id)
    return list(db.session.scalars(theirs.order_by(Answer.id)))
