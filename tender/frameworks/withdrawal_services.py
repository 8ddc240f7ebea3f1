"""Ending a published round without an outcome: one person proposes it, another decides.

While its tender box is shut it is withdrawn: nothing is opened, and its applications stay sealed for everyone
but their providers. Once the box is open it is terminated: what was read and judged stays as it is, and
nothing more is judged. Nobody is admitted by either. After a tender notice a decision not to award is
published as soon as reasonably practicable (Procurement Act 2023, section 55); tenderers are told the grounds
(Public Contracts Regulations 2015, regulation 55).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from tender.frameworks.facts import RoundFacts
from tender.frameworks.lifecycle import ROUND, ending_from
from tender.frameworks.models import RoundWithdrawal
from tender.frameworks.queries import may_confirm, round_for
from tender.frameworks.services import locked_round

LONGEST_REASON = 5_000


@dataclass(frozen=True, slots=True)
class WithdrawnRound:
    """A round that was withdrawn or terminated just now, and why."""

    facts: RoundFacts
    reason: str


Listener = Callable[..., None]
_listeners: list[Listener] = []


def when_round_is_withdrawn(*listeners: Listener) -> None:
    """Call `listener(withdrawn, portal_url=..., by=...)` inside the transaction of every later ending.

    Called once, when the application is put together.
    """
    _listeners[:] = listeners


def propose_withdrawal(*, by: Actor, round_id: int, reason: str) -> int:
    """Propose to end a published round; return the proposal's id. Proposed twice, it is proposed once.

    The round goes on until somebody else approves. Raises `NotFound`, `MoveRefused` for a round that is no
    longer to be ended, and `Refusal` (field `reason`).
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refusal(f"Say why, in up to {LONGEST_REASON:,} characters. Everyone reads it.", field="reason")
    with transaction() as session:
        found = locked_round(round_id, by)
        if not by.may("framework:manage"):
            raise NotFound()
        if not ROUND.allows(ending := ending_from(found.state), found.state):
            raise MoveRefused(ROUND[ending].refusal)
        waiting = session.scalar(
            select(RoundWithdrawal.id).where(
                RoundWithdrawal.round_id == round_id, RoundWithdrawal.decided_at.is_(None)
            )
        )
        if waiting is not None:
            return waiting
        proposal = RoundWithdrawal(
            round_id=round_id, reason=reason, proposed_at=clock.now(), proposed_by_id=by.person_id
        )
        session.add(proposal)
        session.flush()
        record("round.propose_withdrawal", "round", round_id, by=by, reason=reason)
    return proposal.id


def decide_withdrawal(
    *, by: Actor, round_id: int, withdrawal_id: int, approved: bool, portal_url: str
) -> None:
    """End the round as proposed, and tell everyone who is to know; or let it go on. Decided twice, it is
    decided once. Whoever proposed it may take it back, and not approve it. What becomes of the round follows
    from its box as it is now: one that was opened since the proposal is terminated.

    Raises `NotFound`, `MoveRefused`, and `Refusal` for whoever proposed it.
    """
    with transaction() as session:
        found = locked_round(round_id, by)
        proposal = session.scalar(
            select(RoundWithdrawal)
            .where(RoundWithdrawal.id == withdrawal_id, RoundWithdrawal.round_id == round_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if proposal is None or not may_confirm(by):
            raise NotFound()
        if proposal.approved is not None:
            return
        if approved and proposal.proposed_by_id == by.person_id:
            raise Refusal("You proposed this. Somebody else approves it: another lead, or an approver.")
        proposal.approved, proposal.decided_at, proposal.decided_by_id = approved, clock.now(), by.person_id
        if not approved:
            record("round.keep", "round", round_id, by=by)
            return
        session.flush()  # The database lets a round end only once that is approved.
        move(ROUND, found, ending_from(found.state), by=by, reason=proposal.reason)
        session.flush()
        withdrawn = WithdrawnRound(round_for(by, round_id), proposal.reason)
        for listener in _listeners:
            listener(withdrawn, portal_url=portal_url, by=by)
