"""Who may ask, answer, and know who asked."""

from datetime import datetime

from portal.accounts.access import Actor
from tender.applications.access import is_opened
from tender.frameworks.facts import RoundFacts


def may_ask(viewer: Actor) -> bool:
    """Whether the viewer works on applications of a provider, with one to this round or without."""
    return viewer.organisation_kind == "provider" and viewer.may("application:edit")


def takes_questions(facts: RoundFacts, at: datetime) -> bool:
    """Whether questions may be asked at the moment `at`; the last moment itself is too late."""
    return (
        facts.state == "published"
        and facts.phase in ("upcoming", "open")
        and facts.questions_until is not None
        and at < facts.questions_until
    )


def may_speak(facts: RoundFacts) -> bool:
    """Whether what the council publishes can still be acted on: until the round closes."""
    return facts.phase in ("upcoming", "open")


def may_know_who_asked(viewer: Actor, round_state: str) -> bool:
    """Whether the viewer is shown the asker: the lead alone, once the tender box is opened."""
    return viewer.may("framework:manage") and is_opened(round_state)
