"""Reading panels and assignments.

When a tender is complete stands in `coverage_queries`; conflicts and their waivers in `conflict_queries`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, case, func, literal, select
from sqlalchemy.orm import aliased

from evaluation.assignments.coverage_queries import FEWEST_EVALUATORS, enough_evaluators
from evaluation.assignments.declaration_queries import (
    declarations_waiting_for,
    task_to_declare,
    to_declare_in_round,
)
from evaluation.assignments.hidden_queries import names_hidden, shown_name
from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.assignments.waiver_queries import late_in_round, waivers_waiting_for
from evaluation.conformity.queries import lots_with_standing
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.accounts.permissions import permissions_of
from portal.accounts.queries import members_of
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import NotFound
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import weighs

MOST_SHOWN = 100
ROLE_PERMISSIONS = {"evaluator": "tender:mark", "moderator": "tender:moderate"}


@dataclass(frozen=True)
class Candidate:
    """Somebody of the council who may serve on a panel, and as what they serve on this one; `part` is what
    they mark there, as of `part_of`."""

    person_id: int
    name: str
    permissions: frozenset[str]
    part: RowMapping | None

    @property
    def serves_as(self) -> str | None:
        """Their role on this panel."""
        return self.part["role"] if self.part else None

    def may_be(self, role: str) -> bool:
        """Whether their roles in the council let them serve as `role`."""
        return ROLE_PERMISSIONS[role] in self.permissions


def panel_of(round_id: int) -> dict[int, str]:
    """Person id to role, for everyone on the panel."""
    rows = db.session.execute(
        select(PanelMember.person_id, PanelMember.role).where(PanelMember.round_id == round_id)
    )
    return {person_id: role for person_id, role in rows}


def candidates_for(council_id: int, round_id: int) -> list[Candidate]:
    """Everyone of the council who may evaluate or moderate, by name; in two statements."""
    parts = _parts_of_panel(round_id)
    people = [
        Candidate(
            row["person_id"],
            row["name"],
            permissions_of("council", row["roles"]),
            parts.get(row["person_id"]),
        )
        for row in members_of([council_id]).get(council_id, [])
    ]
    fitting = [person for person in people if any(person.may_be(role) for role in ROLE_PERMISSIONS)]
    return sorted(fitting, key=lambda person: (person.name, person.person_id))


def serves(viewer: Actor, round_id: int, role: str) -> bool:
    """Whether the viewer is on the round's panel in this role."""
    found = select(PanelMember.person_id).where(
        PanelMember.round_id == round_id, PanelMember.person_id == viewer.person_id, PanelMember.role == role
    )
    return db.session.execute(found).first() is not None


def conforming_applications(round_id: int) -> Select[tuple[int]]:
    """Select of the ids of the applications that have at least one lot standing."""
    lots = lots_with_standing(round_id).subquery()
    return select(lots.c.application_id).where(lots.c.stands).distinct()


