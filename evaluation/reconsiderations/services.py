"""Proposing a new decision, approving it, returning it, taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from evaluation.assignments.conflict_queries import has_conflict
from evaluation.challenges.models import UPHELD, Challenge
from evaluation.exclusions.services import refuse_unless_clear
from evaluation.outcomes.admission_services import term_of
from evaluation.outcomes.assessment import ADMIT, ADMITTED, NOT_ADMIT, ON_CONDITIONS, Condition, LotOutcome
from evaluation.outcomes.decision_services import Conflicted, checked_conditions
from evaluation.outcomes.letter_queries import NEW_LETTER_SUBJECT
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.release_services import LetterMissing
from evaluation.outcomes.replacement_services import Waits, replace_decision
from evaluation.outcomes.services import ChangedMeanwhile, locked_round
from evaluation.reconsiderations import letters
from evaluation.reconsiderations.lifecycle import RECONSIDERATION
from evaluation.reconsiderations.models import Reconsideration
from evaluation.reconsiderations.queries import Proposed, proposal_for
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.organisation_services import refuse_unchecked
from portal.accounts.queries import members_of
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.mail.services import write_letter
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round

OUTCOMES = (ADMIT, ON_CONDITIONS, NOT_ADMIT)
_CAUSES = {"question": "a question about an outcome", "complaint": "a complaint", "claim": "a claim"}


class NotUpheld(Conflict):
    """Nothing is decided anew because of a challenge that was not found to be right."""

    sentence = "Decisions are made anew where a complaint or challenge was upheld, wholly or in part."


class NotToldYet(Conflict):
    """The first decision is not out."""

    sentence = (
        "The letters of this round are not out yet, so there is no decision to replace. A decision can be "
        "made anew once its provider was told."
    )


class ProposedAlready(Conflict):
    """One proposal for a tender and a lot at a time."""

    sentence = (
        "A colleague has proposed a new decision on this tender, and it waits to be approved. Nothing of "
        "yours was saved: read theirs first."
    )


class OwnProposal(Refusal):
    """Nobody approves what they proposed."""

    sentence = "You proposed this new decision, so somebody else has to approve it."


@dataclass(frozen=True, slots=True)
class Intended:
    """What somebody proposes: one of `OUTCOMES`, why, how the provider was heard where it would lose its
    admission, and what an admission on conditions asks for."""

    outcome: str
    reason: str
    heard: str = ""
    conditions: tuple[Condition, ...] = ()


def propose(
    *, challenge_id: int, application_id: int, lot_id: int, intended: Intended, seen: int, by: Actor
) -> int:
    """Propose a new decision on a tender for a lot; return the proposal's id. `seen` is the id of the
    decision on the page.

    The same proposal sent twice is made once. Raises `NotFound`, also for a tender that the challenge is not
    about, `NotUpheld`, `NotToldYet`, `Conflicted`, `NotDeclaredYet`, `ProposedAlready`, `ChangedMeanwhile`,
    `NotChecked`, `NotClear`, `FrameworkOver`, and `Refusal` naming the field that is wrong.
    """
    if by.person_id is None:
        raise Refusal("A decision needs a person.")
    with transaction() as session:
        challenge = session.get(Challenge, challenge_id)
        if challenge is None:
            raise NotFound
        round = locked_round(challenge.round_id, by)
        session.refresh(challenge)
        tender = _tender_of(challenge, application_id, lot_id)
        if has_conflict(by, [application_id]):
            raise Conflicted
        refuse_undeclared(by, [application_id])
        _refuse_unready(challenge, round, tender)
        kept = _checked(intended, tender)
        if kept.outcome in ADMITTED:
            _refuse_inadmissible(tender.provider_id, application_id, round.id)
        if (waiting := _waiting(application_id, lot_id)) is not None:
            if _is_same(waiting, challenge_id, kept, by):
                return waiting.id
            raise ProposedAlready
        if tender.decision_id is None or tender.decision_id != seen:
            raise ChangedMeanwhile
        row = Reconsideration(
            application_id=application_id,
            lot_id=lot_id,
            challenge_id=challenge_id,
            replaces_id=tender.decision_id,
            state="proposed",
            outcome=kept.outcome,
            reason=kept.reason,
            heard=kept.heard,
            conditions=_listed(kept.conditions),
            proposed_at=clock.now(),
            proposed_by_id=by.person_id,
        )
        session.add(row)
        session.flush()
        record(
            "reconsideration.propose", "reconsideration", row.id, by=by,
            round=round.id, challenge=challenge_id, replaces=tender.decision_id, outcome=kept.outcome,
        )  # fmt: skip
    return row.id


def _tender_of(challenge: Challenge, application_id: int, lot_id: int) -> LotOutcome:
    """The tender, if the challenge is about it. Raises `NotFound`."""
    if challenge.lot_id not in (None, lot_id):
        raise NotFound
    return outcome_of(application_id, lot_id, challenge.round_id)


def _refuse_unready(challenge: Challenge, round: Round, tender: LotOutcome) -> None:
    if challenge.finding not in UPHELD:
        raise NotUpheld
    if round.state != "released" or tender.state not in ("told", "released"):
        raise NotToldYet


def _checked(said: Intended, tender: LotOutcome) -> Intended:
    """The proposal as it is kept. Raises what is wrong with it for this tender."""
    if said.outcome not in OUTCOMES:
        raise Refusal("Choose the new decision.", field="outcome")
    conditions = checked_conditions(said.conditions) if said.outcome == ON_CONDITIONS else ()
    asked = tuple((each.text, each.evidence_type, each.due_on) for each in tender.conditions)
    if said.outcome == tender.outcome and asked == tuple(
        (each.text, each.evidence_type, each.due_on) for each in conditions
    ):
        raise Refusal("This is the decision that stands already. Choose another one.", field="outcome")
    if not said.reason.strip():
        raise Refusal("Give the reason. The provider reads it in its letter.", field="reason")
    loses = tender.admits and said.outcome not in ADMITTED
    if loses and not said.heard.strip():
        raise Refusal(
            "Say when and how the provider could answer before it loses its admission, and what it said.",
            field="heard",
        )
    return Intended(said.outcome, said.reason.strip(), said.heard.strip() if loses else "", conditions)


def _refuse_inadmissible(provider_id: int, application_id: int, round_id: int) -> None:
    refuse_unchecked([provider_id])
    refuse_unless_clear([application_id])
    term_of(round_id)


def _waiting(application_id: int, lot_id: int) -> Reconsideration | None:
    return db.session.scalar(
        select(Reconsideration)
        .where(
            Reconsideration.application_id == application_id,
            Reconsideration.lot_id == lot_id,
            Reconsideration.state == "proposed",
        )
        .execution_options(populate_existing=True)
    )


def _is_same(waiting: Reconsideration, challenge_id: int, said: Intended, by: Actor) -> bool:
    """Whether this person has just proposed exactly this: the second press of a double click."""
    kept = (waiting.challenge_id, waiting.outcome, waiting.reason, waiting.heard, waiting.conditions)
    sent = (challenge_id, said.outcome, said.reason, said.heard, _listed(said.conditions))
    return waiting.proposed_by_id == by.person_id and kept == sent


def _listed(conditions: Sequence[Condition]) -> list[list[str | None]]:
    return [[each.text, each.evidence_type, each.due_on.isoformat()] for each in conditions]


def approve(*, reconsideration_id: int, by: Actor) -> int:
    """Approve a proposal: the new decision counts from now on, the register follows, and the provider is
    told, all of it or nothing; return the new decision's id.

    Approved twice by the same person it is approved once. Raises `NotFound`, `OwnProposal`, `NotDeclaredYet`,
    `Conflicted`, `MoveRefused`, `ChangedMeanwhile`, `NotChecked`, `NotClear`, `FrameworkOver`,
    `LetterMissing` for a provider that has nobody to be told, and `Refusal` where the day of a condition has
    come.
    """
    with transaction() as session:
        row, round_id = _locked(reconsideration_id, by)
        if row.state == "approved" and row.decided_by_id == by.person_id and row.decision_id:
            return row.decision_id
        if row.proposed_by_id == by.person_id:
            raise OwnProposal
        refuse_undeclared(by, [row.application_id])
        if has_conflict(by, [row.application_id]):
            raise Conflicted
        facts, found = proposal_for(by, reconsideration_id)
        move(RECONSIDERATION, row, "approve", by=by, round=round_id, outcome=row.outcome)
        if outcome_of(row.application_id, row.lot_id, round_id).decision_id != row.replaces_id:
            raise ChangedMeanwhile
        if row.outcome in ADMITTED:
            _refuse_inadmissible(found.provider_id, row.application_id, round_id)
        conditions = checked_conditions(found.conditions) if row.outcome == ON_CONDITIONS else ()
        decision, waits = replace_decision(
            decision_id=row.replaces_id,
            round_id=round_id,
            challenge_id=row.challenge_id,
            outcome=row.outcome,
            reason=row.reason,
            conditions=conditions,
            proposed_at=row.proposed_at,
            proposed_by_id=row.proposed_by_id,
            by=by,
        )
        row.decision_id = decision.id
        session.flush()
        _tell(decision, waits, facts, found, by)
    return decision.id


def _tell(decision: Decision, waits: Waits, facts: RoundFacts, found: Proposed, by: Actor) -> None:
    """Write the letter to the provider's administrators, or to all where it has none."""
    members = members_of([found.provider_id]).get(found.provider_id, [])
    if not members:
        raise LetterMissing(
            f"{found.provider_name} has nobody who could be told. Add somebody to its account first."
        )
    told = told_of(found, waits)
    for person in [each for each in members if "administrator" in each["roles"]] or members:
        write_letter(
            key=f"new_decision:{decision.id}:{person['person_id']}",
            to_name=person["name"],
            to_address=person["email"],
            title=letters.title_of(facts),
            body=letters.body_of(facts, person["name"], found.provider_name, told, clock.today()),
            subject_type=NEW_LETTER_SUBJECT,
            subject_id=decision.id,
            organisation_id=found.provider_id,
            by=by,
        )


