"""The words of the letter about a new decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evaluation.challenges.claims import CLAIM_DAYS, last_day_to_claim
from evaluation.outcomes.assessment import ADMIT, ADMITTED, ON_CONDITIONS, Condition
from evaluation.outcomes.release_queries import Standstill
from portal.web.filters import plural, uk_date
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import LEGAL_REGIMES


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider is told: the decision that stood, the one that stands now, and from when.

    `standstill` is the one for which an admission waits, `held` whether it waits for a challenge.
    """

    lot_name: str
    earlier: str
    earlier_on: date
    outcome: str
    reason: str
    conditions: Sequence[Condition]
    challenge: str
    standstill: Standstill | None
    held: bool


def title_of(facts: RoundFacts) -> str:
    """The letter's subject line. It gives nothing away to whoever sees a list of letters."""
    return f"A new decision on your application: round {facts.number} of {facts.title}"


def body_of(facts: RoundFacts, person_name: str, provider_name: str, told: Told, on: date) -> str:
    """The whole letter as plain text, as it goes on this day. It does not say who complained."""
    last = last_day_to_claim(on)
    parts = [
        f"Dear {person_name}",
        f"Date: {uk_date(on, weekday=True)}\nFramework: {facts.title} ({facts.reference}), round "
        f"{facts.number}\nProvider: {provider_name}",
        f"We have looked again at our decisions in this round, because of {told.challenge} that was found to "
        f"be right, wholly or in part. This letter gives our new decision for one lot. It replaces what we "
        f"told you on {uk_date(told.earlier_on)} about this lot; the rest of that letter stands.",
        "OUR NEW DECISION",
        _decision(facts, told),
        f"Until now our decision for this lot was “{told.earlier}”.",
        *_effect(told),
        "IF YOU HAVE QUESTIONS",
        f"Reply to this email and ask about anything in this letter. {_in_the_first(facts)}",
        "IF YOU THINK WE GOT IT WRONG",
        "Tell us first if you can, by replying to this email: we would rather put a mistake right. You can "
        f"also start a claim in court. By the {LEGAL_REGIMES[facts.legal_regime]} you have {CLAIM_DAYS} "
        "days, which begin with the day on which you first knew or ought to have known of the grounds for "
        f"it. Counted from the day of this letter, the last day is {uk_date(last, weekday=True)}. Asking us "
        "a question does not stop that time. We cannot advise you about a claim.",
        facts.buyer_name,
    ]
    return "\n\n".join(parts) + "\n"


def _in_the_first(facts: RoundFacts) -> str:
    """What stays to be read in the first letter."""
    if facts.by_conditions:
        return "The conditions that we looked at are in our first letter."
    return (
        "Your marks, with the reasons for them, are in our first letter. Where they were wrong, the reason "
        "above says so."
    )


def _decision(facts: RoundFacts, told: Told) -> str:
    until = uk_date(facts.ends_on)
    if told.outcome == ADMIT:
        return f"{told.lot_name}\nYou are admitted to this lot until {until}.\nWhy: {told.reason}"
    if told.outcome == ON_CONDITIONS:
        lines = [
            f"{told.lot_name}\nYou are admitted to this lot until {until}, on conditions.",
            f"Why: {told.reason}",
            "Schools cannot find you for this lot before you have met each of these:",
            *(f"- By {uk_date(each.due_on, weekday=True)}: {each.text}" for each in told.conditions),
            "Put the document into your vault in the portal, or reply to this email, before the day that is "
            "named.",
        ]
        return "\n".join(lines)
    return f"{told.lot_name}\nYou are not admitted to this lot.\nWhy: {told.reason}"


def _effect(told: Told) -> Sequence[str]:
    if told.outcome not in ADMITTED:
        return (
            "WHAT HAPPENS NOW",
            "This takes effect with this letter. Where you were admitted to this lot because of this "
            "application, schools do not find you for it any more, and schools with a child with you are "
            "told. Sign in to see where you stand on each lot.",
        )
    if not told.held and told.standstill is None:
        return (
            "WHAT HAPPENS NOW",
            "This takes effect with this letter. If you are suspended, you stay so until we lift that. "
            "Sign in to read what schools see about you, and to bring it up to date.",
        )
    waits = []
    if told.standstill and told.standstill.until:
        ends = uk_date(told.standstill.until, weekday=True)
        waits.append(f"the standstill of this round ends on {ends}")
    elif told.standstill:
        waits.append(
            f"the standstill of this round, of {plural(told.standstill.days, 'working day')}, begins with "
            "the day on which our contract award notice is published"
        )
    if told.held:
        waits.append("admissions to this lot wait until something that was raised about them is settled")
    return (
        "WHAT HAPPENS NOW",
        f"Your admission has not taken effect yet: {', and '.join(waits)}. It takes effect by itself after "
        "that. We write to you on that day, and you see it in the portal under “Your standing”.",
    )
