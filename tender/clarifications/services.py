"""Asking a question about a round, withdrawing it, and answering it: to everyone or to the asker alone.

What an asker does is recorded without their name: the council reads the trail. The row itself holds who
asked, and its queries give that away to nobody before the tender box is opened.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from portal.mail.services import write_letter
from portal.web.filters import uk_datetime
from tender.clarifications import letters
from tender.clarifications.access import may_ask, takes_questions
from tender.clarifications.lifecycle import CLARIFICATION
from tender.clarifications.models import Clarification
from tender.clarifications.queries import MOST_OPEN
from tender.followers.services import follow, tell_everyone
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import intakes_after, published_round, round_for

LONGEST = 3_000  # characters of a question
LONGEST_ANSWER = 10_000
_SHORTEST_NAME = 6  # characters: a shorter name of a provider may be a common word


@dataclass(frozen=True)
class _SomebodyAtAProvider:
    """Who asks, as the trail knows them."""

    person_id: None = None
    name: str = "Somebody at a provider"


UNNAMED = _SomebodyAtAProvider()


class NotNow(Refusal):
    """The round takes no questions at the moment at which the request arrived."""


class TooManyOpen(Refusal):
    """The organisation has as many open questions in this round as it may have."""

    sentence = (
        f"Your organisation has {MOST_OPEN} questions that wait for answers. "
        "Withdraw one, or ask again when some are answered."
    )


def ask(*, round_id: int, text: str, by: Actor) -> int:
    """Ask a question about a published round; return its id. The same question twice is asked once.

    Whoever asks follows the round from then on. Raises `NotFound`, `NotNow`, `TooManyOpen`, and `Refusal`
    (field `text`) for an empty or too long question and for somebody who does not work for a provider.
    """
    arrived = clock.arrived()
    if not may_ask(by):
        raise Refusal("Only providers can ask about a round. Register your organisation first.")
    text = text.strip()
    _check_length(text, LONGEST, "question", "text")
    with transaction() as session:
        _check_takes_questions(published_round(round_id), arrived)
        # Two clicks, or twenty colleagues: one after the other.
        session.execute(
            select(Organisation.id)
            .where(Organisation.id == by.organisation_id)
            .with_for_update(key_share=True)
        )
        waiting = session.execute(
            select(Clarification.id, Clarification.text).where(
                Clarification.round_id == round_id,
                Clarification.organisation_id == by.organisation_id,
                Clarification.state == "waiting",
            )
        ).all()
        if same := next((row.id for row in waiting if row.text == text), None):
            return same
        if len(waiting) >= MOST_OPEN:
            raise TooManyOpen()
        asked = Clarification(
            round_id=round_id,
            organisation_id=by.organisation_id,
            asked_by_id=by.person_id,
            asked_at=arrived,
            text=text,
            state="waiting",
        )
        session.add(asked)
        session.flush()
        follow(round_id=round_id, by=by)
        record("clarification.ask", "clarification", asked.id, by=UNNAMED, round=round_id)
    return asked.id


def withdraw(*, clarification_id: int, by: Actor) -> int:
    """Take back a question of one's own organisation that waits for its answer; return its round's id. Taken
    back twice, it is taken back once.

    Raises `NotFound`, and `MoveRefused` when it is answered already.
    """
    with transaction() as session:
        asked = session.scalar(
            select(Clarification)
            .where(Clarification.id == clarification_id, Clarification.organisation_id == by.organisation_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if asked is None or not may_ask(by):
            raise NotFound()
        if asked.state == "withdrawn":
            return asked.round_id
        move(CLARIFICATION, asked, "withdraw", by=UNNAMED, round=asked.round_id)
        asked.withdrawn_at = clock.now()
    return asked.round_id


def publish(*, clarification_id: int, text: str, answer: str, portal_url: str, by: Actor) -> int:
    """Publish a question in words that do not show who asked, with its answer; return its number.

    Everyone who is told of the round is written to once. Raises `NotFound`, `MoveRefused`, and `Refusal`
    (fields `text`, `answer`) for what is empty, too long, or names a provider.
    """
    text, answer = text.strip(), answer.strip()
    _check_length(text, LONGEST, "question", "text")
    _check_length(answer, LONGEST_ANSWER, "answer", "answer")
    with transaction() as session:
        asked, facts = _locked(session, clarification_id, by)
        _check_names_nobody(session, text, "text")
        _check_names_nobody(session, answer, "answer")
        last = select(func.max(Clarification.number)).where(Clarification.round_id == asked.round_id)
        number = (session.scalar(last) or 0) + 1
        move(CLARIFICATION, asked, "publish", by=by, round=asked.round_id, number=number)
        asked.number, asked.published_text, asked.answer = number, text, answer
        # Later intakes ask the same, so their followers are told too: nobody of one event twice.
        for each in (facts, *intakes_after(facts)):
            title, lines = letters.published_words(facts, asked, portal_url, each)
            tell_everyone(
                round_id=each.id,
                event=f"clarification:{asked.id}",
                title=title,
                lines=lines,
                signed=each.buyer_name,
                by=by,
            )
    return number


def answer_privately(*, clarification_id: int, answer: str, reason: str, portal_url: str, by: Actor) -> None:
    """Answer to the asker alone, with the reason why nobody else is told.

    Raises `NotFound`, `MoveRefused`, and `Refusal` (fields `answer`, `reason`).
    """
    answer, reason = answer.strip(), reason.strip()
    _check_length(answer, LONGEST_ANSWER, "answer", "answer")
    if not reason:
        raise Refusal("Say what is commercially confidential in it.", field="reason")
    with transaction() as session:
        asked, facts = _locked(session, clarification_id, by)
        move(CLARIFICATION, asked, "answer_privately", by=by, round=asked.round_id)
        asked.answer, asked.private_reason = answer, reason
        asker = session.execute(
            select(Person.name, Person.email).where(Person.id == asked.asked_by_id, Person.active)
        ).one_or_none()
        if asker is None:  # They have left; their colleagues find the answer on the page.
            return
        title, lines = letters.private_words(facts, reason, portal_url)
        write_letter(
            key=f"clarification:{asked.id}:{asked.asked_by_id}",
            to_name=asker.name,
            to_address=asker.email,
            title=title,
            body="\n\n".join([f"Dear {asker.name}", *lines, facts.buyer_name]) + "\n",
            subject_type="round",
            subject_id=facts.id,
            organisation_id=asked.organisation_id,
            by=by,
        )


def _locked(session: Session, clarification_id: int, by: Actor) -> tuple[Clarification, RoundFacts]:
    """A question to `by`'s council, and its round; one answer at a time in a framework. Raises `NotFound`."""
    framework_id = session.scalar(
        select(Framework.id)
        .join(Round, Round.framework_id == Framework.id)
        .join(Clarification, Clarification.round_id == Round.id)
        .where(Clarification.id == clarification_id, Framework.council_id == by.organisation_id)
        .with_for_update(of=Framework, key_share=True)
    )
    if framework_id is None or not by.may("framework:manage"):
        raise NotFound()
    asked = session.get_one(Clarification, clarification_id, with_for_update=True, populate_existing=True)
    return asked, round_for(by, asked.round_id)


def _check_takes_questions(facts: RoundFacts, arrived: datetime) -> None:
    if takes_questions(facts, arrived):
        return
    if facts.questions_until is None:
        raise NotNow("This round takes no questions here. The opportunity says how to reach the council.")
    raise NotNow(f"Questions could be asked until {uk_datetime(facts.questions_until)}.")


def _check_length(text: str, most: int, noun: str, field: str) -> None:
    if not text:
        raise Refusal(f"Enter the {noun}.", field=field)
    if len(text) > most:
        raise Refusal(f"The {noun} must be {most:,} characters or fewer. It has {len(text):,}.", field=field)


def _check_names_nobody(session: Session, text: str, field: str) -> None:
    """Refuse words that name a provider, whichever: that it is the asker must not be told by the refusal."""
    named = session.scalar(
        select(Organisation.name)
        .where(
            Organisation.kind == "provider",
            func.length(Organisation.name) >= _SHORTEST_NAME,
            func.strpos(func.lower(text), func.lower(Organisation.name)) > 0,
        )
        .limit(1)
    )
    if named:
        raise Refusal(f"This names a provider: “{named}”. Take the name out.", field=field)
