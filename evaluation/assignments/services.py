"""Naming a panel, handing out tenders, declaring conflicts."""

from collections.abc import Collection, Iterable

from sqlalchemy import Text, any_, case, cast, delete, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from evaluation.assignments.apart_queries import apart_sections, general_sections
from evaluation.assignments.conflict_queries import not_to_be_given
from evaluation.assignments.coverage_queries import FEWEST_EVALUATORS, complete_applications
from evaluation.assignments.hidden_queries import READS_NAMES
from evaluation.assignments.hidden_services import give_codes
from evaluation.assignments.lifecycle import ACTIVE, ASSIGNMENT
from evaluation.assignments.models import Assignment, ConflictDeclaration, PanelMember
from evaluation.assignments.queries import (
    Candidate,
    candidates_for,
    conforming_applications,
    panel_of,
    shown_state,
)
from evaluation.conformity.queries import lots_with_standing
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import lots_of_round

NAMED_IN = ("published", "opened", "marking")
CONFLICT_KINDS = ("actual", "potential", "perceived")
LONGEST_SKILL, MOST_SKILLS = 40, 12


class RoundEnded(Conflict):
    """Nobody marks in a round that the council ended without an outcome."""

    sentence = (
        "The council has ended this round without an outcome, so nothing is marked in it any more. What you "
        "saved until then is kept."
    )


class PanelRefused(Refusal):
    """The panel would be too small, mixed up, or would lose somebody who has tenders."""


class NotMarking(Refusal):
    """The round is not being marked."""

    sentence = "Tenders can be handed out once marking has started, and until the results are decided."


class DeclaredOnList(Refusal):
    """Names are hidden: a declaration on one tender would tell whose it is."""

    sentence = "Names are hidden in this round. Declare on the list of all its tenderers."


class AlreadyDeclared(Conflict):
    """A conflict with this provider was declared before, and waived."""

    sentence = (
        "You declared a conflict with this provider before, and it was waived. Tell the procurement lead "
        "what is new about it."
    )


class NotLocked(Conflict):
    """The evaluator's marks are not locked."""

    sentence = "These marks are not locked, so their evaluator can still change them."


def name_panel(
    *, round_id: int, evaluators: Iterable[int], moderators: Iterable[int], by: Actor, reason: str = ""
) -> None:
    """Set the panel of a round to these people. Raises `PanelRefused` with the sentence for the page.

    A panel that is changed needs a `reason`; naming it for the first time does not. At least two evaluators
    mark every tender; a moderator of a round is not its evaluator, so that whoever agrees a mark is not
    settling a difference with their own.
    """
    wanted = {person: "moderator" for person in moderators}
    named_twice = wanted.keys() & set(evaluators)
    wanted |= {person: "evaluator" for person in evaluators}
    with transaction() as session:
        round, council_id = locked_round(session, round_id)
        if round.state not in NAMED_IN:
            raise PanelRefused("The panel can be named from publication until the results are decided.")
        people = {person.person_id: person for person in candidates_for(council_id, round_id)}
        for person_id in named_twice:
            name = people[person_id].name if person_id in people else "Somebody"
            raise PanelRefused(f"{name} cannot be evaluator and moderator of one round.", field="moderators")
        for person_id, role in wanted.items():
            if person_id not in people or not people[person_id].may_be(role):
                raise PanelRefused(f"Choose people who hold the role of {role}.", field=f"{role}s")
        if round.names_hidden:
            _refuse_readers([people[person] for person, role in wanted.items() if role == "evaluator"])
        if sum(role == "evaluator" for role in wanted.values()) < FEWEST_EVALUATORS:
            raise PanelRefused("Choose at least two evaluators.", field="evaluators")
        if "moderator" not in wanted.values():
            raise PanelRefused("Choose at least one moderator.", field="moderators")
        _replace_panel(session, round_id, wanted, reason.strip(), by)


