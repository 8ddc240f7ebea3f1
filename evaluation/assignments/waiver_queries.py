"""Reading one declared conflict, and what was proposed against it and decided.

A conflict was declared with a tender that somebody has to mark (`assignment_id`) or on the list of all
tenderers (`declaration_id`): every function here takes the one or the other.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, Select, case, exists, false, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import anothers, conflict_stands, with_the_tender
from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.closed_queries import refuse_undeclared_in
from tender.applications.models import Application
from tender.frameworks.facts import titles_of
from tender.frameworks.models import Framework, Question, Round


def conflict_for(
    viewer: Actor, *, assignment_id: int | None = None, declaration_id: int | None = None
) -> RowMapping:
    """One declared conflict for the lead, the approver and the auditors of its council. Raises `NotFound`,
    also for whoever declared it, and `NotDeclaredYet`.

    Columns: state ('conflicted' while it stands), evaluator_id and evaluator_name (whose it is),
    provider_name, conflict_kind, conflict, declared_at, round_id, round_number, round_state, framework_title,
    names_tell (see `waiver_would_tell`), and late (whether marks were locked before: see `has_locked`).
    """
    found = (
        _of_assignment(viewer, assignment_id)
        if declaration_id is None
        else _of_declaration(viewer, declaration_id)
    )
    row = db.session.execute(found).mappings().one_or_none()
    if row is None:
        raise NotFound
    refuse_undeclared_in(viewer, row["round_id"])
    return row


def _of_assignment(viewer: Actor, assignment_id: int | None) -> Select[Any]:
    return (
        anothers(viewer, Assignment, Assignment.evaluator_id)
        .add_columns(
            Assignment.state,
            Assignment.evaluator_id,
            Assignment.conflict_kind,
            Assignment.conflict,
            Assignment.declared_at,
            Assignment.application_id,
            Assignment.sections,
            waiver_would_tell(Assignment.evaluator_id, Assignment.application_id).label("names_tell"),
            false().label("late"),
            Round.state.label("round_state"),
        )
        .where(Assignment.id == assignment_id, Assignment.conflict_kind != "")
    )


def _of_declaration(viewer: Actor, declaration_id: int) -> Select[Any]:
    declared = ConflictDeclaration
    return (
        anothers(viewer, declared, declared.person_id)
        .add_columns(
            case((conflict_stands(), "conflicted"), else_="waived").label("state"),
            declared.person_id.label("evaluator_id"),
            declared.conflict_kind,
            declared.conflict,
            declared.declared_at,
            waiver_would_tell(declared.person_id, declared.application_id).label("names_tell"),
            has_locked(declared.person_id, declared.application_id).label("late"),
            Round.state.label("round_state"),
        )
        .where(declared.id == declaration_id, declared.conflict_kind != "", ~with_the_tender())
    )


def waiver_would_tell(person_id: Any, application_id: Any) -> ColumnElement[bool]:
    """In a select over `Round`: whether a waiver would tell this person whose tender is whose. It would where
    names are hidden and they have tenders to mark: the code that is new to them is that of the provider whom
    they named. Of a tender that they have locked it tells nothing."""
    given, application = aliased(Assignment), aliased(Application)
    has_tenders = exists().where(
        given.evaluator_id == person_id,
        application.id == given.application_id,
        application.round_id == Round.id,
    )
    return Round.names_hidden & has_tenders & ~has_locked(person_id, application_id)


def has_locked(person_id: Any, application_id: Any) -> ColumnElement[bool]:
    """Whether this person has locked their marks of this tender: what they declare then was found late."""
    locked = aliased(Assignment)
    return exists().where(
        locked.evaluator_id == person_id, locked.application_id == application_id, locked.state == "locked"
    )


def marked_sections(assignment: Any) -> dict[str, str]:
    """The sections of the pack that an assignment covers and that hold something to mark, by code, in order.
    `assignment` has an application_id and sections (all where empty)."""
    round_id = (
        select(Application.round_id).where(Application.id == assignment.application_id).scalar_subquery()
    )
    sections = db.session.scalar(select(Round.sections).where(Round.id == round_id)) or []
    scored = set(
        db.session.scalars(
            select(Question.section).where(
                Question.round_id == round_id,
                Question.judged_as == "scored",
                Question.withdrawn_in.is_(None),
            )
        )
    )
    return {
        code: title
        for code, title in titles_of(sections).items()
        if code in scored and (not assignment.sections or code in assignment.sections)
    }


def waivers_of(
    *, assignment_id: int | None = None, declaration_id: int | None = None
) -> Sequence[RowMapping]:
    """What was proposed against a conflict, newest first: mitigation, left_out (codes), proposed_at,
    proposed_by_id, proposer, granted (None while it waits), reason, decided_at, decider."""
    proposer, decider = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                ConflictWaiver.mitigation,
                ConflictWaiver.left_out,
                ConflictWaiver.proposed_at,
                ConflictWaiver.proposed_by_id,
                proposer.name.label("proposer"),
                ConflictWaiver.granted,
                ConflictWaiver.reason,
                ConflictWaiver.decided_at,
                decider.name.label("decider"),
            )
            .join(proposer, proposer.id == ConflictWaiver.proposed_by_id)
            .outerjoin(decider, decider.id == ConflictWaiver.decided_by_id)
            .where(
                ConflictWaiver.assignment_id == assignment_id
                if declaration_id is None
                else ConflictWaiver.declaration_id == declaration_id
            )
            .order_by(ConflictWaiver.id.desc())
        )
        .mappings()
        .all()
    )


def waivers_waiting_for(viewer: Actor) -> Waiting:
    """For the approver: conflicts whose mitigation was proposed by somebody else and waits for a decision."""
    if not viewer.may("outcome:approve"):
        return Waiting()
    of_either = func.coalesce(Assignment.application_id, ConflictDeclaration.application_id)
    first, listed, count = db.session.execute(
        select(func.min(ConflictWaiver.assignment_id), func.min(ConflictWaiver.declaration_id), func.count())
        .outerjoin(Assignment, Assignment.id == ConflictWaiver.assignment_id)
        .outerjoin(ConflictDeclaration, ConflictDeclaration.id == ConflictWaiver.declaration_id)
        .join(Application, Application.id == of_either)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            ConflictWaiver.decided_at.is_(None),
            ConflictWaiver.proposed_by_id != viewer.person_id,
            ConflictWaiver.evaluator_id != viewer.person_id,
            func.coalesce(Assignment.state, "conflicted") == "conflicted",
            Round.state != "terminated",
            Framework.council_id == viewer.organisation_id,
        )
    ).one()
    if not count:
        return Waiting()
    sentence = f"{plural(count, 'conflict')} of interest with a proposed mitigation: waived or not?"
    place = ("waivers.show", {"assignment_id": first}) if first else (
        "waivers.declared", {"declaration_id": listed}
    )  # fmt: skip
    return Waiting(now=(Task(sentence, "Decide", *place),))


def late_in_round(viewer: Actor) -> ScalarSelect[Any]:
    """In a select over `Round`: the ids of conflicts that somebody else declared after their marks were
    locked, and of which nobody has said yet whether the marks stand; null for none."""
    declared = ConflictDeclaration
    waits = exists().where(ConflictWaiver.declaration_id == declared.id, ConflictWaiver.decided_at.is_(None))
    tender = aliased(Application)
    return (
        select(func.array_agg(aggregate_order_by(declared.id, declared.id)))
        .join(tender, tender.id == declared.application_id)
        .where(
            tender.round_id == Round.id,
            declared.person_id != viewer.person_id,
            conflict_stands(),
            has_locked(declared.person_id, declared.application_id),
            ~waits,
        )
        .correlate(Round)
        .scalar_subquery()
    )
