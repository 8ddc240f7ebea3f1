"""What the council publishes unasked, and what it corrects of what it has published.

Everyone who is told of the round is told of both, once. Nothing is written over: a correction is a version
beside the one before, and everyone reads both.
"""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Refusal
from portal.lifecycle import move
from tender.clarifications import letters
from tender.clarifications.access import may_speak
from tender.clarifications.lifecycle import CLARIFICATION
from tender.clarifications.models import Clarification, ClarificationCorrection
from tender.clarifications.queries import speaking_round
from tender.clarifications.services import (
    LONGEST,
    LONGEST_ANSWER,
    LONGEST_REASON,
    check_length,
    check_names_nobody,
    locked_clarification,
    next_number,
    tell_of,
)
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework
from tender.packs.refusals import ChangedMeanwhile

CLOSED = (
    "The round has closed, so nobody can act on this any more. If it has to be told, give more time first: "
    "then the round is open again for everyone."
)


def publish_own(
    *, round_id: int, text: str, answer: str, portal_url: str, by: Actor, names_nobody: bool = False
) -> int:
    """Publish something that nobody asked for: what it is about (`text`) and what the council says of it
    (`answer`). Return its number; published twice in the same words, it is there once.

    Raises `NotFound`, `NamesSomebody`, and `Refusal` (fields `text`, `answer`) for what is empty or too long,
    and once the round has closed.
    """
    text, answer = text.strip(), answer.strip()
    check_length(text, LONGEST, "subject", "text")
    check_length(answer, LONGEST_ANSWER, "clarification", "answer")
    with transaction() as session:
        facts = _speaking(session, round_id, by)
        same = session.scalar(
            select(Clarification.number).where(
                Clarification.round_id == round_id,
                Clarification.organisation_id == facts.council_id,
                Clarification.published_text == text,
                Clarification.answer == answer,
            )
        )
        if same is not None:
            return same
        said = check_names_nobody(session, {"text": text, "answer": answer}, names_nobody)
        number = next_number(session, round_id)
        own = Clarification(
            round_id=round_id,
            organisation_id=facts.council_id,
            asked_by_id=by.person_id,
            asked_at=clock.now(),
            text=text,
            state="waiting",
        )
        session.add(own)
        session.flush()
        move(CLARIFICATION, own, "publish", by=by, round=round_id, number=number, unasked=True, **said)
        own.number, own.published_text, own.answer = number, text, answer
        tell_of(facts, f"clarification:{own.id}", partial(letters.own_words, facts, own, portal_url), by)
    return number


def correct(
    *,
    clarification_id: int,
    text: str,
    answer: str,
    reason: str,
    seen: int,
    portal_url: str,
    by: Actor,
    names_nobody: bool = False,
) -> int:
    """Publish a published clarification anew, in other words and with the reason; return its number. `seen`
    is the version that the page showed. The same words again are no correction.

    Raises `NotFound`, `ChangedMeanwhile`, `NamesSomebody`, and `Refusal` (fields `text`, `answer`, `reason`)
    for what is empty or too long, for what is not published, and once the round has closed.
    """
    text, answer, reason = text.strip(), answer.strip(), reason.strip()
    check_length(text, LONGEST, "question", "text")
    check_length(answer, LONGEST_ANSWER, "answer", "answer")
    with transaction() as session:
        asked, facts = locked_clarification(session, clarification_id, by)
        if asked.number is None:
            raise Refusal("Only what everyone reads is corrected. This is not published.")
        if not may_speak(facts):
            raise Refusal(CLOSED)
        of_this = ClarificationCorrection.clarification_id == clarification_id
        newest = session.scalar(
            select(ClarificationCorrection)
            .where(of_this)
            .order_by(ClarificationCorrection.number.desc())
            .limit(1)
        )
        standing = (newest.text, newest.answer) if newest else (asked.published_text, asked.answer)
        if standing == (text, answer):
            return asked.number
        if seen != (version := newest.number if newest else 1):
            raise ChangedMeanwhile()
        check_length(reason, LONGEST_REASON, "reason", "reason")
        said = check_names_nobody(session, {"text": text, "answer": answer, "reason": reason}, names_nobody)
        correction = ClarificationCorrection(
            clarification_id=clarification_id,
            number=version + 1,
            text=text,
            answer=answer,
            reason=reason,
            corrected_at=clock.now(),
            corrected_by_id=by.person_id,
        )
        session.add(correction)
        session.flush()
        details = {"round": asked.round_id, "number": asked.number, "version": version + 1, "reason": reason}
        record("clarification.correct", "clarification", asked.id, by=by, **details, **said)
        words = partial(letters.corrected_words, facts, asked.number, correction, portal_url)
        tell_of(facts, f"clarification:{asked.id}:{version + 1}", words, by)
    return asked.number


def _speaking(session: Session, round_id: int, by: Actor) -> RoundFacts:
    """A round of `by`'s council that has not closed, its framework held: one number at a time. Raises
    `NotFound` and `Refusal`."""
    facts = speaking_round(by, round_id)
    session.execute(
        select(Framework.id).where(Framework.id == facts.framework_id).with_for_update(key_share=True)
    )
    if not may_speak(facts):
        raise Refusal(CLOSED)
    return facts
