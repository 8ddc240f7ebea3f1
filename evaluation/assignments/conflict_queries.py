"""Reading conflicts of interest: declared, waived, and what asks to be thought of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    exists,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver, PanelMember
from evaluation.interests.queries import Consideration, considerations
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.accounts.permissions import permissions_of
from portal.accounts.queries import members_of
from portal.database import db
from portal.errors import NotFound
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

DECIDE = (("outcome:approve", "approver"), ("outcome:recommend", "procurement lead"))
"""The permissions that have a part in every decision of a council's rounds, and what their holders are."""


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


def refuse_to_open(viewer: Actor, application_id: int) -> None:
    """Before somebody opens one tender, or decides about it. Raises `NotFound` where they have a conflict
    that is not waived, and `NotDeclaredYet`."""
    if has_conflict(viewer, [application_id]):
        raise NotFound
    refuse_undeclared(viewer, [application_id])


def with_the_tender() -> ColumnElement[bool]:
    """In a select over `ConflictDeclaration`: whether the conflict was declared of a tender that is theirs to
    mark, so that the assignment says what became of it."""
    return exists().where(
        Assignment.application_id == ConflictDeclaration.application_id,
        Assignment.evaluator_id == ConflictDeclaration.person_id,
        Assignment.conflict_kind != "",
    )


def conflict_stands() -> ColumnElement[bool]:
    """In a select over `ConflictDeclaration`: whether it declares a conflict that is not waived."""
    waived = exists().where(
        ConflictWaiver.declaration_id == ConflictDeclaration.id, ConflictWaiver.granted.is_(True)
    )
    return and_(ConflictDeclaration.conflict_kind != "", ~waived, ~with_the_tender())


def not_to_be_given(round_id: int) -> Select[tuple[int, int]]:
    """Select of (application_id, person_id) of a round: tenders that are not given to these people to mark.

    Their conflict with the provider, declared on the list, stands; or it was waived and names are hidden from
    them while they have other tenders, so that the new code would be that provider's.
    """
    given, tender = aliased(Assignment), aliased(Application)
    has_others = exists().where(
        given.evaluator_id == ConflictDeclaration.person_id,
        tender.id == given.application_id,
        tender.round_id == round_id,
    )
    would_tell = and_(ConflictDeclaration.conflict_kind != "", Round.names_hidden, has_others)
    return (
        select(ConflictDeclaration.application_id, ConflictDeclaration.person_id)
        .join(Application, Application.id == ConflictDeclaration.application_id)
        .join(Round, Round.id == Application.round_id)
        .where(Round.id == round_id, or_(conflict_stands(), would_tell))
    )


def conflicts_in(round_id: int) -> Sequence[RowMapping]:
    """Conflicts declared in a round, newest first; those that were waived stay.

    Columns: assignment_id, or declaration_id where it was declared on the list of tenderers alone, and state,
    evaluator_id and evaluator_name (whose it is), provider_name, conflict_kind, conflict, declared_at,
    waiting (whether a proposal waits for its decision), refused (whether the last one was refused).
    """
    declared = ConflictDeclaration
    marking = _conflicts(
        Assignment, Assignment.evaluator_id, Assignment.state, ConflictWaiver.assignment_id == Assignment.id
    )
    state = case((conflict_stands(), "conflicted"), else_="waived")
    on_the_list = _conflicts(
        declared, declared.person_id, state, ConflictWaiver.declaration_id == declared.id
    ).where(~with_the_tender())
    of_round = Application.round_id == round_id
    both = union_all(marking.where(of_round), on_the_list.where(of_round)).subquery()
    newest_first = (both.c.declared_at.desc(), both.c.assignment_id, both.c.declaration_id)
    return db.session.execute(select(both).order_by(*newest_first)).mappings().all()


def _conflicts(declared: Any, person_id: Any, state: Any, of_this: ColumnElement[bool]) -> Select[Any]:
    def its_id(kind: Any) -> ColumnElement[int | None]:
        return declared.id if declared is kind else cast(null(), BigInteger)

    return (
        select(
            its_id(Assignment).label("assignment_id"),
            its_id(ConflictDeclaration).label("declaration_id"),
            state.label("state"),
            person_id.label("evaluator_id"),
            Person.name.label("evaluator_name"),
            Organisation.name.label("provider_name"),
            declared.conflict_kind,
            declared.conflict,
            declared.declared_at,
            exists().where(of_this, ConflictWaiver.decided_at.is_(None)).label("waiting"),
            exists().where(of_this, ConflictWaiver.granted.is_(False)).label("refused"),
        )
        .select_from(declared)
        .join(Person, Person.id == person_id)
        .join(Application, Application.id == declared.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .where(declared.conflict_kind != "")
    )


def anothers(viewer: Actor, declared: Any, person_id: Any) -> Select[Any]:
    """Select of what somebody else of the viewer's council declared or was given of a tender (`declared`, an
    `Assignment` or a `ConflictDeclaration` with `person_id`), for further conditions and columns:
    evaluator_name, provider_name, round_id, round_number, framework_title."""
    return (
        select(
            Person.name.label("evaluator_name"),
            Organisation.name.label("provider_name"),
            Round.id.label("round_id"),
            Round.number.label("round_number"),
            Framework.title.label("framework_title"),
        )
        .select_from(declared)
        .join(Person, Person.id == person_id)
        .join(Application, Application.id == declared.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(person_id != viewer.person_id, Framework.council_id == viewer.organisation_id)
    )


def declared_late(viewer: Actor, application_id: int) -> RowMapping | None:
    """What the viewer declared of a tender after they had locked it: conflict_kind, conflict, declared_at,
    and stands (whether nobody has said yet that their marks stand)."""
    declared = ConflictDeclaration
    return (
        db.session.execute(
            select(
                declared.conflict_kind,
                declared.conflict,
                declared.declared_at,
                conflict_stands().label("stands"),
            ).where(
                declared.application_id == application_id,
                declared.person_id == viewer.person_id,
                declared.conflict_kind != "",
            )
        )
        .mappings()
        .one_or_none()
    )


def considerations_in(round_id: int, council_id: int) -> list[tuple[Consideration, str]]:
    """What of a round's tenderers resembles whoever has a part in it or their interests, for the lead; each
    with what that person does. These are its panel, and all who recommend or approve at the council.

    Nothing before the tender box is open. In four statements.
    """
    providers = (
        select(Application.provider_id)
        .join(Round, and_(Round.id == Application.round_id, Round.opened_at.is_not(None)))
        .where(Application.round_id == round_id, Application.state == "submitted")
    )
    members = members_of([council_id]).get(council_id, [])
    people = {
        row["person_id"]: (row["name"], words)
        for permission, words in DECIDE
        for row in members
        if permission in permissions_of("council", row["roles"])
    }
    panel = db.session.execute(
        select(Person.id, Person.name, PanelMember.role)
        .join(PanelMember, PanelMember.person_id == Person.id)
        .where(PanelMember.round_id == round_id)
    )
    people |= {person_id: (name, role) for person_id, name, role in panel}
    names = {person_id: name for person_id, (name, _) in people.items()}
    return [(each, people[each.person_id][1]) for each in considerations(names, providers)]
