"""Reading declarations that are made on the list of all tenderers of a round.

Leads, moderators and approvers make them so, and evaluators where names are hidden: names and nothing else,
in alphabetical order, without anything that tells which tender is whose.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver, PanelMember
from portal.accounts.access import Actor
from portal.accounts.models import Membership, Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from tender.applications.access import DECLARES_FIRST, OPENED
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import round_for

DECIDES = ("outcome:recommend", "outcome:approve")
"""Permissions that have a part in every decision of a round, whoever is on its panel."""
DECLARED_IN = ("opened", "marking")
"""The states of a round in which a declaration is waited for; one can be made until the letters are out."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A tenderer as somebody declares on it: `kind` is None before, '' for no conflict; `mitigation` is that
    of a granted waiver."""

    application_id: int
    provider_id: int
    name: str
    kind: str | None
    conflict: str
    declared_at: datetime | None
    mitigation: str | None

    @property
    def waived(self) -> bool:
        """Whether the conflict was waived."""
        return self.mitigation is not None


@dataclass(frozen=True, slots=True)
class TendererList:
    """All tenderers of a round, by name, as one person declares on them."""

    tenderers: Sequence[Listed]

    @property
    def seen(self) -> str:
        """A fingerprint of the list: who declares says so of these tenderers and no others. Of names alone,
        which stand on the page anyway."""
        names = "\n".join(each.name for each in self.tenderers)
        return hashlib.sha256(names.encode()).hexdigest()[:32]

    @property
    def undeclared(self) -> list[Listed]:
        """Those on whom nothing is declared yet."""
        return [each for each in self.tenderers if each.kind is None]

    @property
    def conflicts(self) -> list[Listed]:
        """Those with whom a conflict was declared."""
        return [each for each in self.tenderers if each.kind]


def round_to_declare_on(viewer: Actor, round_id: int) -> RoundFacts:
    """A round whose tender box is open and on whose tenderers the viewer declares on one list. Raises
    `NotFound` for any other."""
    facts = round_for(viewer, round_id)
    if facts.state not in OPENED:
        raise NotFound
    if viewer.may(*DECLARES_FIRST):
        return facts
    role = db.session.scalar(
        select(PanelMember.role).where(
            PanelMember.round_id == round_id, PanelMember.person_id == viewer.person_id
        )
    )
    marks_without_names = facts.names_hidden and viewer.may("tender:mark")
    if role is None or (role == "evaluator" and not marks_without_names):
        raise NotFound
    return facts


def tenderers_for(viewer: Actor, round_id: int) -> TendererList:
    """The list for the viewer, who got the round by `round_to_declare_on`. One statement.

    Of an evaluator's tender the declaration is that of the assignment, where one was made with it.
    """
    declared, own = ConflictDeclaration, aliased(Assignment)
    waiver = (
        select(ConflictWaiver.mitigation)
        .where(
            or_(ConflictWaiver.declaration_id == declared.id, ConflictWaiver.assignment_id == own.id),
            ConflictWaiver.granted,
        )
        .order_by(ConflictWaiver.id.desc())
        .limit(1)
        .correlate(declared, own)
        .scalar_subquery()
    )
    with_the_tender = own.declared_at.is_not(None)
    rows = db.session.execute(
        select(
            Application.id,
            Application.provider_id,
            Organisation.name,
            func.coalesce(func.nullif(own.conflict_kind, ""), declared.conflict_kind, own.conflict_kind),
            func.coalesce(func.nullif(own.conflict, ""), declared.conflict, ""),
            func.coalesce(own.declared_at, declared.declared_at),
            waiver,
        )
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(
            declared, and_(declared.application_id == Application.id, declared.person_id == viewer.person_id)
        )
        .outerjoin(
            own,
            and_(own.application_id == Application.id, own.evaluator_id == viewer.person_id, with_the_tender),
        )
        .where(Application.round_id == round_id, Application.state == "submitted")
        .order_by(Organisation.name, Application.id)
    )
    return TendererList([Listed(*row) for row in rows])


def waits_to_be_opened(viewer: Actor, round_id: int) -> bool:
    """Whether the viewer was given tenders of the round to mark that their declaration has still to open,
    although they may have declared on all of its tenderers before."""
    given = (
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Application.round_id == round_id,
            Assignment.evaluator_id == viewer.person_id,
            Assignment.state == "assigned",
        )
    )
    return db.session.execute(given.limit(1)).first() is not None


def declared_in(round_id: int) -> Sequence[RowMapping]:
    """What each person declared on the list of a round's tenderers, by name: person_id, name, role on the
    panel (None for whoever is not on it) and roles at the council, none (how many no conflict was declared
    with), declared_at (the last time), and conflicts: lists of provider, kind, words, when, and the
    application's id. Who may ask is the caller's to check."""
    declared = ConflictDeclaration
    conflict = func.jsonb_build_array(
        Organisation.name,
        declared.conflict_kind,
        declared.conflict,
        declared.declared_at,
        declared.application_id,
    )
    in_order = aggregate_order_by(conflict, Organisation.name, declared.id)
    return (
        db.session.execute(
            select(
                Person.id.label("person_id"),
                Person.name,
                PanelMember.role,
                Membership.roles,
                func.count().filter(declared.conflict_kind == "").label("none"),
                func.max(declared.declared_at).label("declared_at"),
                func.jsonb_agg(in_order).filter(declared.conflict_kind != "").label("conflicts"),
            )
            .select_from(declared)
            .join(Application, Application.id == declared.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .join(Person, Person.id == declared.person_id)
            .outerjoin(
                PanelMember, and_(PanelMember.round_id == Round.id, PanelMember.person_id == Person.id)
            )
            .outerjoin(
                Membership,
                and_(Membership.person_id == Person.id, Membership.organisation_id == Framework.council_id),
            )
            .where(Application.round_id == round_id)
            .group_by(Person.id, PanelMember.role, Membership.roles)
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def undeclared_to(viewer: Actor) -> Select[tuple[int]]:
    """Select over `Application` of the rounds of those on whose provider the viewer has not declared.

    Of their own council's opened rounds alone: of any other tender nothing tells that there is one.
    """
    return (
        select(Application.round_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Framework.council_id == viewer.organisation_id,
            Round.state.in_(OPENED),
            Application.state == "submitted",
            ~declared_by(viewer),
        )
    )


def declared_by(viewer: Actor) -> ColumnElement[bool]:
    """In a select over `Application`: whether the viewer has declared on its provider, on the list or with
    the tender that they were given to mark."""
    on_the_list = exists().where(
        ConflictDeclaration.application_id == Application.id,
        ConflictDeclaration.person_id == viewer.person_id,
    )
    with_the_tender = exists().where(
        Assignment.application_id == Application.id,
        Assignment.evaluator_id == viewer.person_id,
        Assignment.declared_at.is_not(None),
    )
    return or_(on_the_list, with_the_tender)


def to_declare_in_round(viewer: Actor) -> ColumnElement[bool]:
    """In a select over `Round`: whether the viewer has not declared on one of its tenderers."""
    return exists().where(
        Application.round_id == Round.id, Application.state == "submitted", ~declared_by(viewer)
    )


def declarations_waiting_for(viewer: Actor) -> Waiting:
    """For moderators and approvers: rounds on whose tenderers they have still to declare. Leads are told
    where their panels are (`queries.waiting_for`)."""
    if not viewer.may("tender:moderate", "outcome:approve"):
        return Waiting()
    moderates = exists().where(
        PanelMember.round_id == Round.id,
        PanelMember.person_id == viewer.person_id,
        PanelMember.role == "moderator",
    )
    mine = or_(moderates, Round.state == "marking") if viewer.may("outcome:approve") else moderates
    rows = db.session.execute(
        select(Round.id, Round.number, Framework.title)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Framework.council_id == viewer.organisation_id,
            Round.state.in_(DECLARED_IN),
            mine,
            to_declare_in_round(viewer),
        )
        .order_by(Round.id)
    )
    return Waiting(now=tuple(task_to_declare(*row) for row in rows))


def task_to_declare(round_id: int, number: int, title: str) -> Task:
    """What the home page asks of whoever has not declared on every tenderer of a round."""
    sentence = f"Have you a conflict of interest with a tenderer of round {number} of {title}?"
    return Task(sentence, "Declare", "declarations.show", {"round_id": round_id})
