"""Recommending and approving: one person proposes an outcome for a tender and a lot, another confirms it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.exclusions.queries import excluding_grounds
from evaluation.exclusions.services import refuse_unless_clear
from evaluation.inquiries.waiting_queries import refuse_awaited
from evaluation.outcomes.assessment import (
    ADMIT,
    ADMITTED,
    EXCLUDED,
    ON_CONDITIONS,
    OUTCOME_WORDS,
    Condition,
    LotOutcome,
)
from evaluation.outcomes.letter_services import write_outcome_letters
from evaluation.outcomes.lifecycle import DECISION
from evaluation.outcomes.models import AdmissionCondition, Decision
from evaluation.outcomes.queries import lots_of, outcome_of, outcomes_of
from evaluation.outcomes.services import ChangedMeanwhile, locked_round, refuse_stale, refuse_unless
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.organisation_services import refuse_unchecked
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.lifecycle import move
from portal.profiles.words import LAW_OF
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Application
from tender.frameworks import services as frameworks
from tender.frameworks.models import Framework


class MayNotBeAdmitted(Refusal):
    """The published rules leave no room: a condition failed, or a mark is below its minimum."""


class Conflicted(Refusal):
    """Whoever declared a conflict with a provider has no part in its outcome."""

    sentence = "You declared a conflict with this provider, so a colleague has to decide on it."


class OwnRecommendation(Refusal):
    """Nobody approves what they recommended."""

    sentence = "You recommended this decision, so somebody else has to approve it."


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is recommended for one tender and lot. `ground` is the code of an exclusion ground, `conditions`
    what a provider that is admitted on conditions has to show; each counts for its own outcome alone."""

    outcome: str
    reason: str
    ground: str | None = None
    conditions: tuple[Condition, ...] = ()


def recommend(*, application_id: int, lot_id: int, proposal: Proposal, version: int, by: Actor) -> None:
    """Recommend an outcome for one tender and lot; `version` is that of the decision on the page, 0 for none.

    A failed condition of the pack is its own reason. The same recommendation sent twice is made once. Raises
    `NotDeclaredYet`, `Conflicted`, `ReplyAwaited`, `NotBeingMarked`, `ResultsStale`, `MayNotBeAdmitted`,
    `ChangedMeanwhile`, `MoveRefused`, `NotChecked` for admitting a provider that has not passed the council's
    check, `NotClear` for one that is not through the exclusion checks, and `Refusal` for what is missing: an
    outcome, a reason, the ground of an exclusion or the check that found it, the conditions of an admission
    on conditions.
    """
    with transaction():
        round_id = _round_of(application_id)
        round = locked_round(round_id, by, state="marking")
        refuse_stale(round_id)
        tender = outcome_of(application_id, lot_id, round_id)
        refuse_undeclared(by, [application_id])
        if application_id in _conflicts_of(by):
            raise Conflicted
        refuse_awaited([(application_id, lot_id)])
        law = db.session.scalars(
            select(Framework.legal_regime).where(Framework.id == round.framework_id)
        ).one()
        kept = _checked(tender, proposal, law)
        if kept.outcome in ADMITTED:
            refuse_unchecked([tender.provider_id])
            refuse_unless_clear([application_id])
        before = Proposal(
            tender.outcome or "", tender.reason or "", tender.exclusion_ground, tender.conditions
        )
        if tender.state == "recommended" and before == kept:
            return
        if (tender.version or 0) != version:
            raise ChangedMeanwhile
        _recommend(tender, kept, by)


def _checked(tender: LotOutcome, said: Proposal, law: str) -> Proposal:
    """The proposal to keep. Raises what is wrong with it for this tender."""
    if said.outcome not in OUTCOME_WORDS:
        raise Refusal("Choose whether to admit this provider.", field="outcome")
    suggestion = tender.suggestion
    if said.outcome in ADMITTED and not tender.may_be_admitted and suggestion:
        raise MayNotBeAdmitted(
            f"The published rules do not allow this provider to be admitted to this lot. {suggestion.reason}",
            field="outcome",
        )
    excluded = said.outcome == EXCLUDED
    if not tender.stands and suggestion and not excluded:
        return Proposal(said.outcome, suggestion.reason)
    if not said.reason.strip():
        raise Refusal("Give a reason. The provider reads it in its letter.", field="reason")
    if excluded and LAW_OF.get(said.ground or "") != law:
        raise Refusal("Choose the ground on which this provider is excluded.", field="ground")
    if excluded and (tender.application_id, said.ground) not in excluding_grounds([tender.application_id]):
        raise Refusal(
            "No exclusion check of this provider found this ground and excluded it for it. Record that first "
            "(Exclusion checks, on the round's page): what was found, how the provider was heard, and why it "
            "is excluded.",
            field="ground",
        )
    conditions = checked_conditions(said.conditions) if said.outcome == ON_CONDITIONS else ()
    return Proposal(said.outcome, said.reason.strip(), said.ground if excluded else None, conditions)


