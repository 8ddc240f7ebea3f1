"""Putting a new decision in the place of one that its provider was told.

`evaluation.reconsiderations` knows who may, and because of what. What is done here is done at once, in the
transaction of the approval: the old decision stays as it was and counts no more, the new one is approved and
takes effect, and the register follows. The rules, and where they come from:

- An admission takes effect with the approval. No standstill runs for it: section 51 of the Procurement Act
  2023 asks for none before a light touch contract, and a decision about one tender takes no place from
  another, as a lot admits whoever reaches its minimums.
- It waits all the same where the round's own standstill still runs, which tenderers were promised, and while
  a challenge holds the lot (the council's own undertaking; where a claim suspends it, section 101): as every
  admission of the round does, and for as long.
- Whoever is admitted in effect is never made to wait again: a change of its conditions takes effect at once.
- To be taken off takes effect at once as well. A hold keeps admissions back, not what ends one. The provider
  was heard before (the council's duty to act fairly, as with a removal that an officer proposes).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evaluation.challenges.queries import held_lots
from evaluation.outcomes.admission_services import admit, take_out
from evaluation.outcomes.assessment import ADMITTED, Condition, LotOutcome
from evaluation.outcomes.decision_services import keep_conditions
from evaluation.outcomes.lifecycle import DECISION
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.release_queries import Standstill, standstill_of
from portal.accounts.access import Actor
from portal.database import transaction
from portal.lifecycle import move


@dataclass(frozen=True, slots=True)
class Waits:
    """What an admission waits for before it takes effect: a standstill, a challenge that holds its lot. False
    where it waits for neither."""

    standstill: Standstill | None = None
    held: bool = False

    def __bool__(self) -> bool:
        return self.held or self.standstill is not None


def replace_decision(
    *,
    decision_id: int,
    round_id: int,
    challenge_id: int,
    outcome: str,
    reason: str,
    conditions: Sequence[Condition],
    proposed_at: datetime,
    proposed_by_id: int,
    by: Actor,
) -> tuple[Decision, Waits]:
    """Put what somebody proposed in the place of a decision, approved by `by`; return the new decision, and
    what its admission waits for.

    The caller holds the round's row and has checked who decides. Raises `MoveRefused` for a decision that was
    not told or does not count any more, `FrameworkOver`, `NotChecked`.
    """
    with transaction() as session:
        earlier = session.get_one(Decision, decision_id, with_for_update=True, populate_existing=True)
        waits = waits_for(earlier, outcome, round_id)
        where = {"application": earlier.application_id, "lot": earlier.lot_id}
        move(DECISION, earlier, "supersede", by=by, **where)
        session.flush()
        decision = Decision(
            application_id=earlier.application_id,
            lot_id=earlier.lot_id,
            state="recommended",
            outcome=outcome,
            reason=reason,
            marks_version=earlier.marks_version,
            recommended_at=proposed_at,
            recommended_by_id=proposed_by_id,
            replaces_id=earlier.id,
            challenge_id=challenge_id,
        )
        session.add(decision)
        session.flush()
        keep_conditions(decision.id, conditions)
        move(DECISION, decision, "approve", by=by, replaces=earlier.id, outcome=outcome, **where)
        session.flush()
        move(DECISION, decision, "tell" if waits else "release", by=by, **where)
        session.flush()
        if not waits:
            _follow(decision, round_id, by)
    return decision, waits


def waits_for(earlier: Decision | LotOutcome, outcome: str, round_id: int) -> Waits:
    """What this new outcome, decided today in the place of an earlier decision, would wait for."""
    if outcome not in ADMITTED or (earlier.state == "released" and earlier.outcome in ADMITTED):
        return Waits()
    return Waits(standstill_of(round_id), earlier.lot_id in held_lots(round_id))


def _follow(decision: Decision, round_id: int, by: Actor) -> None:
    outcome = outcome_of(decision.application_id, decision.lot_id, round_id)
    if outcome.admits:
        admit(round_id, [outcome], by)
    else:
        take_out(outcome, by)