def progress_of(round_id: int) -> Sequence[RowMapping]:
    """Per evaluator, by name: how many tenders stand in each state of an assignment."""
    states = [func.count().filter(Assignment.state == state).label(state) for state in ASSIGNMENT.states]
    return (
        db.session.execute(
            select(Person.id.label("person_id"), Person.name, *states)
            .join(Assignment, Assignment.evaluator_id == Person.id)
            .join(Application, Application.id == Assignment.application_id)
            .where(Application.round_id == round_id)
            .group_by(Person.id, Person.name)
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )


def declined_in(round_id: int) -> Sequence[RowMapping]:
    """Tenders of a round that were handed back, newest first: evaluator_name, provider_name, application_id,
    decline_reason, declined_at, and declined_by where it was not the evaluator."""
    decliner = aliased(Person)
    return (
        db.session.execute(
            select(
                Person.name.label("evaluator_name"),
                Organisation.name.label("provider_name"),
                Assignment.application_id,
                Assignment.decline_reason,
                Assignment.declined_at,
                case((decliner.id != Person.id, decliner.name)).label("declined_by"),
            )
            .join(Person, Person.id == Assignment.evaluator_id)
            .join(decliner, decliner.id == Assignment.declined_by_id)
            .join(Application, Application.id == Assignment.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .where(Application.round_id == round_id, Assignment.state == "declined")
            .order_by(Assignment.declined_at.desc(), Assignment.id)
            .limit(MOST_SHOWN)
        )
        .mappings()
        .all()
    )


def short_of_evaluators(round_id: int) -> Sequence[RowMapping]:
    """Conforming tenders of which an answer has fewer than two evaluators: application_id, provider_name."""
    return (
        db.session.execute(
            select(Application.id.label("application_id"), Organisation.name.label("provider_name"))
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(Assignment, Assignment.application_id == Application.id)
            .where(Application.id.in_(conforming_applications(round_id)))
            .group_by(Application.id, Organisation.name)
            .having(~enough_evaluators(Application.id, round_id))
            .order_by(Organisation.name, Application.id)
        )
        .mappings()
        .all()
    )


def shown_state() -> ColumnElement[str]:
    """SQL for the state of an assignment as its evaluator reads it: 'ended' once the council has ended its
    round without an outcome. Of those nothing is shown, and nothing can be changed."""
    return case((Round.state == "terminated", literal("ended")), else_=Assignment.state)


def assignment_for(viewer: Actor, assignment_id: int, *more: ColumnElement[Any]) -> RowMapping:
    """One of the viewer's own assignments, with `more` columns over it. Raises `NotFound` for anybody else's.

    Columns: id, state (see `shown_state`), application_id, provider_id, provider_name (the tender's code
    where names are hidden), names_hidden, conflict_kind, conflict, decline_reason, declined_at, declared_at,
    locked_at, returned_at, round_id, round_number, framework_title, listed (whether declarations are made on
    the list of all).
    """
    row = (
        db.session.execute(
            select(
                Assignment.id,
                shown_state().label("state"),
                Assignment.application_id,
                Assignment.conflict_kind,
                Assignment.conflict,
                Assignment.decline_reason,
                Assignment.declined_at,
                Assignment.declared_at,
                Assignment.locked_at,
                Assignment.returned_at,
                Application.provider_id,
                shown_name().label("provider_name"),
                names_hidden().label("names_hidden"),
                Round.names_hidden.label("listed"),
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
                *more,
            )
            .join(Application, Application.id == Assignment.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .where(
                Assignment.id == assignment_id,
                Assignment.evaluator_id == viewer.person_id,
                Framework.council_id == viewer.organisation_id,
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def next_undeclared(viewer: Actor) -> int | None:
    """The viewer's next assignment without a declaration, by provider's name; None when there is none."""
    return db.session.scalar(
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Round, Round.id == Application.round_id)
        .where(
            Assignment.evaluator_id == viewer.person_id,
            Assignment.state == "assigned",
            # There is a list for these, which tells no tender from another.
            ~Round.names_hidden,
        )
        .order_by(Application.round_id, Organisation.name, Assignment.id)
        .limit(1)
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For the procurement lead: panels to name, tenders to hand out or that are short of evaluators or were
    handed back. For the approver: conflicts that may be waived. For all of them and for moderators: tenderers
    to declare on."""
    if not viewer.may("panel:manage"):
        waivers, lists = waivers_waiting_for(viewer), declarations_waiting_for(viewer)
        return Waiting(now=(*waivers.now, *lists.now))
    on_panel = (
        select(func.count())
        .where(PanelMember.round_id == Round.id, PanelMember.role == "evaluator")
        .correlate(Round)
        .scalar_subquery()
    )
    counted = (
        select(
            Application.round_id,
            Application.id,
            func.count(Assignment.id).label("ever"),
            func.count(Assignment.id).filter(Assignment.state == "declined").label("declined"),
            enough_evaluators(Application.id, None).label("enough"),
        )
        .outerjoin(Assignment, Assignment.application_id == Application.id)
        .where(Application.id.in_(_conforming_in(viewer)))
        .group_by(Application.round_id, Application.id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Round.id,
            Round.number,
            Round.state,
            Framework.title,
            on_panel.label("evaluators"),
            func.count(counted.c.id).filter(counted.c.ever == 0).label("unassigned"),
            func.count(counted.c.id).filter(counted.c.ever > 0, ~counted.c.enough).label("short"),
            func.coalesce(func.sum(counted.c.declined), 0).label("declined"),
            to_declare_in_round(viewer).label("to_declare"),
            late_in_round(viewer).label("late"),
            weighs().label("weighs"),
        )
        .join(Framework, Framework.id == Round.framework_id)
        .outerjoin(counted, counted.c.round_id == Round.id)
        .where(
            Framework.council_id == viewer.organisation_id,
            Round.state.in_(("opened", "marking", "decided")),
        )
        .group_by(Round.id, Round.number, Round.state, Framework.title)
        .order_by(Round.id)
    ).mappings()
    found = list(rows)
    return Waiting(
        now=tuple(task for row in found for task in (*_tasks(row), *_found_late(row))),
        going_on=tuple(_handed_back(row) for row in found if row["declined"]),
    )


def _found_late(row: RowMapping) -> list[Task]:
    place = f"round {row['number']} of {row['title']}"
    sentence = f"A conflict of interest was found after marks were locked in {place}"
    verb = "Decide whether the marks stand"
    detail = ""
    if row["state"] == "decided":
        detail = (
            "Every outcome is approved, and no letter is out. To set the marks aside, reopen a decision on "
            "this tender first."
        )
    return [
        Task(sentence, verb, "waivers.declared", {"declaration_id": declaration_id}, detail=detail)
        for declaration_id in row["late"] or ()
    ]


def _handed_back(row: RowMapping) -> GoingOn:
    sentence = f"{plural(row['declined'], 'tender')} handed back by evaluators of round {row['number']} of"
    values = {"round_id": row["id"]}
    return GoingOn(f"{sentence} {row['title']}", "Handed back", "assignments.panel", values)


def _conforming_in(viewer: Actor) -> Select[tuple[int]]:
    """As `conforming_applications`, for every round of the viewer's council that is being marked."""
    marked = (
        select(Application.id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(Round.state == "marking", Framework.council_id == viewer.organisation_id)
    )
    lots = lots_with_standing(None).where(Application.id.in_(marked)).subquery()
    return select(lots.c.application_id).where(lots.c.stands)


def _tasks(row: RowMapping) -> list[Task]:
    place = f"round {row['number']} of {row['title']}"
    values = {"round_id": row["id"]}
    tasks = [task_to_declare(row["id"], row["number"], row["title"])] if row["to_declare"] else []
    # Nobody marks where conditions alone decide, nor once every outcome is approved.
    if row["state"] == "decided" or not row["weighs"]:
        return tasks
    if row["evaluators"] < FEWEST_EVALUATORS:
        sentence = f"Name the panel for {place}"
        tasks.append(Task(sentence, "Choose evaluators and moderators", "assignments.panel", values))
        return tasks
    if row["unassigned"]:
        sentence = f"{plural(row['unassigned'], 'tender')} to hand out to the panel of {place}"
        tasks.append(Task(sentence, "Hand them out", "assignments.panel", values))
    if row["short"]:
        sentence = f"{plural(row['short'], 'tender')} left with fewer than two evaluators in {place}"
        detail = "An evaluator declared a conflict, or handed a tender back. Let another mark it."
        tasks.append(Task(sentence, "Find an evaluator", "assignments.panel", values, detail=detail))
    return tasks


def history_of(round_id: int) -> list[RowMapping]:
    """What was done to a round's panel, newest first: lines of the trail."""
    return [line for line in trail_of("round", round_id) if line["action"].startswith("panel.")]


def part_of(round_id: int, person_id: int) -> RowMapping | None:
    """What an evaluator of the panel marks: role, lots (ids), sections (codes), skills."""
    part = _parts_of_panel(round_id).get(person_id)
    return part if part and part["role"] == "evaluator" else None


def _parts_of_panel(round_id: int) -> dict[int, RowMapping]:
    columns = (getattr(PanelMember, name) for name in ("person_id", "role", "lots", "sections", "skills"))
    rows = db.session.execute(select(*columns).where(PanelMember.round_id == round_id)).mappings()
    return {row["person_id"]: row for row in rows}