def checked_conditions(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions of an admission as they are kept. Raises `Refusal` for none, and for what is wrong with
    one: no words, a day that is not after today, a kind of document that there is not."""
    if not conditions:
        raise Refusal("Name at least one condition, and by when it must be met.", field="conditions")
    for each in conditions:
        if not each.text.strip():
            raise Refusal("Say what the provider has to show.", field="conditions")
        if each.due_on <= clock.today():
            raise Refusal(
                f"“{each.text}” must be met by a day after today. Give a later one.", field="conditions"
            )
        if each.evidence_type is not None and each.evidence_type not in DOCUMENT_TYPES:
            raise Refusal("Choose one of the kinds of document.", field="conditions")
    return tuple(replace(each, text=each.text.strip()) for each in conditions)


def _recommend(tender: LotOutcome, said: Proposal, by: Actor) -> None:
    if by.person_id is None:
        raise Refusal("A decision needs a person.")
    details = {"application": tender.application_id, "lot": tender.lot_id, "outcome": said.outcome}
    if tender.decision_id is None:
        decision = Decision(
            application_id=tender.application_id,
            lot_id=tender.lot_id,
            state="recommended",
            outcome=said.outcome,
            exclusion_ground=said.ground,
            reason=said.reason,
            marks_version=tender.marks_version,
            recommended_at=clock.now(),
            recommended_by_id=by.person_id,
        )
        db.session.add(decision)
        db.session.flush()
        record("decision.recommend", "decision", decision.id, by=by, **details)
    else:
        decision = _locked_decision(tender.decision_id)
        decision.outcome, decision.exclusion_ground = said.outcome, said.ground
        decision.reason, decision.marks_version = said.reason, tender.marks_version
        decision.version += 1
        move(DECISION, decision, "recommend", by=by, **details)
        db.session.flush()
        db.session.execute(delete(AdmissionCondition).where(AdmissionCondition.decision_id == decision.id))
    keep_conditions(decision.id, said.conditions)


def keep_conditions(decision_id: int, conditions: Sequence[Condition]) -> None:
    """Write down what a decision that is recommended asks for."""
    db.session.add_all(
        AdmissionCondition(
            decision_id=decision_id,
            position=place,
            text=each.text,
            evidence_type=each.evidence_type,
            due_on=each.due_on,
        )
        for place, each in enumerate(conditions)
    )
    db.session.flush()


def recommend_as_suggested(
    *, round_id: int, lot_id: int, by: Actor, seen: Mapping[int, int | None] | None = None
) -> int:
    """Recommend what the rules suggest for every tender of a lot that has no decision yet; return how many.

    `seen` limits it to the tenders on the page, by application and with the marks' version there (None where
    a condition failed): a suggestion that nobody has read is not recommended. Raises as `recommend` does.
    """
    with transaction():
        locked_round(round_id, by, state="marking")
        refuse_stale(round_id)
        tenders, _ = outcomes_of(round_id, lot_id=lot_id)
        chosen = [tender for tender in tenders if seen is None or tender.application_id in seen]
        if seen is not None and any(tender.marks_version != seen[tender.application_id] for tender in chosen):
            raise ChangedMeanwhile
        conflicts = _conflicts_of(by)
        undecided = [
            tender
            for tender in chosen
            if tender.decision_id is None and tender.application_id not in conflicts
        ]
        refuse_undeclared(by, [tender.application_id for tender in undecided])
        refuse_awaited([(tender.application_id, lot_id) for tender in undecided])
        to_admit = [
            tender for tender in undecided if tender.suggestion and tender.suggestion.outcome == ADMIT
        ]
        refuse_unchecked(tender.provider_id for tender in to_admit)
        refuse_unless_clear(tender.application_id for tender in to_admit)
        for tender in undecided:
            if tender.suggestion:
                _recommend(tender, Proposal(tender.suggestion.outcome, tender.suggestion.reason), by)
    return len(undecided)


def approve_decision(*, decision_id: int, version: int, by: Actor) -> bool:
    """Approve one decision as it stood on the page; return whether it was the round's last.

    With the last one the round is decided and its letters are written and held. Approved twice by the same
    person it is approved once. Raises `NotDeclaredYet`, `ReplyAwaited`, `OwnRecommendation`,
    `ChangedMeanwhile`, `ResultsStale`, `NotBeingMarked`, `MoveRefused`.
    """
    with transaction() as session:
        known = session.get(Decision, decision_id, populate_existing=True)
        if known is None:
            raise NotFound
        round_id = _round_of(known.application_id)
        round = locked_round(round_id, by)
        decision = _locked_decision(decision_id)
        if (decision.state, decision.approved_by_id, decision.version) == ("approved", by.person_id, version):
            return round.state == "decided"
        if decision.version != version:
            raise ChangedMeanwhile
        refuse_unless(round, "marking")
        _approve([decision], round_id, by)
        return _decide_when_all_are_approved(round_id, by)


def approve_lot(*, round_id: int, lot_id: int, by: Actor, seen: Mapping[int, int] | None = None) -> int:
    """Approve the decisions of a lot that wait for `by`; return how many. `seen` limits it to those on the
    page.

    `seen` gives the version of each decision by its id. Raises as `approve_decision` does.
    """
    with transaction() as session:
        locked_round(round_id, by, state="marking")
        decisions = session.scalars(
            select(Decision)
            .join(Application, Application.id == Decision.application_id)
            .where(
                Application.round_id == round_id,
                Decision.lot_id == lot_id,
                Decision.state == "recommended",
                Decision.recommended_by_id != by.person_id,
            )
            .order_by(Decision.id)
            .with_for_update(of=Decision)
            .execution_options(populate_existing=True)
        ).all()
        chosen = [decision for decision in decisions if seen is None or decision.id in seen]
        if seen is not None and any(decision.version != seen[decision.id] for decision in chosen):
            raise ChangedMeanwhile
        if chosen:
            _approve(chosen, round_id, by)
            _decide_when_all_are_approved(round_id, by)
    return len(chosen)


def _approve(decisions: Sequence[Decision], round_id: int, by: Actor) -> None:
    refuse_stale(round_id)
    if any(decision.recommended_by_id == by.person_id for decision in decisions):
        raise OwnRecommendation
    refuse_undeclared(by, [decision.application_id for decision in decisions])
    refuse_awaited([(decision.application_id, decision.lot_id) for decision in decisions])
    conflicts = _conflicts_of(by)
    for decision in decisions:
        if decision.application_id in conflicts:
            raise Conflicted
        move(
            DECISION, decision, "approve", by=by,
            application=decision.application_id, lot=decision.lot_id, outcome=decision.outcome,
        )  # fmt: skip


def return_decision(*, decision_id: int, reason: str, version: int, by: Actor) -> None:
    """Send a recommendation back with a reason. Raises `Refusal` without one, `ChangedMeanwhile`,
    `MoveRefused`.
    """
    if not reason.strip():
        raise Refusal(
            "Say what should be looked at again. Whoever recommended it reads this.", field="reason"
        )
    with transaction() as session:
        known = session.get(Decision, decision_id, populate_existing=True)
        if known is None:
            raise NotFound
        locked_round(_round_of(known.application_id), by)
        decision = _locked_decision(decision_id)
        if (decision.state, decision.returned_by_id, decision.return_reason) == (
            "returned",
            by.person_id,
            reason.strip(),
        ):
            return
        if decision.version != version:
            raise ChangedMeanwhile
        decision.return_reason = reason.strip()
        move(DECISION, decision, "return", by=by, application=decision.application_id, lot=decision.lot_id)


def _decide_when_all_are_approved(round_id: int, by: Actor) -> bool:
    db.session.flush()
    lots = lots_of(round_id)
    if not lots or any(lot["undecided"] or lot["recommended"] or not lot["current"] for lot in lots):
        return False
    frameworks.mark_decided(round_id=round_id, by=by)
    write_outcome_letters(round_id=round_id, by=by, anew=True)
    return True


def _conflicts_of(by: Actor) -> set[int]:
    return set(db.session.scalars(conflicts_of(by)))


def _round_of(application_id: int) -> int:
    round_id = db.session.scalar(select(Application.round_id).where(Application.id == application_id))
    if round_id is None:
        raise NotFound
    return round_id


def _locked_decision(decision_id: int) -> Decision:
    return db.session.get_one(Decision, decision_id, with_for_update=True, populate_existing=True)
