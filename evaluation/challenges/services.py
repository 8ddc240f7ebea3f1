"""Recording a challenge, answering it, noting what was found, and letting it hold admissions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from evaluation.challenges.lifecycle import CHALLENGE
from evaluation.challenges.models import FINDINGS, KINDS, Challenge
from evaluation.challenges.queries import TRACKED_IN, held_lots
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from tender.frameworks.models import Framework, Round, RoundLot
from tender.frameworks.services import locked_round

_listeners: list[Callable[[Challenge, Sequence[int], Actor], None]] = []


class HeldAlready(Conflict):
    """A challenge holds once."""

    sentence = "This holds admissions already, or did until the hold was lifted. Reload the page."


class FoundAlready(Conflict):
    """A finding stands."""

    sentence = "What was found is noted already, or this is not answered yet. Reload the page."


class NotHeld(Conflict):
    """There is nothing to lift."""

    sentence = "This holds no admission any more. Reload the page."


@dataclass(frozen=True, slots=True)
class Received:
    """What came: a kind of `KINDS`, about a lot or all (None), from whom, when, what it says, and by when it
    is to be answered."""

    kind: str
    lot_id: int | None
    received_from: str
    received_on: date
    summary: str
    answer_due_on: date


def record_challenge(*, round_id: int, said: Received, by: Actor) -> int:
    """Record what came about a round whose tender box is open; return its id. The same sent twice is recorded
    once. Raises `NotFound`, and `Refusal` naming the field that is wrong."""
    with transaction() as session:
        round = locked_round(round_id, by)
        if round.state not in TRACKED_IN:
            raise NotFound
        lots = set(session.scalars(select(RoundLot.lot_id).where(RoundLot.round_id == round_id)))
        _check(said, lots)
        values = {
            "lot_id": said.lot_id,
            "kind": said.kind,
            "received_from": said.received_from.strip(),
            "received_on": said.received_on,
            "summary": said.summary.strip(),
            "answer_due_on": said.answer_due_on,
        }
        known = session.scalar(select(Challenge.id).filter_by(round_id=round_id, state="open", **values))
        if known is not None:
            return known
        challenge = Challenge(
            round_id=round_id, recorded_at=clock.now(), recorded_by_id=by.person_id, **values
        )
        session.add(challenge)
        session.flush()
        record("challenge.record", "challenge", challenge.id, by=by, round=round_id, kind=said.kind)
    return challenge.id


def _check(said: Received, lots: set[int]) -> None:
    if said.kind not in KINDS:
        raise Refusal("Choose what it is.", field="kind")
    if said.lot_id is not None and said.lot_id not in lots:
        raise Refusal("Choose a lot of this round, or every lot.", field="lot")
    if not said.received_from.strip():
        raise Refusal("Say who it is from.", field="received_from")
    if said.received_on > clock.today():
        raise Refusal("It cannot have come after today.", field="received_on")
    if not said.summary.strip():
        raise Refusal("Say what it is about.", field="summary")
    if said.answer_due_on < said.received_on:
        raise Refusal("The answer cannot be due before it came.", field="answer_due_on")


def answer_challenge(*, challenge_id: int, answer: str, finding: str | None = None, by: Actor) -> None:
    """Note what was answered, and the finding: one of `FINDINGS`, or None where there is none, or none yet. A
    complaint is never answered without one.

    A hold stays until it is lifted. Answered twice with the same words it is answered once. Raises
    `NotFound`, `MoveRefused`, and `Refusal` naming the field that is wrong.
    """
    if not answer.strip():
        raise Refusal("Say what was answered.", field="answer")
    if finding is not None and finding not in FINDINGS:
        raise Refusal("Choose what was found.", field="finding")
    with transaction():
        challenge = _held(challenge_id, by)
        said = (challenge.answer, challenge.finding, challenge.answered_by_id)
        if said == (answer.strip(), finding, by.person_id):
            return
        if challenge.state == "open":
            if challenge.kind == "complaint" and finding is None:
                raise Refusal("Say whether the complaint is upheld.", field="finding")
            challenge.answer = answer.strip()
            _find(challenge, finding, "", by)
        move(CHALLENGE, challenge, "answer", by=by, round=challenge.round_id, finding=finding)


def note_finding(*, challenge_id: int, finding: str, reason: str, by: Actor) -> None:
    """Note what came out of a challenge that was answered without a finding: a claim that is settled or
    decided, for instance. Once only; sent twice by the same person it is noted once.

    Raises `NotFound`, `FoundAlready`, and `Refusal` naming the field that is wrong.
    """
    if finding not in FINDINGS:
        raise Refusal("Choose what was found.", field="finding")
    if not reason.strip():
        raise Refusal("Say who found so, and why. It is kept in the record.", field="because")
    with transaction():
        challenge = _held(challenge_id, by)
        said = (challenge.finding, challenge.finding_reason, challenge.found_by_id)
        if said == (finding, reason.strip(), by.person_id):
            return
        if challenge.state != "answered" or challenge.finding is not None:
            raise FoundAlready
        _find(challenge, finding, reason.strip(), by)
        record("challenge.find", "challenge", challenge.id, by=by, round=challenge.round_id, finding=finding)


def _find(challenge: Challenge, finding: str | None, reason: str, by: Actor) -> None:
    if finding is not None:
        challenge.finding, challenge.finding_reason = finding, reason
        challenge.found_at, challenge.found_by_id = clock.now(), by.person_id


def hold_admissions(*, challenge_id: int, reason: str, by: Actor) -> None:
    """Let admissions to the challenge's lot wait that have not taken effect yet; whoever listens is told of
    the lots that nothing held before. Raises `NotFound`, `HeldAlready`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say why admissions have to wait.", field="reason")
    with transaction() as session:
        challenge = _held(challenge_id, by)
        if challenge.held_at is not None:
            raise HeldAlready
        before = held_lots(challenge.round_id)
        challenge.held_at, challenge.held_by_id = clock.now(), by.person_id
        challenge.hold_reason = reason.strip()
        record("challenge.hold", "challenge", challenge.id, by=by, round=challenge.round_id)
        session.flush()
        newly = sorted(held_lots(challenge.round_id) - before)
        for listener in _listeners:
            listener(challenge, newly, by)


