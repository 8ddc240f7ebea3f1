"""The words of an outcome letter: what an assessment summary must say, in words that a provider can use.

Contents follow the Procurement Regulations 2024, regulation 31 (supplier and its numbers; criteria with
weight, mark and marks available; an explanation of each mark; totals and sub-totals; why a tender failed),
and serve a framework under the Public Contracts Regulations 2015 (the reasons for the
decision) as well. A letter is written when the round is decided and read through before it goes out, so what
follows from its release stands in it as marks, which `filling` replaces.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from evaluation.challenges.claims import CLAIM_DAYS, last_day_to_claim
from evaluation.conformity.check_queries import Told
from evaluation.outcomes.assessment import (
    ADMIT,
    EXCLUDED,
    ON_CONDITIONS,
    Assessment,
    Criterion,
    LotOutcome,
    available,
    subtotal,
)
from evaluation.outcomes.letter_queries import PriceTold
from evaluation.outcomes.release_queries import Standstill
from portal.accounts.models import IDENTIFIER_SCHEMES
from portal.web.filters import money, plural, points, uk_date
from tender.frameworks.facts import RoundFacts
from tender.frameworks.kinds import PRICE_FORMULAS, UP_TO_CEILING
from tender.frameworks.models import LEGAL_REGIMES
from tender.frameworks.recipe import NOTHING_MARKED

RELEASED_ON = "[the day this letter is released]"
LAST_DAY_TO_CLAIM = "[the last of the 30 days]"
TAKES_EFFECT = "[when your admission takes effect]"


@dataclass(frozen=True, slots=True)
class Addressee:
    """The provider as its profile and its account name it, and the person the letter is for. Numbers are
    (scheme, value); `postal_address` is empty where it is no other than the address."""

    person_name: str
    provider_name: str
    address: str
    numbers: Sequence[Sequence[str]]
    postal_address: str = ""
    email: str = ""


def title_of(facts: RoundFacts) -> str:
    """The letter's subject line. It gives nothing away to whoever sees a list of letters."""
    return f"Outcome of your application: round {facts.number} of {facts.title}"


def body_of(
    facts: RoundFacts,
    to: Addressee,
    assessment: Assessment,
    recipe: Sequence[str],
    prices: Mapping[int, PriceTold],
    conditions: Sequence[Told] = (),
) -> str:
    """The whole letter as plain text. `recipe` says how totals are made, as it was published; `prices` are
    this tender's that a formula scores, by lot; `conditions` are those it was judged by, told where they
    alone decide."""
    parts = [
        f"Dear {to.person_name}",
        _about(facts, to),
        "OUR DECISION",
        *(_decision(facts, outcome) for outcome in assessment.outcomes),
        *(_conditions(conditions) if facts.by_conditions else _marks(assessment, recipe, prices)),
        *_after(facts, assessment),
        facts.buyer_name,
    ]
    return "\n\n".join(parts) + "\n"


def filling(
    released: date,
    standstill: Standstill | None = None,
    *,
    outcomes: Sequence[LotOutcome] = (),
    held: Collection[int] = (),
) -> Mapping[str, str]:
    """What replaces the marks of a letter that is released on this day, with a standstill or without.
    `outcomes` are those that the letter tells, `held` the lots whose
    admissions a challenge holds: such an admission is not said to take effect."""
    waiting = [each.lot_name for each in outcomes if each.admits and each.lot_id in held]
    others = [each.lot_name for each in outcomes if each.admits and each.lot_id not in held]
    said = [_effect(others if waiting else [], standstill)] if others or not waiting else []
    if waiting:
        said.append(
            f"Your admission to {listed(waiting)} is held, so it has not taken effect yet: "
            f"{SOMETHING_RAISED} You need do nothing about it. We write to you when your admission takes "
            "effect, or if our decision changes."
        )
    return {
        RELEASED_ON: uk_date(released, weekday=True),
        LAST_DAY_TO_CLAIM: uk_date(last_day_to_claim(released), weekday=True),
        TAKES_EFFECT: " ".join(said),
    }


SOMETHING_RAISED = (
    "something was raised about the decisions of this round, and until that is settled no admission to which "
    "it applies takes effect."
)


def _effect(lots: Sequence[str], standstill: Standstill | None) -> str:
    """When admissions that nothing holds take effect; `lots` names them where others are held."""
    which = f"Your admission to {listed(lots)}" if lots else "Your admission"
    if standstill is None:
        return f"{which} takes effect with this letter."
    ends = (
        f"This standstill ends on {uk_date(standstill.until, weekday=True)}. {which} takes effect on the day "
        "after"
        if standstill.until
        else f"This standstill lasts {plural(standstill.days, 'working day')}, beginning with the day on "
        f"which our contract award notice is published. {which} takes effect on the day after its last day"
    )
    return (
        "Before admissions take effect we wait, so that everybody can ask about our decisions first. "
        f"{ends}, unless we write to you before. We write to you on that day."
    )


