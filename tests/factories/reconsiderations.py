"""Challenges that were upheld, and new decisions proposed and approved because of them."""

from datetime import timedelta
from typing import Any

from evaluation.challenges.services import Received, answer_challenge, record_challenge
from evaluation.outcomes.queries import outcome_of
from evaluation.reconsiderations.services import Intended, approve, propose
from portal import clock
from portal.accounts.access import Actor
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.frameworks import lot_ids

WHY = "The mark for safeguarding overlooked the second half of the answer, which reaches the minimum."
HEARD = "Written to on 2 March, with ten days to answer. It said that it accepts what was found."


def a_challenge(
    evaluation: Evaluation,
    finding: str | None = "upheld",
    lot: int | None = None,
    kind: str = "complaint",
    answer: str = "We looked again.",
) -> int:
    """A complaint about the lot with this place, or about every lot, answered with this finding; a complaint
    without one is not answered."""
    challenge_id = record_challenge(
        round_id=evaluation.round_id,
        said=Received(
            kind=kind,
            lot_id=None if lot is None else lot_ids(evaluation.round)[lot],
            received_from="Brook Lane Workshop",
            received_on=clock.today(),
            summary="The mark for safeguarding.",
            answer_due_on=clock.today() + timedelta(days=14),
        ),
        by=evaluation.lead,
    )
    if finding or kind != "complaint":
        answer_challenge(challenge_id=challenge_id, answer=answer, finding=finding, by=evaluation.lead)
    return challenge_id


def intended(outcome: str = "admit", **said: Any) -> Intended:
    """What a lead might propose."""
    heard = {"heard": HEARD} if outcome == "not_admit" else {}
    return Intended(outcome, **{"reason": WHY, **heard, **said})


def a_proposal(
    evaluation: Evaluation,
    application: int = 0,
    outcome: str = "admit",
    *,
    challenge_id: int | None = None,
    lot: int = 0,
    by: Actor | None = None,
    **said: Any,
) -> int:
    """A new decision on the tender and the lot with these places, proposed because of a complaint."""
    lot_id, application_id = lot_ids(evaluation.round)[lot], evaluation.applications[application]
    challenge_id = challenge_id or a_challenge(evaluation)
    return propose(
        challenge_id=challenge_id,
        application_id=application_id,
        lot_id=lot_id,
        intended=intended(outcome, **said),
        seen=outcome_of(application_id, lot_id, evaluation.round_id).decision_id or 0,
        by=by or evaluation.lead,
    )


def decided_anew(
    evaluation: Evaluation, application: int = 0, outcome: str = "admit", lot: int = 0, **said: Any
) -> int:
    """A new decision on the tender and the lot with these places, approved; its id."""
    proposal = a_proposal(evaluation, application, outcome, lot=lot, **said)
    return approve(reconsideration_id=proposal, by=an_approver(evaluation))
