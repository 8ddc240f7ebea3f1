"""What a question of a portable pack must be."""

from collections.abc import Callable, Mapping, Set
from dataclasses import fields
from datetime import date
from typing import Any, get_args

from portal.storage.inspection import KINDS as FILE_KINDS
from portal.storage.uploads import LARGEST_FILE
from tender.frameworks.default_pack import JudgedAs, PackQuestion, QuestionKind, Rule
from tender.frameworks.kinds import KINDS, MOST_PLACES, MOST_ROWS, PRICE_FORMULAS
from tender.frameworks.pack import SHAPES
from tender.packs.reading import Place, exact_number, is_pair, is_text

_ENDINGS = frozenset(ending for kind in FILE_KINDS.values() for ending in kind.endings)
LONGEST = 20_000  # characters
_UNITS = ("day", "half_day", "hour")
_COLUMN_KINDS = ("short_text", "number", "money", "date")
_QUESTION_KEYS = tuple(field.name for field in fields(PackQuestion) if field.name != "section")


def check_question(place: Place, scales: Mapping[str, Set[int]]) -> None:
    """Note what is wrong with the question that stands here. `scales` are the points of each, by name."""
    place.known(_QUESTION_KEYS)
    place.code("code")
    place.text("title", 200, True)
    place.text("text", LONGEST, True)
    for key in ("why", "how_judged"):
        place.text(key, LONGEST)
    place.text("standard", 200)
    place.flag("required")
    place.flag("per_lot")
    place.flag("breaks_ties")
    place.whole("word_limit", 1, 10_000)
    place.whole("max_bytes", 1, LARGEST_FILE)
    place.listed("accepted", 20, _is_ending, "an ending such as pdf")
    place.listed("lots", 100, lambda number: is_text(number, 20), "the number of a lot, as text")
    options = {value for value, _ in place.listed("options", 100, is_pair, "a value and a label")}
    if kind := place.one_of("kind", get_args(QuestionKind)):
        if bool(options) != (kind in ("choice", "choices")):
            place.note("“options” belong to a choice, and every choice needs them.")
        _check_shape(Place(f"{place.name}, shape", place.found.get("shape", {}), place.wrong), kind)
    _check_judging(place, kind, scales)
    _check_rule(place, kind, options)
    _check_condition(place)


def _check_judging(place: Place, kind: str | None, scales: Mapping[str, Set[int]]) -> None:
    judged_as = place.one_of("judged_as", get_args(JudgedAs))
    scored = judged_as == "scored"
    scale = place.one_of("scale", scales, needed=scored)
    priced = judged_as == "priced"
    weight = place.exact("weight", 0, 100)
    minimum = place.whole("minimum", 0, 100)
    if not scored and (scale, None if priced else weight, minimum) != (None, None, None):
        place.note("only a scored question has a scale, a weight and a minimum.")
    if not scored and place.found.get("breaks_ties") is True:
        place.note("only a scored question can break ties.")
    if (scored or priced) and (weight == 0 or place.found.get("weight") is None):
        place.note("“weight” is missing. It must be more than 0.")
    if scored and scale and minimum not in scales[scale]:
        place.note("“minimum” must be one of the scale's points.")


def _check_rule(place: Place, kind: str | None, options: Set[str]) -> None:
    if place.found.get("judged_as") == "priced":
        _check_formula(place, kind)
        return
    condition = place.found.get("judged_as") == "condition"
    rule = place.one_of("rule", get_args(Rule), needed=condition)
    value = place.found.get("rule_value")
    if rule and not condition:
        place.note("only a condition has a rule.")
    if rule and kind and rule not in KINDS[kind].rules:
        place.note(f"the rule {rule} does not go with the kind {kind}.")
    if rule == "must_be_one_of":
        if not _list_of(lambda one: is_text(one) and one in options)(value):
            place.note("“rule_value” must be a list of values of the question's options.")
    elif rule in ("at_least", "at_most"):
        if exact_number(value) is None:
            place.note('“rule_value” must be a number, written as text, like "12.5".')
    elif value is not None:
        place.note("its rule compares with nothing. Take “rule_value” out.")


def _check_formula(place: Place, kind: str | None) -> None:
    place.one_of("rule", PRICE_FORMULAS)
    if kind and not KINDS[kind].priced:
        place.note("only an amount of money or a rate card can be scored by a formula.")
    if place.found.get("rule_value") is not None:
        place.exact("rule_value", 0, 100)


def _check_condition(place: Place) -> None:
    if place.found.get("ask_if") is not None:
        found = Place(f"{place.name}, ask_if", place.found["ask_if"], place.wrong)
        found.known(("question", "answers"))
        found.text("question", 40, True)
        if not found.listed("answers", 100, is_text, "an answer, as text"):
            found.note("“answers” is missing.")


def _is_ending(value: Any) -> bool:
    return isinstance(value, str) and value in _ENDINGS


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_column(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 3 and all(map(is_text, value)) and value[2] in _COLUMN_KINDS
    )


def _count_to(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and 0 < len(value) <= 50 and all(map(fits, value))


def _is_number(value: Any) -> bool:
    return exact_number(value) is not None


_SHAPE_VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "least": (_is_number, "a number, written as text"),
    "most": (_is_number, "a number, written as text"),
    "least_cover": (_is_number, "pounds, written as text"),
    "earliest": (_is_day, "a date like 2026-09-01"),
    "latest": (_is_day, "a date like 2026-09-01"),
    "places": (_count_to(MOST_PLACES), f"a whole number from 0 to {MOST_PLACES}"),
    "columns": (_list_of(_is_column), "a list of a code, a label and a kind each"),
    "least_rows": (_count_to(MOST_ROWS), f"a whole number up to {MOST_ROWS}"),
    "most_rows": (_count_to(MOST_ROWS), f"a whole number up to {MOST_ROWS}"),
    "document_type": (lambda value: is_text(value, 40), "a type of document"),
    "needs_expiry": (lambda value: isinstance(value, bool), "true or false"),
    "units": (_list_of(lambda unit: unit in _UNITS), f"a list out of {', '.join(_UNITS)}"),
    "group_sizes": (_list_of(is_pair), "a list of a code and a label each"),
    "transport": (lambda value: isinstance(value, bool), "true or false"),
}


def _check_shape(place: Place, kind: str) -> None:
    place.known(SHAPES.get(kind, ()))
    for key, value in place.found.items():
        fits, words = _SHAPE_VALUES.get(key, (lambda value: True, ""))
        if not fits(value):
            place.note(f"“{key}” must be {words}.")