def listed(lots: Sequence[str]) -> str:
    """'Lot 1: Full-time, and Lot 2: Part-time'."""
    return ", and ".join(filter(None, ["; ".join(lots[:-1]), lots[-1]]))


def _about(facts: RoundFacts, to: Addressee) -> str:
    numbers = "; ".join(f"{IDENTIFIER_SCHEMES.get(scheme, scheme)}: {value}" for scheme, value in to.numbers)
    lines = [
        f"Date: {RELEASED_ON}",
        f"Framework: {facts.title} ({facts.reference}), round {facts.number}",
        f"Provider: {', '.join(filter(None, [to.provider_name, to.address]))}",
        f"Postal address: {to.postal_address}" if to.postal_address else "",
        f"Email: {to.email}" if to.email else "",
        numbers,
    ]
    told = (
        "our decision for each lot and why"
        if facts.by_conditions
        else "our decision for each lot, your marks and why"
    )
    opening = f"Thank you for your application. This letter gives {told}."
    return "\n".join(filter(None, lines)) + f"\n\n{opening}"


def _decision(facts: RoundFacts, outcome: LotOutcome) -> str:
    until = uk_date(facts.ends_on)
    if outcome.outcome == ADMIT:
        return f"{outcome.lot_name}\nYou are admitted to this lot until {until}. {outcome.reason}"
    if outcome.outcome == ON_CONDITIONS:
        lines = [
            f"{outcome.lot_name}\nYou are admitted to this lot until {until}, on conditions. "
            f"{outcome.reason}",
            "Schools cannot find you for this lot before you have met each of these:",
            *(f"- By {uk_date(each.due_on, weekday=True)}: {each.text}" for each in outcome.conditions),
        ]
        return "\n".join(lines)
    lines = [f"{outcome.lot_name}\nYou are not admitted to this lot.", f"Why: {outcome.reason}"]
    if outcome.outcome == EXCLUDED:
        lines.insert(1, f"Your tender is excluded. The ground: {outcome.ground}.")
    if outcome.suggestion is None or outcome.reason != outcome.suggestion.reason:
        lines += [f"- Condition not met: {each.title}. {each.reason}" for each in outcome.failures]
        lines += [
            f"- Below the minimum: {each.title}. Your mark is {each.points}, the minimum {each.minimum}."
            for each in outcome.missed
        ]
        lines += [f"- {outcome.short_of_total}"] if outcome.short_of_total else []
    return "\n".join(lines)


def _conditions(conditions: Sequence[Told]) -> Iterable[str]:
    yield "HOW WE DECIDED"
    yield NOTHING_MARKED
    yield "\n".join(
        f"- {each.title}{f' (lot {each.lot_number})' if each.lot_number else ''}: "
        + ("met." if each.met else f"not met. {each.reason}")
        for each in conditions
    )


def _marks(assessment: Assessment, recipe: Sequence[str], prices: Mapping[int, PriceTold]) -> Iterable[str]:
    marked = [outcome for outcome in assessment.outcomes if outcome.stands]
    if not marked:
        yield "Your answers were not marked."
        return
    yield "HOW WE MARKED"
    yield "\n".join(f"- {step}" for step in recipe)
    yield (
        "All this, and the questions, weights, minimums and the scale with its words, was published with the "
        "round and stays on its page in the portal."
    )
    yield "YOUR MARKS"
    common = assessment.common
    if common:
        yield _section("Answers that count for every lot you applied for", common)
    for outcome in marked:
        own = assessment.of_lot(outcome.lot_id)
        if own:
            yield _section(f"Answers for lot {outcome.lot_number}", own)
        if outcome.lot_id in prices:
            yield _price(outcome, prices[outcome.lot_id])
        yield f"TOTAL FOR LOT {outcome.lot_number}: {points(outcome.total)} out of 100"


def _section(heading: str, criteria: Sequence[Criterion]) -> str:
    answers = "\n\n".join(_criterion(criterion) for criterion in criteria)
    total = f"Sub-total: {points(subtotal(criteria))} out of {points(available(criteria))}"
    return f"{heading}\n\n{answers}\n\n{total}"


def _criterion(criterion: Criterion) -> str:
    met = "not reached" if criterion.below_minimum else "reached"
    return (
        f"{criterion.title}\n"
        f"Weight {points(criterion.weight)}%. Mark {criterion.points} out of {criterion.highest}: "
        f"{criterion.label}. Minimum {criterion.minimum}: {met}. "
        f"Adds {points(criterion.adds)} to the total.\n"
        f"Reason: {criterion.explanation or criterion.reason}"
        + (f"\nWhy not a higher mark: {criterion.not_higher}" if criterion.not_higher else "")
    )