def _refuse_readers(evaluators: Iterable[Candidate]) -> None:
    for person in evaluators:
        if person.permissions & READS_NAMES:
            raise PanelRefused(
                f"{person.name} has another role that reads who applied, and names are hidden from the "
                "evaluators of this round. Choose somebody else.",
                field="evaluators",
            )


def _replace_panel(session: Session, round_id: int, wanted: dict[int, str], reason: str, by: Actor) -> None:
    present = panel_of(round_id)
    changed = {person: role for person, role in present.items() if wanted.get(person) != role}
    busy = session.execute(
        select(Assignment.evaluator_id)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Application.round_id == round_id,
            Assignment.evaluator_id.in_(changed),
            Assignment.state.in_(ACTIVE),
        )
        .limit(1)
    ).scalar_one_or_none()
    if busy is not None:
        raise PanelRefused(
            "Somebody you took off has tenders to mark in this round. Take these back first, or keep them on "
            "the panel as evaluator.",
            field="evaluators",
        )
    added = {person: role for person, role in wanted.items() if present.get(person) != role}
    if not changed and not added:
        return
    if present and not reason:
        raise PanelRefused("Say why the panel changes. The reason is kept.", field="reason")
    session.execute(
        delete(PanelMember).where(PanelMember.round_id == round_id, PanelMember.person_id.in_(changed))
    )
    session.add_all(
        PanelMember(round_id=round_id, person_id=person, role=role) for person, role in added.items()
    )
    session.flush()
    record(
        "panel.name", "round", round_id, by=by,
        added=_listed(added), removed=_listed(changed), reason=reason,
    )  # fmt: skip


def _listed(people: dict[int, str]) -> list[list[int | str]]:
    return [[person, role] for person, role in sorted(people.items())]


def refuse_mixture(sections: Collection[str], apart: Collection[str]) -> None:
    """Raise `PanelRefused` where somebody would mark a section that is marked apart beside another."""
    if set(sections) & set(apart) and set(sections) - set(apart):
        raise PanelRefused(
            "A section that is marked apart has evaluators of its own. Choose such sections alone, or others "
            "alone.",
            field="sections",
        )


def set_part(
    *,
    round_id: int,
    person_id: int,
    lots: Iterable[int],
    sections: Iterable[str],
    skills: Iterable[str],
    reason: str,
    by: Actor,
) -> None:
    """Set which lots and sections (all when empty) an evaluator of the panel marks, and their skills.

    It holds for what is handed out from now on. Raises `PanelRefused`, and `NotFound` for anybody else.
    """
    with transaction() as session:
        round, _ = locked_round(session, round_id)
        member = session.get(PanelMember, (round_id, person_id), with_for_update=True)
        if member is None or member.role != "evaluator":
            raise NotFound
        if round.state not in NAMED_IN:
            raise PanelRefused("The panel can be changed until the results are decided.")
        offered = {lot.id for lot in lots_of_round(round_id)}
        known = {section["code"] for section in round.sections}
        new = (
            sorted(set(lots) & offered),
            sorted(set(sections) & known),
            sorted({word for skill in skills if (word := " ".join(skill.split())[:LONGEST_SKILL])})[
                :MOST_SKILLS
            ],
        )
        refuse_mixture(set(new[1]), apart_sections(round_id))
        if new == (sorted(member.lots), sorted(member.sections), sorted(member.skills)):
            return
        if not reason.strip():
            raise PanelRefused("Say why. The reason is kept with the change.", field="reason")
        member.lots, member.sections, member.skills = new
        record(
            "panel.set_part", "round", round_id, by=by,
            person=person_id, lots=new[0], sections=new[1], skills=new[2], reason=reason.strip(),
        )  # fmt: skip


