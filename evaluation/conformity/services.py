"""Running the rules, deciding what they refer, and starting the marking."""

import json
from collections.abc import Callable

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from evaluation.conformity.dry_run import judged
from evaluation.conformity.models import ConformityCheck, ConformityDecision
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from tender.applications.closed_queries import refuse_closed
from tender.frameworks import services as frameworks
from tender.frameworks.models import Question, Round

# One statement for a whole round: new checks are added, a rule's earlier result is replaced, and where a
# person has decided only the rule's own opinion is brought up to date beside theirs.
_SAVE_CHECKS = text(
    """
    INSERT INTO conformity_check
      (application_id, question_id, lot_id, result, rule_result, reason, rule_reason)
    SELECT application_id, question_id, lot_id, result, result, reason, reason
    FROM jsonb_to_recordset(CAST(:checks AS jsonb))
      AS judged (application_id bigint, question_id bigint, lot_id bigint, result text, reason text)
    ON CONFLICT (application_id, question_id, lot_id) DO UPDATE SET
      rule_result = excluded.rule_result,
      rule_reason = excluded.rule_reason,
      result = CASE WHEN conformity_check.decided_by_id IS NULL
                    THEN excluded.result ELSE conformity_check.result END,
      reason = CASE WHEN conformity_check.decided_by_id IS NULL
                    THEN excluded.reason ELSE conformity_check.reason END
    """
)


DECIDED_IN = ("opened", "marking")
"""The states of a round in which a person decides on conditions: while it is marked, to put one right."""
_listeners: list[Callable[[int, Actor], None]] = []


class ConformityOver(Refusal):
    """The round is not between the opening of its box and the decision on its outcomes."""

    sentence = (
        "Conditions can be decided from the opening of the tender box until every outcome is approved. To "
        "put one right after that and before the letters go, reopen a decision on the tender first."
    )


class StillToDecide(Refusal):
    """Marking cannot start while a condition is referred."""


class DecidedMeanwhile(Conflict):
    """Somebody else decided this check after the page was drawn."""


def when_box_opens(round: Round, *, by: Actor) -> None:
    """The tender box of `round` was opened: check every application against its conditions."""
    run_rules(round_id=round.id, by=by)


def run_rules(*, round_id: int, by: Actor) -> int:
    """Check every submitted application of a round against its conditions; return how many checks were made.

    It may be run again: a person's decision is never overwritten. Raises `ConformityOver`.
    """
    with transaction() as session:
        _locked_opened(session, round_id)
        checks = [
            {
                "application_id": application_id,
                "question_id": item.asked.id,
                "lot_id": item.lot_id,
                "result": says.result,
                "reason": says.reason,
            }
            for application_id, item, says in judged(round_id)
        ]
        session.execute(_SAVE_CHECKS, {"checks": json.dumps(checks)})
        record("conformity.run", "round", round_id, by=by, checks=len(checks))
    return len(checks)


def decide_check(*, check_id: int, result: str, reason: str, version: int, by: Actor) -> None:
    """A person passes or fails a check, with a reason, whatever the rule or a colleague said of it before.

    The rule's word and every earlier decision stay beside it, and no later run of the rules replaces it. Once
    marking has started it is told to whoever listens: what rested on it has to be made again.

    Raises `NotFound`, also where the tender is closed to them, `NotDeclaredYet`, `ConformityOver` outside its
    time, `Refusal` for a result or reason that is missing, and `DecidedMeanwhile` when `version` is not the
    newest.
    """
    if result not in ("pass", "fail"):
        raise Refusal("Choose pass or fail.", field="result")
    if not reason.strip():
        raise Refusal("Give a reason. The provider may be told it.", field="reason")
    with transaction() as session:
        round_id = session.execute(
            select(Question.round_id)
            .join(ConformityCheck, ConformityCheck.question_id == Question.id)
            .where(ConformityCheck.id == check_id)
        ).scalar_one_or_none()
        if round_id is None:
            raise NotFound
        round = _locked(session, round_id)
        if round.state not in DECIDED_IN:
            raise ConformityOver
        check = session.get(ConformityCheck, check_id, with_for_update=True, populate_existing=True)
        if check is not None:
            refuse_closed(by, check.application_id)
        if check is None or check.version != version:
            raise DecidedMeanwhile(
                "A colleague decided this while you had the page open. Their decision is shown below: check "
                "it, then save again if you still want to replace it."
            )
        before = check.result
        _keep_decision(session, check, result, reason.strip(), by)
        record(
            "conformity.decide", "application", check.application_id, by=by,
            question=check.question_id, lot=check.lot_id, rule=check.rule_result, before=before, after=result,
        )  # fmt: skip
        session.flush()
        if round.state != "opened" and before != result:
            for listener in _listeners:
                listener(check.application_id, by)


def when_decided_late(listener: Callable[[int, Actor], None]) -> None:
    """Call `listener(application_id, by)` inside the transaction of every decision that changes a condition's
    result after marking has started. Called when the application is put together."""
    if listener not in _listeners:
        _listeners.append(listener)


def _keep_decision(session: Session, check: ConformityCheck, result: str, reason: str, by: Actor) -> None:
    """Add the decision to those on the check and let it stand: the database wants it in this order."""
    decision = ConformityDecision(
        check_id=check.id,
        version=check.version + 1,
        result=result,
        reason=reason,
        decided_at=clock.now(),
        decided_by_id=by.person_id,
    )
    session.add(decision)
    session.flush()
    check.result, check.reason, check.version = decision.result, decision.reason, decision.version
    check.decided_by_id, check.decided_at = decision.decided_by_id, decision.decided_at


def start_marking(*, round_id: int, by: Actor) -> None:
    """End conformity and let the panel mark, or, where conditions alone decide, outcomes be recommended;
    nothing more happens when it was done before.

    Raises `StillToDecide`, and `MoveRefused` for a round whose box is not open.
    """
    with transaction() as session:
        if _locked(session, round_id).state == "marking":
            return
        undecided = session.execute(
            select(
                exists().where(
                    ConformityCheck.question_id == Question.id,
                    Question.round_id == round_id,
                    ConformityCheck.result == "refer",
                )
            )
        ).scalar_one()
        if undecided:
            raise StillToDecide("Decide every referred condition first. You can go on when none is left.")
        frameworks.start_marking(round_id=round_id, by=by)


def _locked(session: Session, round_id: int) -> Round:
    session.flush()
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is None:
        raise NotFound
    return round


def _locked_opened(session: Session, round_id: int) -> Round:
    round = _locked(session, round_id)
    if round.state != "opened":
        raise ConformityOver
    return round