def told_of(found: Proposed, waits: Waits) -> letters.Told:
    """What the provider is told of a proposal once it is approved; `waits`: for what its admission does."""
    return letters.Told(
        lot_name=found.lot_name,
        earlier=found.earlier.lower(),
        earlier_on=found.earlier_told_on,
        outcome=found.outcome,
        reason=found.reason,
        conditions=found.conditions,
        challenge=_CAUSES[found.challenge_kind],
        standstill=waits.standstill,
        held=waits.held,
    )


def return_proposal(*, reconsideration_id: int, reason: str, by: Actor) -> None:
    """Send a proposal back with a reason: nothing has changed. Raises `NotFound`, `OwnProposal`,
    `Conflicted`, `MoveRefused`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say what should be looked at again. Whoever proposed it reads this.", field="reason")
    with transaction():
        row, round_id = _locked(reconsideration_id, by)
        if (row.state, row.decided_by_id, row.return_reason) == ("returned", by.person_id, reason.strip()):
            return
        if row.proposed_by_id == by.person_id:
            raise OwnProposal
        if has_conflict(by, [row.application_id]):
            raise Conflicted
        if row.state == "proposed":
            row.return_reason = reason.strip()
        with db.session.no_autoflush:
            move(RECONSIDERATION, row, "return", by=by, round=round_id)


def withdraw(*, reconsideration_id: int, by: Actor) -> None:
    """Take a proposal back that waits: a lead may take back a colleague's too. Raises `NotFound` and
    `MoveRefused`."""
    with transaction():
        row, round_id = _locked(reconsideration_id, by)
        if row.state == "withdrawn" and row.decided_by_id == by.person_id:
            return
        move(RECONSIDERATION, row, "withdraw", by=by, round=round_id)


def _locked(reconsideration_id: int, by: Actor) -> tuple[Reconsideration, int]:
    """A proposal of `by`'s council and its round's id; the round is locked first, as by all who decide or
    release. Raises `NotFound`."""
    round_id = db.session.scalar(
        select(Application.round_id)
        .join(Reconsideration, Reconsideration.application_id == Application.id)
        .where(Reconsideration.id == reconsideration_id)
    )
    if round_id is None:
        raise NotFound
    locked_round(round_id, by)
    row = db.session.get_one(
        Reconsideration, reconsideration_id, with_for_update=True, populate_existing=True
    )
    return row, round_id
