"""Reading conflicts of interest: declared, waived, and what asks to be thought of."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, RowMapping, Select, and_, cast, exists, func, null, select, union_all
from sqlalchemy.orm import aliased

from evaluation.assignments.declaration_queries import conflict_stands, listed_conflicts
from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver
from evaluation.interests.queries import Consideration, considerations
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round


def conflicts_of(viewer: Actor) -> Select[tuple[int]]:
    """Select of the ids of the applications with which the viewer has a conflict that is not waived: declared
    on a tender that they were given to mark, or on the list of all tenderers."""
    both = union_all(
        select(Assignment.application_id).where(
            Assignment.evaluator_id == viewer.person_id, Assignment.state == "conflicted"
        ),
        select(ConflictDeclaration.application_id).where(
            ConflictDeclaration.person_id == viewer.person_id, conflict_stands()
        ),
    ).subquery()
    return select(both.c.application_id)


def has_conflict(viewer: Actor, applications: Any) -> bool:
    """Whether the viewer has a conflict that is not waived with one of these: ids, or a select of them."""
    theirs = conflicts_of(viewer).subquery()
    found = select(theirs.c.application_id).where(theirs.c.application_id.in_(applications)).limit(1)
    return db.session.execute(found).first() is not None


def conflicts_in(round_id: int) -> Sequence[RowMapping]:
    """Conflicts declared in a round, newest first; those that were waived stay.

    Columns: assignment_id, or declaration_id where it was declared on the list of tenderers alone, and state,
    evaluator_name, provider_name, conflict_kind, conflict, declared_at, waiting (whether a proposal waits for
    its decision), refused (whether the last one was refused).
    """
    waiting = exists().where(
        ConflictWaiver.assignment_id == Assignment.id, ConflictWaiver.decided_at.is_(None)
    )
    refused = exists().where(ConflictWaiver.assignment_id == Assignment.id, ConflictWaiver.granted.is_(False))
    marking = (
        select(
            Assignment.id.label("assignment_id"),
            cast(null(), BigInteger).label("declaration_id"),
            Assignment.state,
            Person.name.label("evaluator_name"),
            Organisation.name.label("provider_name"),
            Assignment.conflict_kind,
            Assignment.conflict,
            Assignment.declared_at,
            waiting.label("waiting"),
            refused.label("refused"),
        )
        .join(Person, Person.id == Assignment.evaluator_id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(Application.round_id == round_id, Assignment.conflict_kind != "")
    )
    both = union_all(marking, listed_conflicts(round_id)).subquery()
    newest_first = (both.c.declared_at.desc(), both.c.assignment_id, both.c.declaration_id)
    return db.session.execute(select(both).order_by(*newest_first)).mappings().all()


def anothers_assignment(viewer: Actor, assignment_id: int) -> Select[Any]:
    """Select of an assignment of the viewer's council, never their own, for further conditions and columns:
    evaluator_name, provider_name, round_id, round_number, framework_title."""
    return (
        select(
            Person.name.label("evaluator_name"),
            Organisation.name.label("provider_name"),
            Round.id.label("round_id"),
            Round.number.label("round_number"),
            Framework.title.label("framework_title"),
        )
        .select_from(Assignment)
        .join(Person, Person.id == Assignment.evaluator_id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Assignment.id == assignment_id,
            Assignment.evaluator_id != viewer.person_id,
            Framework.council_id == viewer.organisation_id,
        )
    )


def conflict_for(viewer: Actor, assignment_id: int) -> RowMapping:
    """One declared conflict for the lead, the approver and the auditors of its council. Raises `NotFound`,
    also for whoever declared it.

    Columns: assignment_id, state, evaluator_id, evaluator_name, provider_name, conflict_kind, conflict,
    declared_at, round_id, round_number, framework_title.
    """
    row = (
        db.session.execute(
            anothers_assignment(viewer, assignment_id)
            .add_columns(
                Assignment.id.label("assignment_id"),
                Assignment.state,
                Assignment.evaluator_id,
                Assignment.conflict_kind,
                Assignment.conflict,
                Assignment.declared_at,
            )
            .where(Assignment.conflict_kind != "")
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def waivers_of(
    *, assignment_id: int | None = None, declaration_id: int | None = None
) -> Sequence[RowMapping]:
    """What was proposed against a conflict, that of an assignment or of a declaration, newest first:
    mitigation, proposed_at, proposed_by_id, proposer, granted (None while it waits), reason, decided_at,
    decider."""
    proposer, decider = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                ConflictWaiver.mitigation,
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


def considerations_in(round_id: int, evaluators: Mapping[int, str]) -> list[Consideration]:
    """What of a round's tenderers resembles its evaluators (names by id) or their interests, for the lead.

    Nothing before the tender box is open. In three statements.
    """
    providers = db.session.scalars(
        select(Application.provider_id)
        .join(Round, and_(Round.id == Application.round_id, Round.opened_at.is_not(None)))
        .where(Application.round_id == round_id, Application.state == "submitted")
    ).all()
    return considerations(evaluators, providers)
