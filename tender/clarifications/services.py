"""Asking a question about a round, withdrawing it, and answering it: to everyone, to the asker alone, or not.

What is published is corrected by `corrections`, and what the council says unasked is published there.

What an asker does is recorded without their name: the council reads the trail. The row itself holds who
asked, and its queries give that away to nobody before the tender box is opened.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from portal.mail.services import write_to_each
from portal.mail.words import letter
from portal.web.filters import uk_datetime
from tender.applications.access import is_opened
from tender.clarifications import letters
from tender.clarifications.access import may_ask, may_speak, takes_questions
from tender.clarifications.lifecycle import CLARIFICATION
from tender.clarifications.models import Clarification
from tender.clarifications.queries import MOST_OPEN
from tender.followers.services import follow, tell_everyone
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import intakes_after, published_round, round_for

LONGEST = 3_000  # characters of a question
LONGEST_ANSWER = 10_000
LONGEST_REASON = 2_000
_SHORTEST_NAME = 6  # characters: a shorter name of a provider may be a common word


@dataclass(frozen=True)
class _SomebodyAtAProvider:
    """Who asks, as the trail knows them."""

    person_id: None = None
    name: str = "Somebody at a provider"


UNNAMED = _SomebodyAtAProvider()


class NotNow(Refusal):
    """The round takes no questions at the moment at which the request arrived."""


class NamesSomebody(Refusal):
    """The words read like a provider's name, at one of their fields. The lead may say that they are none."""


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
    check_length(text, LONGEST, "question", "text")
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


def publish(
    *,
    clarification_id: int,
    text: str,
    answer: str,
    portal_url: str,
    by: Actor,
    names_nobody: bool = False,
) -> int:
    """Publish a question in words that do not show who asked, with its answer; return its number.

    Everyone who is told of the round is written to once. `names_nobody` is the lead's word that what reads
    like a provider's name is none; the trail keeps it. Raises `NotFound`, `MoveRefused`, `NamesSomebody`, and
    `Refusal` (fields `text`, `answer`) for what is empty or too long, and once the tender box is open.
    """
    text, answer = text.strip(), answer.strip()
    check_length(text, LONGEST, "question", "text")
    check_length(answer, LONGEST_ANSWER, "answer", "answer")
    with transaction() as session:
        asked, facts = locked_clarification(session, clarification_id, by)
        if asked.state == "waiting" and is_opened(facts.state):
            raise Refusal(
                "The tender box is open, so nobody can act on an answer any more. Tell the asker why."
            )
        said = check_names_nobody(session, {"text": text, "answer": answer}, names_nobody)
        number = next_number(session, asked.round_id)
        move(CLARIFICATION, asked, "publish", by=by, round=asked.round_id, number=number, **said)
        asked.number, asked.published_text, asked.answer = number, text, answer
        tell_of(
            facts, f"clarification:{asked.id}", partial(letters.published_words, facts, asked, portal_url), by
        )
    return number


def leave(*, clarification_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Say that a question is not answered any more, because its round has closed; its asker is told why.

    Raises `NotFound`, `MoveRefused`, and `Refusal` before the close, and for no reason (field `reason`).
    """
    reason = reason.strip()
    check_length(reason, LONGEST_REASON, "reason", "reason")
    with transaction() as session:
        asked, facts = locked_clarification(session, clarification_id, by)
        if may_speak(facts):
            raise Refusal("The round has not closed. Answer the question.")
        move(CLARIFICATION, asked, "leave", by=by, round=asked.round_id)
        asked.left_reason = reason
        _tell_asker(session, asked, facts, letters.left_words(facts, reason, portal_url), by=by)


def answer_privately(*, clarification_id: int, answer: str, reason: str, portal_url: str, by: Actor) -> None:
    """Answer to the asker alone, with the reason why nobody else is told.

    Raises `NotFound`, `MoveRefused`, and `Refusal` (fields `answer`, `reason`).
    """
    answer, reason = answer.strip(), reason.strip()
    check_length(answer, LONGEST_ANSWER, "answer", "answer")
    if not reason:
        raise Refusal("Say what is commercially confidential in it.", field="reason")
    with transaction() as session:
        asked, facts = locked_clarification(session, clarification_id, by)
        move(CLARIFICATION, asked, "answer_privately", by=by, round=asked.round_id)
        asked.answer, asked.private_reason = answer, reason
        _tell_asker(session, asked, facts, letters.private_words(facts, reason, portal_url), by=by)


def _tell_asker(
    session: Session, asked: Clarification, facts: RoundFacts, words: tuple[str, list[str]], *, by: Actor
) -> None:
    """Write to the asker alone. Who has left is not written to: colleagues find it on the page."""
    asker = select(Person.id.label("person_id"), Person.name, Person.email).where(
        Person.id == asked.asked_by_id, Person.active
    )
    title, lines = words
    write_to_each(
        session.execute(asker).mappings(),
        letter(title, *lines, facts.buyer_name),
        key=f"clarification:{asked.id}",
        subject_type="round",
        subject_id=facts.id,
        organisation_id=asked.organisation_id,
        by=by,
    )


def tell_of(
    facts: RoundFacts, event: str, words: Callable[[RoundFacts], tuple[str, list[str]]], by: Actor
) -> None:
    """Write `words` to everyone who is told of the round, and of the later intakes, which ask the same.
    Nobody is told of one event twice. Joins the transaction."""
    for each in (facts, *intakes_after(facts)):
        title, lines = words(each)
        tell_everyone(round_id=each.id, event=event, title=title, lines=lines, signed=each.buyer_name, by=by)


def next_number(session: Session, round_id: int) -> int:
    """The number of the next published clarification of a round. The caller holds its framework."""
    last = select(func.max(Clarification.number)).where(Clarification.round_id == round_id)
    return (session.scalar(last) or 0) + 1


def locked_clarification(
    session: Session, clarification_id: int, by: Actor
) -> tuple[Clarification, RoundFacts]:
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


def check_length(text: str, most: int, noun: str, field: str) -> None:
    if not text:
        raise Refusal(f"Enter the {noun}.", field=field)
    if len(text) > most:
        raise Refusal(f"The {noun} must be {most:,} characters or fewer. It has {len(text):,}.", field=field)


def check_names_nobody(
    session: Session, texts: Mapping[str, str], names_nobody: bool
) -> dict[str, list[str]]:
    """Refuse words (by field) that name a provider, whichever: that it is the asker must not be told by the
    refusal. A name counts where it stands as whole words.

    Where the lead says that they are no name (`names_nobody`), what they read like is returned for the trail.
    Raises `NamesSomebody`.
    """
    together = "\n".join(texts.values())
    names = session.scalars(
        select(Organisation.name).where(
            Organisation.kind == "provider",
            func.length(Organisation.name) >= _SHORTEST_NAME,
            func.strpos(func.lower(together), func.lower(Organisation.name)) > 0,
        )
    ).all()
    found = [(name, field) for name in sorted(names) for field, words in texts.items() if _names(words, name)]
    if found and not names_nobody:
        name, field = found[0]
        raise NamesSomebody(
            f"This reads like the name of a provider: “{name}”. Take it out, or tick below that it names no "
            "provider.",
            field=field,
        )
    return {"read_like_names": list(dict.fromkeys(name for name, _ in found))} if found else {}


def _names(words: str, name: str) -> bool:
    """Whether the name stands in the words as whole words: not “The Hub” in “the hubcap”."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE) is not None
