"""Mitigating a declared conflict, and waiving it: proposed by the lead, decided by somebody else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, ConflictWaiver
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round


class WaiverRefused(Refusal):
    """The proposal or the decision says nothing, or is made by somebody who may not make it."""


class NothingToWaive(Conflict):
    """There is no declared conflict, or no proposal that waits."""

    sentence = "This conflict has been dealt with meanwhile. Read what was decided."


def propose_mitigation(*, assignment_id: int, mitigation: str, by: Actor) -> None:
    """The lead proposes how a declared conflict is kept from mattering, so that it may be waived.

    One proposal waits at a time; a new one is possible after a refusal. Raises `WaiverRefused`,
    `NothingToWaive`, `NotFound`. The Procurement Act 2023 asks that conflicts be mitigated.
    """
    mitigation = mitigation.strip()
    if not mitigation:
        raise WaiverRefused("Say what is done so that the conflict does not matter.", field="mitigation")
    with transaction() as session:
        assignment = _locked(session, assignment_id, by)
        if assignment.state != "conflicted" or _waiting(session, assignment_id) is not None:
            raise NothingToWaive
        if assignment.evaluator_id == by.person_id:
            raise WaiverRefused("Nobody proposes to waive a conflict of their own.")
        session.add(
            ConflictWaiver(
                assignment_id=assignment_id,
                evaluator_id=assignment.evaluator_id,
                mitigation=mitigation,
                proposed_at=clock.now(),
                proposed_by_id=by.person_id,
            )
        )
        record("conflict.propose_mitigation", "assignment", assignment_id, by=by, mitigation=mitigation)


def decide_waiver(*, assignment_id: int, granted: bool, reason: str, by: Actor) -> None:
    """Waive a declared conflict as proposed, which opens the tender to its evaluator, or refuse to.

    By somebody who neither declared nor proposed. Raises `WaiverRefused`, `NothingToWaive`, `NotFound`.
    """
    reason = reason.strip()
    if not reason:
        raise WaiverRefused("Give the reason for your decision. It is kept.", field="reason")
    with transaction() as session:
        assignment = _locked(session, assignment_id, by)
        waiver = _waiting(session, assignment_id)
        if assignment.state != "conflicted" or waiver is None:
            raise NothingToWaive
        if by.person_id in (assignment.evaluator_id, waiver.proposed_by_id):
            raise WaiverRefused("Somebody else decides: not who declared the conflict, and not who proposed.")
        waiver.granted, waiver.reason = granted, reason
        waiver.decided_at, waiver.decided_by_id = clock.now(), by.person_id
        session.flush()
        if granted:
            move(ASSIGNMENT, assignment, "waive_conflict", by=by, reason=reason)
        else:
            record("conflict.refuse_waiver", "assignment", assignment_id, by=by, reason=reason)


def _waiting(session: Session, assignment_id: int) -> ConflictWaiver | None:
    return session.execute(
        select(ConflictWaiver)
        .where(ConflictWaiver.assignment_id == assignment_id, ConflictWaiver.decided_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()


def _locked(session: Session, assignment_id: int, by: Actor) -> Assignment:
    session.flush()
    assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
    if assignment is None:
        raise NotFound
    council_id = session.scalar(
        select(Framework.council_id)
        .join(Round, Round.framework_id == Framework.id)
        .join(Application, Application.round_id == Round.id)
        .where(Application.id == assignment.application_id)
    )
    if council_id != by.organisation_id:
        raise NotFound
    return assignment
