"""The recipe of a round in sentences: how its totals, ranks and outcomes come about, from the pack itself.

The same sentences are published with the round and stand with its results, so that what applicants were told
and what was done can be laid side by side. The numbers are made in `evaluation.outcomes.totals`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from portal.web.filters import points
from tender.frameworks.facts import LotFacts
from tender.frameworks.kinds import LOWEST_PRICE, PRICE_FORMULAS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.words import and_, percent

ROUNDING = (
    "Totals are kept as exact fractions, and ranks compare those. Only what is shown is rounded, half up, to "
    "two decimal places."
)

NOTHING_MARKED = (
    "Nothing is marked, and tenders are not compared with each other: whoever meets every condition of a lot "
    "can join it, however many do."
)
NAMES_HIDDEN = (
    "Evaluators do not see whose tender they mark. They read it under a code until they have locked all "
    "their marks, and names that we know to be yours are hidden in what you write. Files are read as you "
    "send them, so leave your name out of files for questions with marks where you can, and out of their "
    "properties, such as author and title."
)


Minimums = Mapping[str, Decimal | None]
"""The total out of 100 that a tender has to reach, by the lot's number; None where none is asked for."""


def minimums_of(lots: Iterable[LotFacts]) -> Minimums:
    """The minimum totals of the lots that a round offers."""
    return {lot.number: lot.minimum_total for lot in lots}


def recipe(pack: RoundPack, minimums: Minimums, *, names_hidden: bool = False) -> list[str]:
    """How an outcome is arrived at, a sentence or two a step; whether evaluators know whose tender it is."""
    steps = []
    if pack.conditions:
        steps.append(
            "You need to meet every condition. If you do not meet one that is asked for each lot, it counts "
            "against that lot only."
        )
    steps += how_totals_are_made(pack, minimums) if pack.weighed else [NOTHING_MARKED]
    if names_hidden and pack.scored:
        steps.append(NAMES_HIDDEN)
    if any(question.rule == "at_most_ceiling" for question in pack.questions):
        steps.append(
            "Prices are not compared with each other and earn no marks. Each must be at or below the highest "
            "price that the round gives for its lot."
            if not pack.prices
            else "A price that is a condition must be at or below the highest price that the round gives for "
            "its lot."
        )
    steps.append(
        "One person recommends each outcome and another approves it. We write to you with the reasons."
    )
    return steps


def how_totals_are_made(pack: RoundPack, minimums: Minimums) -> list[str]:
    """The part of the recipe that makes totals and ranks; nothing where nothing is scored."""
    return [
        *(_scoring(pack, minimums) if pack.scored else []),
        *(step for asked in pack.prices for step in price_in_words(asked)),
        *([ROUNDING] if pack.scored else []),
    ]


def _scoring(pack: RoundPack, minimums: Minimums) -> list[str]:
    first = pack.scored[0]
    scale = pack.scale_of(first)
    example = scale.highest - 1
    weight = first.weight or Decimal(0)
    share = points(Fraction(weight) * example / scale.highest)
    return [
        f"At least two evaluators mark each scored answer from {scale.bands[0].points} to {scale.highest} by "
        "themselves, with a reason. They then agree one mark and one reason.",
        "Your total for a lot is out of 100. Each question adds its weight times the agreed mark, divided by "
        f"the highest mark. For example, a {example} for “{first.title}” ({percent(weight)}) adds {share}.",
        "You need at least the minimum mark in every scored question. A high total does not make up for a "
        "mark below it.",
        *least_totals(minimums),
        f"We rank the tenders of each lot by their totals. {ties(pack.breaking_ties)}",
    ]


def least_totals(minimums: Minimums) -> list[str]:
    """The totals that are asked for, in a sentence or two; nothing where none is."""
    asked = {number: total for number, total in minimums.items() if total is not None}
    if not asked:
        return []
    if len(asked) == len(minimums) and len(set(asked.values())) == 1:
        total = next(iter(asked.values()))
        which = f"You also need a total of at least {points(total)}, in each lot."
    else:
        named = [f"at least {points(total)} in lot {number}" for number, total in asked.items()]
        which = f"You also need a total of {and_(named)}."
    return [f"{which} A tender below it is neither ranked nor admitted. The exact total counts."]


def price_formula(asked: AskedQuestion) -> str:
    """The formula by which a price is scored, in a line."""
    return PRICE_FORMULAS[asked.rule or ""]


def price_in_words(asked: AskedQuestion) -> list[str]:
    """How a price is scored, with its cases: none, too low, above the ceiling, below a minimum, VAT."""
    weight = percent(asked.weight or Decimal(0))
    named = "the sum of its prices" if asked.kind == "rate_card" else "the price"
    if asked.rule == LOWEST_PRICE:
        half = points(Fraction(asked.weight or 0) / 2)
        formula = (
            f"It adds its weight ({weight}) times the lowest price of the lot, divided by your own: the "
            f"lowest adds all of it, twice the lowest adds {half}."
        )
    else:
        formula = (
            f"The lowest price of the lot adds all of its weight ({weight}), the highest price that the "
            "round gives for the lot adds nothing, and a price between them its part of the way. A price "
            "above that adds nothing."
        )
    steps = [
        f"“{asked.title}” is scored by a formula, not by evaluators: {named} for each lot. {formula}",
        "All prices are compared without VAT. If you charge VAT, say so in your application.",
        "The lowest price is looked for among the tenders that meet every condition and minimum mark of the "
        "lot and whose own price counts. A tender that misses a minimum gets nothing for its price.",
        "A price that is missing or £0.00 is not scored: a person looks at it, and the tender is not ranked.",
    ]
    if asked.rule_value is not None:
        steps.append(
            f"A price more than {asked.rule_value}% below the average of the prices given for its lot is "
            "looked at before there is any rank. We ask you how you can deliver at that price; a person then "
            "decides, with a reason, whether it counts. If it does not, the tender is not ranked."
        )
    return steps


def ties(breaking: Sequence[AskedQuestion]) -> str:
    """What is done with equal totals. `breaking` are the questions whose marks decide between them."""
    if not breaking:
        return "Equal totals share a rank."
    named = and_([f"“{question.title}”" for question in breaking])
    together = " together" if len(breaking) > 1 else ""
    return (
        f"Of equal totals, the one to which {named}{together} added more comes first. If that is equal too, "
        "they share a rank."
    )