def assign_panel(*, round_id: int, by: Actor) -> int:
    """Give every conforming application to every evaluator of the panel, each the part that is theirs; return
    how many were new.

    It may be done again, after somebody was added: what is assigned stays, an application whose evaluators
    have all locked is complete and gets nobody more, and nobody is given what a conflict closes. Raises
    `NotMarking`, `PanelRefused`.
    """
    with transaction() as session:
        round, _ = locked_round(session, round_id)
        if round.state != "marking":
            raise NotMarking
        evaluators = [person for person, role in panel_of(round_id).items() if role == "evaluator"]
        if len(evaluators) < FEWEST_EVALUATORS:
            raise PanelRefused("Choose at least two evaluators first.")
        general = general_sections([section["code"] for section in round.sections], apart_sections(round_id))
        give_codes(session, round, by)
        lots = lots_with_standing(round_id).subquery()
        theirs = (
            select(lots.c.lot_id)
            .where(
                lots.c.application_id == Application.id,
                lots.c.stands,
                lots.c.lot_id == any_(PanelMember.lots),
            )
            .exists()
        )
        of_round = select(Application.id).where(Application.round_id == round_id)
        new = session.execute(
            insert(Assignment)
            .from_select(
                ["application_id", "evaluator_id", "state", "lots", "sections"],
                select(
                    Application.id,
                    PanelMember.person_id,
                    literal("assigned"),
                    PanelMember.lots,
                    case(
                        (func.cardinality(PanelMember.sections) == 0, cast(general, ARRAY(Text))),
                        else_=PanelMember.sections,
                    ),
                )
                .join(PanelMember, PanelMember.round_id == Application.round_id)
                .where(
                    Application.round_id == round_id,
                    PanelMember.role == "evaluator",
                    Application.id.in_(conforming_applications(round_id)),
                    Application.id.not_in(complete_applications(of_round)),
                    or_(func.cardinality(PanelMember.lots) == 0, theirs),
                    tuple_(Application.id, PanelMember.person_id).not_in(not_to_be_given(round_id)),
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
        _refuse_by_tender(session, assignment)
        if assignment.state != "accepted":
            assignment.conflict_kind = assignment.conflict = ""
            move(ASSIGNMENT, assignment, "accept", by=by)


def declare_conflict(*, assignment_id: int, conflict: str, by: Actor, kind: str = "actual") -> None:
    """The evaluator declares an actual, potential or perceived conflict, which closes the tender to them
    unless it is waived (`waiver_services`); the procurement lead is told.

    Possible before and after accepting. After the lock the marks stay as they are, and the lead decides what
    becomes of them. Raises `Refusal` for an empty text or an unknown kind, and `AlreadyDeclared`. The kinds
    are those of a conflicts assessment (Procurement Act 2023, section 83).
    """
    if kind not in CONFLICT_KINDS:
        raise Refusal("Say whether the conflict is actual, potential or perceived.", field="declaration")
    if not conflict.strip():
        raise Refusal(
            "Say what the conflict is, in a sentence. The procurement lead reads it.", field="conflict"
        )
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        _refuse_by_tender(session, assignment)
        if assignment.state == "conflicted":
            return
        if assignment.state == "locked":
            refuse_another(assignment)
            keep_conflict(session, assignment.application_id, kind, conflict.strip(), by)
            return
        assignment.conflict_kind, assignment.conflict = kind, conflict.strip()
        move(ASSIGNMENT, assignment, "declare_conflict", by=by)


def refuse_another(assignment: Assignment) -> None:
    """Raise `AlreadyDeclared` for a tender on which its evaluator declared a conflict before they locked."""
    if assignment.conflict_kind:
        raise AlreadyDeclared


def keep_conflict(session: Session, application_id: int, kind: str, conflict: str, by: Actor) -> None:
    """Write down what `by` declared about a tenderer, whatever they have to do with its tender; once."""
    own = {"application_id": application_id, "person_id": by.person_id}
    row = session.scalar(select(ConflictDeclaration).filter_by(**own))
    if row is None:
        row = ConflictDeclaration(**own, conflict_kind="", conflict="")
        session.add(row)
    if row.conflict_kind:
        return
    row.conflict_kind, row.conflict, row.declared_at = kind, conflict, clock.now()
    session.flush()
    record("conflict.declare", "conflict_declaration", row.id, by=by, application=application_id, kind=kind)


def close_to_its_evaluator(*, assignment_id: int, declaration: ConflictDeclaration, by: Actor) -> None:
    """An assignment that was opened again, because of a conflict that its evaluator declared after the lock,
    becomes one with that conflict. What is set aside with it is the caller's to keep."""
    with transaction() as session:
        assignment = session.get_one(Assignment, assignment_id, with_for_update=True, populate_existing=True)
        assignment.conflict_kind, assignment.conflict = declaration.conflict_kind, declaration.conflict
        move(ASSIGNMENT, assignment, "declare_conflict", by=by)
        assignment.declared_at, assignment.declared_by_id = declaration.declared_at, declaration.person_id


def decline(*, assignment_id: int, reason: str, by: Actor) -> None:
    """The evaluator hands a tender back, with a reason; the procurement lead is told. Said twice, it counts
    once. Raises `Refusal` without a reason and `MoveRefused` after a conflict or the lock."""
    if not reason.strip():
        raise Refusal("Say why you hand the tender back. The procurement lead reads it.", field="reason")
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        if assignment.state == "declined":
            return
        assignment.decline_reason = reason.strip()
        move(ASSIGNMENT, assignment, "decline", by=by)


def _refuse_by_tender(session: Session, assignment: Assignment) -> None:
    hidden = select(Round.names_hidden).join(Application, Application.round_id == Round.id)
    if session.scalar(hidden.where(Application.id == assignment.application_id)):
        raise DeclaredOnList


def lock_assignment(*, assignment_id: int, marks: int, sha256: str, by: Actor) -> None:
    """The evaluator's marks for this application are done: how many, and the digest of them all, for the
    trail. The caller has checked that none is missing."""
    with transaction() as session:
        assignment = locked_assignment(session, assignment_id, by)
        move(ASSIGNMENT, assignment, "lock", by=by, marks=marks, sha256=sha256)


def reopen_assignment(*, assignment_id: int, by: Actor) -> Assignment:
    """Open a locked assignment again, for marks that the caller returns; one that is open so stays it.

    Its row is locked until the transaction ends. Raises `NotFound`, and `NotLocked` where nothing is locked.
    """
    with transaction() as session:
        session.flush()
        assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
        if assignment is None:
            raise NotFound
        if assignment.state == "locked":
            assignment.locked_at = assignment.locked_by_id = None
            move(ASSIGNMENT, assignment, "return", by=by)
            session.flush()
        elif assignment.state != "accepted" or assignment.returned_at is None:
            raise NotLocked
    return assignment


def locked_assignment(session: Session, assignment_id: int, by: Actor) -> Assignment:
    """`by`'s own assignment with its row locked until the transaction ends. Whatever its evaluator does with
    it begins here. Raises `NotFound`, and `RoundEnded`."""
    session.flush()
    assignment = session.get(Assignment, assignment_id, with_for_update=True, populate_existing=True)
    if assignment is None or assignment.evaluator_id != by.person_id:
        raise NotFound
    of_round = select(shown_state()).join(Application, Application.id == Assignment.application_id)
    shown = of_round.join(Round, Round.id == Application.round_id).where(Assignment.id == assignment_id)
    if session.scalar(shown) == "ended":
        raise RoundEnded
    return assignment


def locked_round(session: Session, round_id: int) -> tuple[Round, int]:
    """A round with its row locked until the transaction ends, and its council. Raises `NotFound`."""
    session.flush()
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is None:
        raise NotFound
    council_id = session.execute(
        select(Framework.council_id).where(Framework.id == round.framework_id)
    ).scalar_one()
    return round, council_id
