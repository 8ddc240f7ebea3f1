"""Naming a panel, handing out tenders, declaring conflicts."""

from collections.abc import Iterable

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.assignments.queries import (
    FEWEST_EVALUATORS,
    candidates_for,
    complete_applications,
    conforming_applications,
    panel_of,
)
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

NAMED_IN = ("published", "opened", "marking")


class PanelRefused(Refusal):
    """The panel would be too small, mixed up, or would lose somebody who has tenders."""


class NotMarking(Refusal):
    """The round is not being marked."""

    sentence = "Tenders can be handed out once marking has started, and until the results are decided."


def name_panel(*, round_id: int, evaluators: Iterable[int], moderators: Iterable[int], by: Actor) -> None:
    """Set the panel of a round to these people. Raises `PanelRefused` with the sentence for the page.

    At least two evaluators mark every tender; a moderator of a round is not its evaluator, so that whoever
    agrees a mark is not settling a difference with their own.
    """
    wanted = {person: "moderator" for person in moderators}
    named_twice = wanted.keys() & set(evaluators)
    wanted |= {person: "evaluator" for person in evaluators}
    with transaction() as session:
        round, council_id = _locked_round(session, round_id)
        if round.state not in NAMED_IN:
            raise PanelRefused("The panel can be named from publication until the results are decided.")
        people = {person.person_id: person for person in candidates_for(council_id, round_id)}
        for person_id in named_twice:
            name = people[person_id].name if person_id in people else "Somebody"
            raise PanelRefused(f"{name} cannot be evaluator and moderator of one round.", field="moderators")
        for person_id, role in wanted.items():
            if person_id not in people or not people[person_id].may_be(role):
                raise PanelRefused(f"Choose people who hold the role of {role}.", field=f"{role}s")
        if sum(role == "evaluator" for role in wanted.values()) < FEWEST_EVALUATORS:
            raise PanelRefused("Choose at least two evaluators.", field="evaluators")
        if "moderator" not in wanted.values():
            raise PanelRefused("Choose at least one moderator.", field="moderators")
        _replace_panel(session, round_id, wanted, by)


def _replace_panel(session: Session, round_id: int, wanted: dict[int, str], by: Actor) -> None:
    present = panel_of(round_id)
    changed = {person: role for person, role in present.items() if wanted.get(person) != role}
    busy = session.execute(
        select(Assignment.evaluator_id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Application.round_id == round_id,
            Assignment.evaluator_id.in_(changed),
            Assignment.state != "conflicted",
        )
        .limit(1)
    ).scalar_one_or_none()
    if busy is not None:
        raise PanelRefused(
            "Somebody you took off has tenders to mark in this round. Keep them on the panel as evaluator.",
            field="evaluators",
        )
    added = {person: role for person, role in wanted.items() if present.get(person) != role}
    if not changed and not added:
        return
    session.execute(
        delete(PanelMember).where(PanelMember.round_id == round_id, PanelMember.person_id.in_(changed))
    )
    session.add_all(
        PanelMember(round_id=round_id, person_id=person, role=role) for person, role in added.items()
    )
    session.flush()
    record("panel.name", "round", round_id, by=by, added=_listed(added), removed=_listed(changed))


def _listed(people: dict[int, str]) -> list[list[int | str]]:
    return [[person, role] for person, role in sorted(people.items())]


def assign_panel(*, round_id: int, by: Actor) -> int:
    """Give every conforming application to every evaluator of the panel; return how many were new.

    It may be done again, after somebody was added: what is assigned stays, and an application whose
    evaluators have all locked is complete and gets nobody more. Raises `NotMarking`, `PanelRefused`.
    """
    with transaction() as session:
        round, _ = _locked_round(session, round_id)
        if round.state != "marking":
            raise NotMarking
        evaluators = [person for person, role in panel_of(round_id).items() if role == "evaluator"]
        if len(evaluators) < FEWEST_EVALUATORS:
            raise PanelRefused("Choose at least two evaluators first.")
        new = session.execute(
            insert(Assignment)
            .from_select(
                ["application_id", "evaluator_id", "state"],
                select(Application.id, PanelMember.person_id, literal("assigned"))
                .join(PanelMember, PanelMember.round_id == Application.round_id)
                .where(
                    Application.round_id == round_id,
                    PanelMember.role == "evaluator",
                    Application.id.in_(conforming_applications(round_id)),
                    Application.id.not_in(complete_applications()),
                ),
            )
            .on_conflict_do_nothing(index_elements=["application_id", "evaluator_id"])
            .returning(Assignment.id)
        ).all()
        record("panel.assign", "round", round_id, by=by, assignments=len(new), evaluators=sorted(evaluators))
    return len(new)


def accept(*, assignment_id: int, by: Actor) -> None:
    """The evaluator declares that they have no conflict with this provider; said twice, it counts once."""
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        if assignment.state != "accepted":
            move(ASSIGNMENT, assignment, "accept", by=by)


def declare_conflict(*, assignment_id: int, conflict: str, by: Actor) -> None:
    """The evaluator declares a conflict, which ends the assignment; the procurement lead is told.

    Possible before and after accepting, until the marks are locked. Raises `Refusal` for an empty text and
    `MoveRefused` after locking.
    """
    if not conflict.strip():
        raise Refusal(
            "Say what the conflict is, in a sentence. The procurement lead reads it.", field="conflict"
        )
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        if assignment.state == "conflicted":
            return
        assignment.conflict = conflict.strip()
        move(ASSIGNMENT, assignment, "declare_conflict", by=by)


def lock_assignment(*, assignment_id: int, by: Actor) -> None:
    """The evaluator's marks for this application are done. The caller has checked that none is missing."""
    with transaction() as session:
        move(ASSIGNMENT, locked_assignment(session, assignment_id, by), "lock", by=by)


def locked_assignment(session: Session, assignment_id: int, by: Actor) -> Assignment:
    """`by`'s own assignment with its row locked until the transaction ends. Raises `NotFound`."""
    session.flush()
    assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
    if assignment is None or assignment.evaluator_id != by.person_id:
        raise NotFound
    return assignment


def _locked_round(session: Session, round_id: int) -> tuple[Round, int]:
    session.flush()
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is None:
        raise NotFound
    council_id = session.execute(
        select(Framework.council_id).where(Framework.id == round.framework_id)
    ).scalar_one()
    return round, council_id
