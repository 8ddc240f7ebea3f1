"""The words of letters about an admission that was told and waits: it is held, it has to wait for a check, it
has taken effect."""

from collections.abc import Sequence

from evaluation.outcomes.letters import SOMETHING_RAISED, listed
from portal.mail.words import Words, letter
from tender.frameworks.facts import RoundFacts

_ASK = "Reply to this email if you have a question."


def held(facts: RoundFacts, lots: Sequence[str]) -> Words:
    """That a challenge holds admissions to these lots. It does not say whose, nor what it says."""
    return letter(
        f"Your admission waits: {facts.title}",
        f"We told you that you are admitted to {listed(lots)} in round {facts.number} of {facts.title}. This "
        f"admission is held, so it has not taken effect yet: {SOMETHING_RAISED}",
        "You need do nothing about it. We write to you when your admission takes effect, or if our decision "
        "changes. The rest of your outcome letter stands.",
        _ASK,
        facts.buyer_name,
    )


def to_be_checked(facts: RoundFacts, lots: Sequence[str]) -> Words:
    """That an admission waits because a check of exclusion grounds has to be made again or looked at."""
    return letter(
        f"Your admission waits: {facts.title}",
        f"We told you that you are admitted to {listed(lots)} in round {facts.number} of {facts.title}. This "
        "admission has not taken effect yet: the checks of exclusion grounds, which we make of everybody "
        "before an admission, have to be looked at again first.",
        "If we need something of you, we ask you, and you can answer before we decide. We write to you when "
        "your admission takes effect, or if our decision changes.",
        _ASK,
        facts.buyer_name,
    )


def in_effect(facts: RoundFacts, lots: Sequence[str], conditions: bool) -> Words:
    """That admissions to these lots have taken effect; `conditions`: one of them is on conditions."""
    found = "Schools that use the framework can find you for it from now"
    if conditions:
        found += ", or, where we admit you on conditions, once all of them are met"
    return letter(
        f"Your admission has taken effect: {facts.title}",
        f"Your admission to {listed(lots)} in round {facts.number} of {facts.title} took effect today.",
        f"{found}. If the framework starts later, that begins with its start. Sign in to read what they see "
        "about you, and to bring it up to date.",
        _ASK,
        facts.buyer_name,
    )
