"""Mitigating a declared conflict, and waiving it: proposed by the lead, decided by somebody else.

A conflict was declared with a tender that somebody has to mark (`assignment_id`) or on the list of all
tenderers (`declaration_id`); what is refused, and why, is the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.conflict_queries import conflict_stands
from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver
from evaluation.assignments.waiver_queries import marked_sections, waiver_would_tell
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


class WaiverTells(Refusal):
    """Names are hidden, and a waiver would tell an evaluator whose tender they get."""

    sentence = (
        "Names are hidden in this round, and this evaluator has tenders to mark. One that opened to them now "
        "would tell them whose it is. Let another evaluator mark it."
    )


@dataclass(frozen=True, slots=True)
class _Declared:
    """A declared conflict whose row is locked. `about` is what the trail calls it, `of` whose waiver it is in
    the columns of `ConflictWaiver`, `waiting` the proposal that waits, locked, too."""

    about: tuple[str, int]
    of: dict[str, int]
    person_id: int
    stands: bool
    tells: bool
    assignment: Assignment | None
    waiting: ConflictWaiver | None


def propose_mitigation(
    *,
    mitigation: str,
    by: Actor,
    assignment_id: int | None = None,
    declaration_id: int | None = None,
    left_out: Collection[str] = (),
) -> None:
    """The lead proposes how a declared conflict is kept from mattering, so that it may be waived.

    `left_out` are sections (codes) that the evaluator of an assignment would not mark: with the waiver they
    are neither shown to them nor theirs, and somebody else's to mark. One proposal waits at a time; a new one
    is possible after a refusal. Raises `WaiverRefused`, `WaiverTells`, `NothingToWaive`, `NotFound`. The
    Procurement Act 2023 asks that conflicts be mitigated.
    """
    mitigation = mitigation.strip()
    if not mitigation:
        raise WaiverRefused("Say what is done so that the conflict does not matter.", field="mitigation")
    with transaction() as session:
        conflict = _locked(session, by, assignment_id, declaration_id)
        if not conflict.stands or conflict.waiting is not None:
            raise NothingToWaive
        if conflict.person_id == by.person_id:
            raise WaiverRefused("Nobody proposes to waive a conflict of their own.")
        if conflict.tells:
            raise WaiverTells
        apart = sorted(set(left_out))
        if apart:
            _remaining(conflict, apart)
        session.add(
            ConflictWaiver(
                **conflict.of,
                evaluator_id=conflict.person_id,
                mitigation=mitigation,
                left_out=apart,
                proposed_at=clock.now(),
                proposed_by_id=by.person_id,
            )
        )
        record("conflict.propose_mitigation", *conflict.about, by=by, mitigation=mitigation, left_out=apart)


def _remaining(conflict: _Declared, left_out: Collection[str]) -> list[str]:
    """The sections that stay the evaluator's. Raises `WaiverRefused` where none does."""
    if conflict.assignment is None:
        raise WaiverRefused(
            "Sections are left out of a tender that was given to somebody to mark.", field="left_out"
        )
    theirs = marked_sections(conflict.assignment)
    remaining = [code for code in theirs if code not in left_out]
    if not remaining or not set(left_out) <= theirs.keys():
        raise WaiverRefused(
            "Leave at least one section to them, or let somebody else mark the whole tender.",
            field="left_out",
        )
    return remaining


def decide_waiver(
    *,
    granted: bool,
    reason: str,
    by: Actor,
    assignment_id: int | None = None,
    declaration_id: int | None = None,
) -> None:
    """Waive a declared conflict as proposed, which opens the tender to whoever declared it, or refuse to.

    By somebody who neither declared nor proposed. Raises `WaiverRefused`, `WaiverTells`, `NothingToWaive`,
    `NotFound`.
    """
    reason = reason.strip()
    if not reason:
        raise WaiverRefused("Give the reason for your decision. It is kept.", field="reason")
    with transaction() as session:
        conflict = _locked(session, by, assignment_id, declaration_id)
        waiver = conflict.waiting
        if not conflict.stands or waiver is None:
            raise NothingToWaive
        if by.person_id in (conflict.person_id, waiver.proposed_by_id):
            raise WaiverRefused("Somebody else decides: not who declared the conflict, and not who proposed.")
        if granted and conflict.tells:
            raise WaiverTells
        waiver.granted, waiver.reason = granted, reason
        waiver.decided_at, waiver.decided_by_id = clock.now(), by.person_id
        if granted and waiver.left_out and conflict.assignment is not None:
            conflict.assignment.sections = _remaining(conflict, waiver.left_out)
        session.flush()
        if not granted:
            record("conflict.refuse_waiver", *conflict.about, by=by, reason=reason)
        elif conflict.assignment is not None:
            move(ASSIGNMENT, conflict.assignment, "waive_conflict", by=by, reason=reason)
        else:
            record("conflict.waive", *conflict.about, by=by, reason=reason)


def _locked(session: Session, by: Actor, assignment_id: int | None, declaration_id: int | None) -> _Declared:
    """A conflict of the actor's council, locked until the transaction ends. Raises `NotFound`."""
    session.flush()
    row: Any = (
        session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
        if declaration_id is None
        else session.get(ConflictDeclaration, declaration_id, with_for_update=True, populate_existing=True)
    )
    if row is None:
        raise NotFound
    assignment = row if isinstance(row, Assignment) else None
    person_id = row.evaluator_id if assignment else row.person_id
    council_id, tells = session.execute(
        select(Framework.council_id, waiver_would_tell(person_id, row.application_id))
        .join(Round, Round.framework_id == Framework.id)
        .join(Application, Application.round_id == Round.id)
        .where(Application.id == row.application_id)
    ).one()
    if council_id != by.organisation_id:
        raise NotFound
    of = {"assignment_id": row.id} if assignment else {"declaration_id": row.id}
    return _Declared(
        about=("assignment" if assignment else "conflict_declaration", row.id),
        of=of,
        person_id=person_id,
        stands=row.state == "conflicted" if assignment else _stands(session, row.id),
        tells=tells,
        assignment=assignment,
        waiting=session.scalar(
            select(ConflictWaiver)
            .filter_by(**of)
            .where(ConflictWaiver.decided_at.is_(None))
            .with_for_update()
        ),
    )


def _stands(session: Session, declaration_id: int) -> bool:
    standing = select(ConflictDeclaration.id).where(
        ConflictDeclaration.id == declaration_id, conflict_stands()
    )
    return session.scalar(standing) is not None
