"""The rules of the pack, applied to one answer at a time: what each says, and why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from portal import clock
from portal.evidence.facts import facts_in
from portal.web.filters import money, number
from tender.applications.contents import Item
from tender.frameworks.models import PRICE_UNITS


@dataclass(frozen=True)
class Judgement:
    """What a rule says about one answer: pass, fail or refer, and why."""

    result: str
    reason: str


def judge(item: Item, starts_on: date | None = None) -> Judgement:
    """Apply the rule of a condition to what was answered. A rule that cannot tell refers to a person.

    `starts_on` is when the framework starts: until then a document has to be valid.
    """
    if item.files and (doubt := _doubt(item, starts_on or clock.today())):
        return Judgement("refer", doubt)
    if item.answered:
        return _RULES.get(item.asked.rule or "", _a_person_decides)(item)
    if item.asked.rule in _MISSING:
        return Judgement("fail", _MISSING[item.asked.rule])
    if not item.asked.required:
        return Judgement("pass", "Left empty, and nothing had to be answered.")
    if item.asked.rule == "person_decides":
        return _a_person_decides(item)
    return Judgement("fail", "This was not answered.")


def _doubt(item: Item, starts_on: date) -> str:
    """What speaks against the documents where the question asks for an expiry or a cover; empty when nothing
    speaks against one of them, and where it asks for neither."""
    shape = item.asked.shape
    if not (shape.get("needs_expiry") or shape.get("least_cover")):
        return ""
    against = [facts_in(file.facts).warnings(shape, starts_on) for file in item.files]
    if not all(against):
        return ""
    return f"{' '.join(against[0])} A person decides."


_PLAIN_PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")

# What is said where one of these rules finds no answer, whether it was required or not.
_MISSING = {
    "must_be_yes": "This was not answered.",
    "must_be_provided": "Nothing was provided.",
    "at_most_ceiling": "No price was given.",
}


def _must_be_yes(item: Item) -> Judgement:
    said_yes = item.value is True or str(item.value).strip().lower() in ("yes", "true")
    return Judgement("pass", "Answered yes.") if said_yes else Judgement("fail", "This was not answered yes.")


def _must_be_provided(item: Item) -> Judgement:
    return Judgement("pass", "Provided.")


def _must_be_one_of(item: Item) -> Judgement:
    """Of several choices, one is enough."""
    chosen = item.value if isinstance(item.value, list) else [item.value]
    accepted = [each for each in chosen if each in (item.asked.rule_value or ())]
    labels = dict(item.asked.known_options)
    if accepted:
        return Judgement("pass", f"“{labels.get(accepted[0], accepted[0])}” is one of the answers that pass.")
    given = ", ".join(f"“{labels.get(each, each)}”" for each in chosen)
    return Judgement(
        "fail", f"{given} {'is' if len(chosen) == 1 else 'are'} not among the answers that pass."
    )


def _at_least(item: Item) -> Judgement:
    return _compared(item, lambda given, bound: given >= bound, "at least", "below the least that passes,")


def _at_most(item: Item) -> Judgement:
    return _compared(item, lambda given, bound: given <= bound, "at most", "above the most that passes,")


def _compared(item: Item, passes: Callable[[Decimal, Decimal], bool], within: str, outside: str) -> Judgement:
    try:
        given, bound = Decimal(item.value), Decimal(item.asked.rule_value)
    except (InvalidOperation, TypeError, ValueError):
        return Judgement("refer", "The answer is not a plain number, so a person decides.")
    said, limit = (money(each) if item.asked.kind == "money" else number(each) for each in (given, bound))
    if passes(given, bound):
        return Judgement("pass", f"{said} is {within} {limit}.")
    return Judgement("fail", f"{said} is {outside} {limit}.")


def _at_most_ceiling(item: Item) -> Judgement:
    """Every price of the unit for which the lot's ceiling is given. Nothing is worked out from another."""
    unit = item.lot.price_unit if item.lot else "day"
    given = item.value.values() if isinstance(item.value, dict) else [item.value]
    prices = item.prices_in(unit) if all(_PLAIN_PRICE.fullmatch(str(price)) for price in given) else ()
    if not prices:
        sentence = f"There is no plain price of {PRICE_UNITS[unit]} to compare, so a person decides."
        return Judgement("refer", sentence)
    ceiling = item.lot.price_ceiling if item.lot else None
    if ceiling is None:
        return Judgement("pass", f"{_told(prices, unit)}. No ceiling is set for this lot.")
    above = [price for price in prices if price[1] > ceiling]
    if above:
        return Judgement("fail", f"{_told(above, unit)} is above the ceiling of {money(ceiling)}.")
    return Judgement("pass", f"{_told(prices, unit)} is within the ceiling of {money(ceiling)}.")


def _told(prices: Sequence[tuple[str, Decimal]], unit: str) -> str:
    """'£95.50 a day', '£120 a day (one to one), £80 a day (a group of four)'."""
    words = PRICE_UNITS[unit]
    return ", ".join(f"{money(price)} {words}" + (f" ({group})" if group else "") for group, price in prices)


def _a_person_decides(item: Item) -> Judgement:
    return Judgement("refer", "A person decides this condition.")


_RULES: dict[str, Callable[[Item], Judgement]] = {
    "must_be_yes": _must_be_yes,
    "must_be_provided": _must_be_provided,
    "must_be_one_of": _must_be_one_of,
    "at_least": _at_least,
    "at_most": _at_most,
    "at_most_ceiling": _at_most_ceiling,
}