def when_held(listener: Callable[[Challenge, Sequence[int], Actor], None]) -> None:
    """Call `listener(challenge, lots, by)` inside the transaction of every hold, with the lots that nothing
    held before. Called when the application is put together."""
    if listener not in _listeners:
        _listeners.append(listener)


def lift_hold(*, challenge_id: int, reason: str, by: Actor) -> None:
    """Let admissions take effect again: those whose standstill is over do so within seconds. Raises
    `NotFound`, `NotHeld`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say why admissions need not wait any more.", field="reason")
    with transaction():
        challenge = _held(challenge_id, by)
        if challenge.held_at is None or challenge.lifted_at is not None:
            raise NotHeld
        challenge.lifted_at, challenge.lifted_by_id = clock.now(), by.person_id
        challenge.lift_reason = reason.strip()
        record("challenge.lift", "challenge", challenge.id, by=by, round=challenge.round_id)


def _held(challenge_id: int, by: Actor) -> Challenge:
    """A challenge of `by`'s council with its round, both locked: the round is what a release waits for.
    Raises `NotFound`."""
    with transaction() as session:
        round_id = session.scalar(
            select(Challenge.round_id)
            .join(Round, Round.id == Challenge.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .where(Challenge.id == challenge_id, Framework.council_id == by.organisation_id)
        )
        if round_id is None:
            raise NotFound
        locked_round(round_id, by)
        return session.get_one(Challenge, challenge_id, with_for_update=True, populate_existing=True)
