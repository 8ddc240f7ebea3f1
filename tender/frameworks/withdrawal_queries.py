"""Reading why the council ended a round without an outcome, or is to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.database import db
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import RoundWithdrawal


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A proposal to end a round. `approved` is None while nobody has decided on it."""

    id: int
    reason: str
    proposed_at: datetime
    proposed_by_id: int
    proposed_by: str
    approved: bool | None
    decided_at: datetime | None
    decided_by: str | None


def withdrawal_of(facts: RoundFacts) -> Withdrawal | None:
    """The proposal by which a round was ended, or that waits; None where there is none.

    No statement for a round that was never published or whose letters are out.
    """
    if facts.state in ("draft", "released"):
        return None
    proposer, decider = aliased(Person), aliased(Person)
    row = db.session.execute(
        select(
            RoundWithdrawal.id,
            RoundWithdrawal.reason,
            RoundWithdrawal.proposed_at,
            RoundWithdrawal.proposed_by_id,
            proposer.name,
            RoundWithdrawal.approved,
            RoundWithdrawal.decided_at,
            decider.name,
        )
        .join(proposer, proposer.id == RoundWithdrawal.proposed_by_id)
        .outerjoin(decider, decider.id == RoundWithdrawal.decided_by_id)
        .where(RoundWithdrawal.round_id == facts.id, RoundWithdrawal.approved.is_not(False))
    ).one_or_none()
    return Withdrawal(*row) if row else None
