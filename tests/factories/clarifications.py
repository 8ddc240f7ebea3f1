"""Rounds that take questions, and questions in each state, built through the services."""

from datetime import timedelta

from portal import clock
from portal.accounts.access import Actor
from tender.clarifications.services import answer_privately, ask, publish
from tender.frameworks.models import Round
from tests.factories.accounts import a_provider_person
from tests.factories.frameworks import a_procurement_lead, a_published_round

PORTAL_URL = "https://portal.example.org"


def a_round_with_questions(lead: Actor | None = None) -> Round:
    """An open round that takes questions for another two days."""
    return a_published_round(1, lead, questions_until=clock.now() + timedelta(days=2))


def a_question(round: Round, by: Actor | None = None, text: str = "Does the price include lunch?") -> int:
    """A question of a new provider (or of `by`'s) that waits for its answer; its id."""
    return ask(round_id=round.id, text=text, by=by or a_provider_person())


def a_published_question(round: Round, lead: Actor | None = None, by: Actor | None = None) -> int:
    """A question that everyone reads with its answer; its id."""
    asked = a_question(round, by)
    publish(
        clarification_id=asked,
        text="Is lunch part of the price?",
        answer="No. Give the price without it.",
        portal_url=PORTAL_URL,
        by=lead or a_procurement_lead(round),
    )
    return asked


def a_private_question(round: Round, lead: Actor | None = None, by: Actor | None = None) -> int:
    """A question answered to its asker alone; its id."""
    asked = a_question(round, by, "Our rent rises in June. May our price rise too?")
    answer_privately(
        clarification_id=asked,
        answer="No. The price that you give stands for the term.",
        reason="The question tells what the provider pays.",
        portal_url=PORTAL_URL,
        by=lead or a_procurement_lead(round),
    )
    return asked
