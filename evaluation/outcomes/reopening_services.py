"""Reopening a decision before its letter goes: the way back from a mistake that nobody outside has read.

The lead reopens it with a reason. What stood is kept (`DecisionVersion`), its approval counts no more, and
the round is being decided on again until every decision is approved: by somebody else than who recommends,
who reads what stood before and why it was reopened. Letters that say the same as before stay read; the others
are taken back, kept, and written anew.
"""

from evaluation.assignments.conflict_queries import has_conflict
from evaluation.outcomes.decision_services import Conflicted
from evaluation.outcomes.letter_services import ReleaseUnderWay
from evaluation.outcomes.models import Decision
from evaluation.outcomes.release_queries import waiting_release
from evaluation.outcomes.services import ChangedMeanwhile, locked_round, reopen
from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from tender.applications.closed_queries import refuse_undeclared
from tender.applications.models import Application
from tender.frameworks import services as frameworks


class NotToReopen(Conflict):
    """Only an approved decision is reopened, and only until the letters are out."""

    sentence = (
        "A decision can be reopened once it is approved and until the letters are out. After that it is made "
        "anew where a complaint or challenge is upheld."
    )


def reopen_decision(*, decision_id: int, reason: str, version: int, by: Actor) -> None:
    """Reopen an approved decision of a round whose letters are not out; `version` is that on the page.

    Reopened twice by the same person for the same reason it is reopened once. Raises `NotFound`,
    `NotToReopen`, `ReleaseUnderWay`, `Conflicted`, `NotDeclaredYet`, `ChangedMeanwhile`, and `Refusal`
    without a reason.
    """
    if not reason.strip():
        raise Refusal("Say why this decision has to be made anew. Whoever approves reads it.", field="reason")
    with transaction() as session:
        known = session.get(Decision, decision_id, populate_existing=True)
        if known is None:
            raise NotFound
        application = session.get_one(Application, known.application_id)
        round = locked_round(application.round_id, by)
        decision = session.get_one(Decision, decision_id, with_for_update=True, populate_existing=True)
        if has_conflict(by, [application.id]):
            raise Conflicted
        refuse_undeclared(by, [application.id])
        said = (decision.state, decision.return_reason, decision.returned_by_id)
        if said == ("returned", reason.strip(), by.person_id):
            return
        if round.state not in ("marking", "decided") or decision.state != "approved":
            raise NotToReopen
        if waiting_release(round.id):
            raise ReleaseUnderWay
        if decision.version != version:
            raise ChangedMeanwhile
        reopen(decision, reason.strip(), by)
        if round.state == "decided":
            frameworks.reopen_decided(round_id=round.id, by=by)