def _price(outcome: LotOutcome, price: PriceTold) -> str:
    """What a price adds of its weight, from which numbers, and why it adds nothing where it does not."""
    lowest = f"Lowest price that counts: {money(price.lowest, pence=True)}. " if price.lowest else ""
    highest = (
        f"Highest price of the lot: {money(price.ceiling, pence=True)}. "
        if price.formula == UP_TO_CEILING and price.ceiling is not None
        else ""
    )
    lines = [
        f"Your price for lot {outcome.lot_number}",
        f"Adds {points(outcome.for_price or 0)} of {points(price.weight)} to the total.",
        f"Your price: {money(price.pounds, pence=True, empty='none')}. {lowest}{highest}Formula: "
        f"{PRICE_FORMULAS[price.formula]}.",
    ]
    if not outcome.for_price:
        lines.append(f"Why nothing: {_why_nothing(outcome)}")
    return "\n".join(lines)


def _why_nothing(outcome: LotOutcome) -> str:
    if outcome.price_refused:
        return f"your price does not count. {outcome.price_refused}"
    if outcome.missed:
        return "a tender that misses a minimum mark gets nothing for its price."
    return "that is what the formula gives for this price."


def _after(facts: RoundFacts, assessment: Assessment) -> Iterable[str]:
    outcomes = {outcome.outcome for outcome in assessment.outcomes}
    if ON_CONDITIONS in outcomes:
        yield "YOUR CONDITIONS"
        yield (
            "Put the document into your vault in the portal, or reply to this email, before the day that is "
            "named. A person looks at it, and we write to you once each condition is met. Tell us before the "
            "day if you need longer: your admission stays on conditions until then."
        )
    if outcomes & {ADMIT, ON_CONDITIONS}:
        yield "WHAT HAPPENS NOW"
        yield (
            f"{TAKES_EFFECT} Schools that use the framework can find you from then, or from the day on which "
            "the framework starts if that is later; where we admit you on conditions, once all of them are "
            "met. Sign in to read what they see about you and to bring it up to date."
        )
    yield "IF YOU HAVE QUESTIONS"
    yield "Reply to this email and ask about anything in this letter: a mark, a reason or what to do next."
    yield "IF YOU THINK WE GOT IT WRONG"
    yield (
        "Tell us first if you can, by replying to this email: we would rather put a mistake right. You can "
        f"also start a claim in court. By the {LEGAL_REGIMES[facts.legal_regime]} you have {CLAIM_DAYS} "
        "days, which begin with the day on which you first knew or ought to have known of the grounds for "
        f"it. Counted from the day of this letter, {RELEASED_ON}, the last day is {LAST_DAY_TO_CLAIM}. "
        "Asking us a question does not stop that time. We cannot advise you about a claim."
    )
    if not outcomes <= {ADMIT, ON_CONDITIONS}:
        yield "APPLYING AGAIN"
        yield _again(facts)


def _again(facts: RoundFacts) -> str:
    if facts.kind == "closed":
        return "This framework takes no further rounds. You can apply to the next one that we advertise."
    return (
        "You can apply again for a lot to which you are not admitted whenever a later round offers it. This "
        "decision does not count against you; the reasons above are the best guide to what to change."
    )


def condition_met(condition: str, lot_name: str, framework: str, *, last: bool) -> tuple[str, str]:
    """Title and body of the letter that tells a provider that a condition of its admission is met."""
    told = (
        "It was the last one, so you are now admitted in full: schools can find you for this lot from the "
        "day on which its term runs."
        if last
        else "Other conditions of this admission are still open. Your outcome letter names them."
    )
    body = f"A condition of your admission to {lot_name} of {framework} is met: {condition}\n\n{told}\n"
    return "A condition of your admission is met", body


def condition_extended(
    condition: str, lot_name: str, framework: str, *, was_due_on: date, due_on: date, reason: str
) -> tuple[str, str]:
    """Title and body of the letter that tells a provider that it has more time for a condition."""
    body = (
        f"You have more time for a condition of your admission to {lot_name} of {framework}: {condition}\n\n"
        f"It was to be met by {uk_date(was_due_on, weekday=True)}. You now have until "
        f"{uk_date(due_on, weekday=True)}.\n\n"
        f"Why: {reason}\n\n"
        "Put the document into your vault in the portal, or reply to this email, before that day. Everything "
        "else in your outcome letter stands: schools find you for this lot once every condition is met.\n"
    )
    return "More time for a condition of your admission", body
