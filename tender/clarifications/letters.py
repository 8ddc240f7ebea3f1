"""The words of the letters that follow an answer. None of them says who asked."""

from tender.clarifications.models import Clarification, ClarificationCorrection
from tender.frameworks.facts import RoundFacts


def published_words(
    facts: RoundFacts, clarification: Clarification, portal_url: str, read_in: RoundFacts
) -> tuple[str, list[str]]:
    """Title and lines of the letter about a published answer, the same for everyone who reads it in a round:
    in that of the question, or in a later intake."""
    later = f" It counts for round {read_in.number} too." if read_in.id != facts.id else ""
    return (
        f"Question {clarification.number} about {facts.title}, round {facts.number}, is answered",
        [
            f"The council has answered a question about {facts.title}, round {facts.number}.{later}",
            f"Question {clarification.number}:\n{clarification.published_text}",
            f"Answer:\n{clarification.answer}",
            "The answer is part of what the council tells every provider. If you have answered a question "
            "that it is about, check what you wrote.",
            f"All questions and answers: {portal_url}/opportunities/{read_in.id}#answers",
        ],
    )


def own_words(
    facts: RoundFacts, clarification: Clarification, portal_url: str, read_in: RoundFacts
) -> tuple[str, list[str]]:
    """Title and lines of the letter about what the council clarifies of its own accord."""
    later = f" It counts for round {read_in.number} too." if read_in.id != facts.id else ""
    return (
        f"The council clarifies something about {facts.title}, round {facts.number}",
        [
            f"The council has something to say about {facts.title}, round {facts.number}.{later}",
            f"Clarification {clarification.number}:\n{clarification.published_text}",
            f"{clarification.answer}",
            "If you have answered a question that it is about, check what you wrote.",
            f"All questions and answers: {portal_url}/opportunities/{read_in.id}#answers",
        ],
    )


def corrected_words(
    facts: RoundFacts, number: int, correction: ClarificationCorrection, portal_url: str, read_in: RoundFacts
) -> tuple[str, list[str]]:
    """Title and lines of the letter about a correction, the same for everyone who reads it in a round.
    `number` is that of the clarification."""
    return (
        f"Number {number} of the answers about {facts.title}, round {facts.number}, is corrected",
        [
            f"The council has corrected what it published under number {number} about {facts.title}, round "
            f"{facts.number}. What stands here counts from now on.",
            f"The reason: {correction.reason}",
            correction.text,
            f"Answer:\n{correction.answer}",
            "If you have relied on what stood there before, check what you wrote. Both versions stand here: "
            f"{portal_url}/opportunities/{read_in.id}#answers",
        ],
    )


def left_words(facts: RoundFacts, reason: str, portal_url: str) -> tuple[str, list[str]]:
    """Title and lines of the letter to somebody whose question was not answered before the close."""
    return (
        f"Your question about {facts.title}, round {facts.number}, was not answered",
        [
            f"The round {facts.number} of {facts.title} closed before the council had answered a question of "
            "yours. It is not answered any more.",
            f"The reason: {reason}",
            f"Your question: {portal_url}/opportunities/{facts.id}/questions",
        ],
    )


def private_words(facts: RoundFacts, reason: str, portal_url: str) -> tuple[str, list[str]]:
    """Title and lines of the letter to the asker alone. The answer itself stays in the portal."""
    return (
        f"Your question about {facts.title}, round {facts.number}, is answered",
        [
            f"The council has answered your question about {facts.title}, round {facts.number}. "
            "Only your organisation is told.",
            f"The reason: {reason}",
            f"Sign in to read the answer: {portal_url}/opportunities/{facts.id}/questions",
        ],
    )
