"""Handing tenders out: as proposed, or one tender by hand."""

from collections.abc import Mapping, Set

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.apart_queries import apart_sections
from evaluation.assignments.hidden_services import give_codes
from evaluation.assignments.lifecycle import ASSIGNMENT
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.assignments.proposal_queries import TenderPanel, proposed_spread, sections_of, tender_panel
from evaluation.assignments.services import NotMarking, PanelRefused, locked_round, refuse_mixture
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict
from portal.lifecycle import move


class ProposalChanged(Conflict):
    """What would be handed out now is not what the page showed."""

    sentence = "The panel or the tenders have changed since this was shown. Look at the proposal again."


def apply_proposal(*, round_id: int, each: int, fingerprint: str, by: Actor) -> int:
    """Hand out what was proposed, every part to `each` evaluators; return how many tenders were given or
    widened, counted by evaluator. What is handed out already stays.

    Raises `NotMarking`, and `ProposalChanged` where `fingerprint` is not that of the proposal as it is now.
    """
    with transaction() as session:
        _marking(session, round_id, by)
        proposed = proposed_spread(round_id, each, sections_of(round_id))
        if proposed.fingerprint != fingerprint:
            raise ProposalChanged
        lots = _lots_of_members(session, round_id)
        for (application_id, person_id), sections in proposed.proposal.given.items():
            _give(session, application_id, person_id, set(sections), lots[person_id])
        record("panel.spread", "round", round_id, by=by, each=each, given=len(proposed.proposal.given))
    return len(proposed.proposal.given)


def assign_by_hand(
    *, round_id: int, application_id: int, wanted: Mapping[int, Set[str]], reason: str, by: Actor
) -> None:
    """Set who marks which sections of one tender: section codes by evaluator, none to take the tender back.

    Whoever has begun keeps what they have, and may be given more; locked marks stay. Raises `NotMarking`,
    `PanelRefused` with the sentence for the page, `NotFound`.
    """
    reason = reason.strip()
    if not reason:
        raise PanelRefused("Say why. The reason is kept with the change.", field="reason")
    with transaction() as session:
        _marking(session, round_id, by)
        tender = tender_panel(round_id, application_id)
        lots = _lots_of_members(session, round_id)
        apart = apart_sections(round_id)
        changed = []
        for holder in tender.holders:
            person_id = holder["person_id"]
            has = {section for section in tender.sections if tender.holds(holder, section)}
            want = set(wanted.get(person_id, ())) & tender.sections.keys()
            if want == has:
                continue
            state = "locked" if want and holder["returned_at"] else holder["state"]
            refuse_mixture(want, apart)
            _refuse_change(holder["name"], state, has, want)
            changed.append([person_id, sorted(want)])
            if want:
                whole = want == tender.sections.keys()
                _set(session, application_id, person_id, set() if whole else want, lots[person_id], by)
            else:
                _take_back(session, tender, person_id, reason, by)
        if changed:
            record(
                "panel.assign_by_hand", "round", round_id, by=by,
                application=application_id, changed=changed, reason=reason,
            )  # fmt: skip


def _refuse_change(name: str, state: str | None, has: Set[str], want: Set[str]) -> None:
    if state == "locked":
        raise PanelRefused(f"{name} has locked the marks for this tender, so that cannot be changed.")
    if state == "conflicted":
        raise PanelRefused(f"{name} has declared a conflict of interest with this provider.")
    if state == "accepted" and want and not want >= has:
        raise PanelRefused(
            f"{name} has begun with this tender. Give {name} more of it, or take it back as a whole."
        )


def _give(session: Session, application_id: int, person_id: int, sections: set[str], lots: list[int]) -> None:
    assignment = _locked(session, application_id, person_id)
    if assignment is None:
        session.add(
            Assignment(
                application_id=application_id,
                evaluator_id=person_id,
                state="assigned",
                sections=sorted(sections),
                lots=lots,
            )
        )
    elif assignment.sections:
        assignment.sections = sorted(sections | set(assignment.sections))


def _set(
    session: Session, application_id: int, person_id: int, sections: set[str], lots: list[int], by: Actor
) -> None:
    assignment = _locked(session, application_id, person_id)
    if assignment is None:
        _give(session, application_id, person_id, sections, lots)
        return
    if assignment.state == "declined":
        # Marks that were made before may be in it, so what they covered stays covered.
        sections = sections | set(assignment.sections) if sections and assignment.sections else set()
        assignment.declared_at = None
        move(ASSIGNMENT, assignment, "ask_again", by=by)
    assignment.sections = sorted(sections)


def _take_back(session: Session, tender: TenderPanel, person_id: int, reason: str, by: Actor) -> None:
    assignment = _locked(session, tender.application_id, person_id)
    if assignment is not None:
        assignment.decline_reason = reason
        move(ASSIGNMENT, assignment, "decline", by=by)


def _locked(session: Session, application_id: int, person_id: int) -> Assignment | None:
    return session.execute(
        select(Assignment)
        .where(Assignment.application_id == application_id, Assignment.evaluator_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _marking(session: Session, round_id: int, by: Actor) -> None:
    round, _ = locked_round(session, round_id)
    if round.state != "marking":
        raise NotMarking
    give_codes(session, round, by)


def _lots_of_members(session: Session, round_id: int) -> dict[int, list[int]]:
    rows = session.execute(
        select(PanelMember.person_id, PanelMember.lots).where(PanelMember.round_id == round_id)
    )
    return {person_id: list(lots) for person_id, lots in rows}
