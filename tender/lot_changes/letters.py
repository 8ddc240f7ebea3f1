"""The words of the letters about a lot that was changed."""

from collections.abc import Sequence
from datetime import datetime

from portal.web.filters import uk_date, uk_datetime
from tender.frameworks.facts import RoundFacts
from tender.frameworks.framework_services import ChangedTerm
from tender.lot_changes.models import LotChange


def title_of(facts: RoundFacts, change: LotChange) -> str:
    """The title of every letter about the change."""
    return f"{change.after[0]} of {facts.title}, round {facts.number}, has changed"


def words(facts: RoundFacts, change: LotChange, standing: Sequence[str], portal_url: str) -> list[str]:
    """The lines: what was and what is, why, and what it means for the reader (`standing`)."""
    return [
        f"The council has changed {change.before[0]} in {facts.title}, round {facts.number}. What is new "
        "counts from now on.",
        f"The reason: {change.reason}",
        "Before:\n" + "\n".join(change.before),
        "Now:\n" + "\n".join(change.after),
        *standing,
        f"The opportunity: {portal_url}/opportunities/{facts.id}",
    ]


def term_title(facts: RoundFacts) -> str:
    """The title of every letter about another term of the framework."""
    return f"The term of {facts.title} has changed"


def term_words(facts: RoundFacts, change: ChangedTerm, portal_url: str) -> list[str]:
    """The lines: the term as it was and as it is, why, and until when one can still apply."""
    before, after = (" to ".join(uk_date(day) for day in term) for term in (change.before, change.after))
    return [
        f"The council has changed the term of {facts.title}. It was {before}, and is now {after}.",
        f"The reason: {change.reason}",
        *of_anybody(facts),
        f"The opportunity: {portal_url}/opportunities/{facts.id}",
    ]


def of_application(state: str, closes_at: datetime) -> list[str]:
    """What the change means for an application that has the lot."""
    until = f"Your time to submit ends at {uk_datetime(closes_at)}."
    if state == "submitted":
        return [
            "You have submitted an application for this lot, and it stands. If you no longer meet what the "
            "lot asks for, or want to answer otherwise, withdraw it, change it and submit it again.",
            until,
        ]
    return [
        "Your application is for this lot. See whether you still meet what it asks for before you submit.",
        until,
    ]


def of_anybody(facts: RoundFacts) -> list[str]:
    """What everybody else should know."""
    return [f"The round closes at {uk_datetime(facts.closes_at)}."]
