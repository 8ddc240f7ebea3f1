"""Declaring on the list of all tenderers of a round."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.declaration_queries import (
    TendererList,
    round_to_declare_on,
    tenderers_for,
)
from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, ConflictDeclaration
from evaluation.assignments.services import CONFLICT_KINDS, keep_conflict, refuse_another
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, Refusal
from portal.lifecycle import move
from tender.frameworks.services import locked_round


class ListChanged(Conflict):
    """The list on the page is not the list of the round."""

    sentence = "The list of tenderers has changed since you opened the page. Read it again, then declare."


def declare_no_conflicts(*, round_id: int, seen: str, by: Actor) -> None:
    """`by` has no conflict with any tenderer on the list on whom they have not declared; `seen` is the list's
    fingerprint. An evaluator's tenders are open to them from then on. Done twice, it is done once.

    Raises `NotFound`, `ListChanged`.
    """
    with transaction() as session:
        listed = _list(session, round_id, seen, by)
        new = listed.undeclared
        session.add_all(
            ConflictDeclaration(
                application_id=each.application_id, person_id=by.person_id, declared_at=clock.now()
            )
            for each in new
        )
        session.flush()
        if new:
            record("conflict.declare_none", "round", round_id, by=by, tenderers=len(new))
        free = [each.application_id for each in listed.tenderers if not each.kind or each.waived]
        for assignment in _assignments(session, free, by):
            if assignment.state == "assigned":
                move(ASSIGNMENT, assignment, "accept", by=by)


def declare_conflict_on_list(
    *, round_id: int, place: int, kind: str, conflict: str, seen: str, by: Actor
) -> None:
    """`by` has a conflict with the tenderer at this place (from 0) of the list, whose tender closes to them
    unless it is waived. Possible later too; never unsaid. Marks that are locked stay as they are, and the
    lead decides what becomes of them. Raises `NotFound`, `ListChanged`, `AlreadyDeclared`, and `Refusal` for
    what is missing."""
    conflict = conflict.strip()
    with transaction() as session:
        listed = _list(session, round_id, seen, by).tenderers
        if not 0 <= place < len(listed):
            raise Refusal("Choose the tenderer.", field="tenderer")
        if kind not in CONFLICT_KINDS:
            raise Refusal("Say whether the conflict is actual, potential or perceived.", field="kind")
        if not conflict:
            raise Refusal(
                "Say what the conflict is, in a sentence. The procurement lead reads it.", field="conflict"
            )
        application_id = listed[place].application_id
        if listed[place].kind:
            return
        assignments = _assignments(session, [application_id], by)
        keep_conflict(session, application_id, kind, conflict, by)
        for assignment in assignments:
            if assignment.state == "locked":
                refuse_another(assignment)
                continue
            assignment.conflict_kind, assignment.conflict = kind, conflict
            move(ASSIGNMENT, assignment, "declare_conflict", by=by)


def _list(session: Session, round_id: int, seen: str, by: Actor) -> TendererList:
    round_to_declare_on(by, round_id)
    locked_round(round_id, by)
    listed = tenderers_for(by, round_id)
    if listed.seen != seen:
        raise ListChanged
    return listed


def _assignments(session: Session, application_ids: list[int], by: Actor) -> list[Assignment]:
    return list(
        session.scalars(
            select(Assignment)
            .where(Assignment.evaluator_id == by.person_id, Assignment.application_id.in_(application_ids))
            .order_by(Assignment.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
