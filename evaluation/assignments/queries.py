"""Reading panels and assignments.

An application is *complete* when at least two evaluators without a conflict have it and all of them have
locked their marks. Until then nobody but their author reads a mark; that rule stands here, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, Select, and_, func, select

from evaluation.assignments.models import Assignment, PanelMember
from evaluation.conformity.queries import lots_with_standing
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.accounts.permissions import permissions_of
from portal.accounts.queries import members_of
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

FEWEST_EVALUATORS = 2
ROLE_PERMISSIONS = {"evaluator": "tender:mark", "moderator": "tender:moderate"}


@dataclass(frozen=True)
class Candidate:
    """Somebody of the council who may serve on a panel, and as what they serve on this one."""

    person_id: int
    name: str
    permissions: frozenset[str]
    serves_as: str | None

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
    panel = panel_of(round_id)
    people = [
        Candidate(
            row["person_id"],
            row["name"],
            permissions_of("council", row["roles"]),
            panel.get(row["person_id"]),
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


def complete_applications() -> Select[tuple[int]]:
    """Select of the ids of the applications whose evaluators, two or more, have all locked their marks."""
    return (
        select(Assignment.application_id)
        .where(Assignment.state != "conflicted")
        .group_by(Assignment.application_id)
        .having(
            and_(
                func.count() >= FEWEST_EVALUATORS,
                func.bool_and(Assignment.state == "locked"),
            )
        )
    )


def conflicts_of(viewer: Actor) -> Select[tuple[int]]:
    """Select of the ids of the applications with which the viewer has declared a conflict."""
    return select(Assignment.application_id).where(
        Assignment.evaluator_id == viewer.person_id, Assignment.state == "conflicted"
    )


def progress_of(round_id: int) -> Sequence[RowMapping]:
    """Per evaluator, by name: assigned, accepted, conflicted and locked tenders."""
    states = [
        func.count().filter(Assignment.state == state).label(state)
        for state in ("assigned", "accepted", "conflicted", "locked")
    ]
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


def conflicts_in(round_id: int) -> Sequence[RowMapping]:
    """Declared conflicts of a round: evaluator_name, provider_name, conflict, declared_at; newest first."""
    return (
        db.session.execute(
            select(
                Person.name.label("evaluator_name"),
                Organisation.name.label("provider_name"),
                Assignment.conflict,
                Assignment.declared_at,
            )
            .join(Person, Person.id == Assignment.evaluator_id)
            .join(Application, Application.id == Assignment.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .where(Application.round_id == round_id, Assignment.state == "conflicted")
            .order_by(Assignment.declared_at.desc(), Assignment.id)
        )
        .mappings()
        .all()
    )


def short_of_evaluators(round_id: int) -> Sequence[RowMapping]:
    """Conforming tenders with fewer than two evaluators left: application_id, provider_name, left."""
    left = func.count(Assignment.id).label("left")
    return (
        db.session.execute(
            select(Application.id.label("application_id"), Organisation.name.label("provider_name"), left)
            .join(Organisation, Organisation.id == Application.provider_id)
            .outerjoin(
                Assignment,
                and_(Assignment.application_id == Application.id, Assignment.state != "conflicted"),
            )
            .where(Application.id.in_(conforming_applications(round_id)))
            .group_by(Application.id, Organisation.name)
            .having(left < FEWEST_EVALUATORS)
            .order_by(Organisation.name, Application.id)
        )
        .mappings()
        .all()
    )


def assignment_for(viewer: Actor, assignment_id: int) -> RowMapping:
    """One of the viewer's own assignments. Raises `NotFound` for anybody else's.

    Columns: id, state, application_id, provider_name, conflict, declared_at, locked_at, round_id,
    round_number, framework_title.
    """
    row = (
        db.session.execute(
            select(
                Assignment.id,
                Assignment.state,
                Assignment.application_id,
                Assignment.conflict,
                Assignment.declared_at,
                Assignment.locked_at,
                Organisation.name.label("provider_name"),
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Framework.title.label("framework_title"),
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
        .where(Assignment.evaluator_id == viewer.person_id, Assignment.state == "assigned")
        .order_by(Application.round_id, Organisation.name, Assignment.id)
        .limit(1)
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For the procurement lead: panels to name, tenders to hand out, tenders short of evaluators."""
    if not viewer.may("panel:manage"):
        return Waiting()
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
            func.count(Assignment.id).filter(Assignment.state != "conflicted").label("left"),
        )
        .join(Round, Round.id == Application.round_id)
        .outerjoin(Assignment, Assignment.application_id == Application.id)
        .where(Round.state == "marking", Application.id.in_(_conforming_anywhere()))
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
            func.count(counted.c.id)
            .filter(counted.c.ever > 0, counted.c.left < FEWEST_EVALUATORS)
            .label("short"),
        )
        .join(Framework, Framework.id == Round.framework_id)
        .outerjoin(counted, counted.c.round_id == Round.id)
        .where(Framework.council_id == viewer.organisation_id, Round.state.in_(("opened", "marking")))
        .group_by(Round.id, Round.number, Round.state, Framework.title)
        .order_by(Round.id)
    ).mappings()
    return Waiting(now=tuple(task for row in rows for task in _tasks(row)))


def _conforming_anywhere() -> Select[tuple[int]]:
    """As `conforming_applications`, for every round that is being marked."""
    lots = lots_with_standing(None).subquery()
    return select(lots.c.application_id).where(lots.c.stands)


def _tasks(row: RowMapping) -> list[Task]:
    place = f"round {row['number']} of {row['title']}"
    values = {"round_id": row["id"]}
    if row["evaluators"] < FEWEST_EVALUATORS:
        return [
            Task(
                f"Name the panel for {place}", "Choose evaluators and moderators", "assignments.panel", values
            )
        ]
    tasks = []
    if row["unassigned"]:
        sentence = f"{plural(row['unassigned'], 'tender')} to hand out to the panel of {place}"
        tasks.append(Task(sentence, "Hand them out", "assignments.panel", values))
    if row["short"]:
        sentence = f"{plural(row['short'], 'tender')} left with fewer than two evaluators in {place}"
        detail = "An evaluator declared a conflict. Add another evaluator to the panel."
        tasks.append(Task(sentence, "Add an evaluator", "assignments.panel", values, detail=detail))
    return tasks
