"""What keeps a pack from being asked, and a round from publication.

`faults_of` judges one question within its pack: saving a question and publishing the round ask it alike.
Nothing here touches the database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from math import lcm
from typing import Any

from portal.web.filters import money
from tender.frameworks.facts import LotFacts
from tender.frameworks.kinds import DECIDING_KINDS, KINDS, PRICE_FORMULAS, UP_TO_CEILING
from tender.frameworks.models import PRICE_UNITS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.regimes.reference import CONDITIONS, MARKS

FULL_WEIGHT = Decimal(100)
INSURANCES = {
    "public_liability": "public liability",
    "employers_liability": "employers’ liability",
    "professional_indemnity": "professional indemnity",
}
"""The insurances of which a lot asks a least cover, by the name that its document has in a vault too."""
FEWEST_OPTIONS = 2
MOST_IN_COMMON = 10**12
"""The common multiple of the scales' highest points up to which totals are added in whole numbers."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a round from publication, and the page on which it is put right.

    What does not stop it is only worth a thought.
    """

    sentence: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a question, at one of its fields."""

    field: str
    sentence: str


def problems_of(
    pack: RoundPack,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    lots: Sequence[LotFacts],
    at: datetime,
    admits_by: str = MARKS,
) -> list[Problem]:
    """What must be put right before the round can be published at the moment `at`, or is worth a thought.

    `admits_by` is that of the framework's kind.
    """
    here = {"round_id": pack.round_id}
    problems = []
    if not opens_at or not closes_at:
        problems.append(Problem("The round has no opening or closing time.", "rounds.edit", here))
    elif closes_at <= at:
        problems.append(Problem("The closing time has passed. Give a later one.", "rounds.edit", here))
    if not lots:
        problems.append(Problem("The round offers no lots. Choose at least one.", "rounds.edit", here))
    unasked = [lot for lot in lots if lot.registered_only and not _asks_for_registration(pack, lot)]
    if unasked:
        sentence = (
            f"Only registered schools may join {lots_in_words(unasked)}, and no question asks about it."
        )
        problems.append(Problem(sentence, "packs.show", here, stops=False))
    problems += _insurance_amiss(pack, lots)
    if pack.weighed and admits_by == CONDITIONS:
        sentence = (
            "This kind of framework admits everybody who meets its conditions, and the pack has questions "
            "with weights. Ask a lawyer before marks keep anybody out."
        )
        problems.append(Problem(sentence, "packs.show", here, stops=False))
    return problems + problems_of_pack(pack, lots, admits_by)


def _ceilings_amiss(pack: RoundPack, lots: Sequence[LotFacts]) -> Iterator[Problem]:
    """Lots without the highest price that a formula works with; and, worth a thought, those in which a
    condition on prices compares with nothing."""
    here = {"round_id": pack.round_id}
    for asked in pack.questions:
        judged = [lot for lot in lots if asked.asked_of(lot.id)]
        without = [lot for lot in judged if lot.price_ceiling is None]
        if asked.rule == UP_TO_CEILING and without:
            sentence = f"The price of {lots_in_words(without)} is scored up to a highest price. Give one."
            yield Problem(sentence, "rounds.edit", here)
        if asked.rule != "at_most_ceiling":
            continue
        if without:
            sentence = (
                f"“{asked.title}”: no price is too high for {lots_in_words(without)}, which has no highest."
            )
            yield Problem(sentence, "rounds.edit", here, stops=False)
        units = asked.shape.get("units", ("day",)) if asked.kind == "rate_card" else None
        unpriced = [lot for lot in judged if units and lot not in without and lot.price_unit not in units]
        if unpriced:
            unit = PRICE_UNITS[unpriced[0].price_unit]
            sentence = (
                f"“{asked.title}” asks for no price of {unit}, for which the highest price of "
                f"{lots_in_words(unpriced)} is given."
            )
            yield Problem(sentence, "rounds.edit", here)


def _insurance_amiss(pack: RoundPack, lots: Sequence[LotFacts]) -> Iterator[Problem]:
    """What is worth a thought where a lot's least cover is not what the pack asks for, or nothing asks."""
    here = {"round_id": pack.round_id}
    insured = [lot for lot in lots if any(getattr(lot, name) for name in INSURANCES)]
    silent = [lot for lot in insured if not _speaks_of(pack, lot, ("insur", "cover"))]
    if silent:
        sentence = (
            f"A least cover is given for {lots_in_words(silent)}, and no question asks about insurance."
        )
        yield Problem(sentence, "packs.show", here, stops=False)
    for asked in pack.questions:
        name = asked.shape.get("document_type", "")
        wanted = number_in(asked.shape.get("least_cover"))
        if name not in INSURANCES or wanted is None:
            continue
        covers = {lot.id: getattr(lot, name) for lot in lots if asked.asked_of(lot.id)}
        apart = [lot for lot in lots if covers.get(lot.id) not in (None, wanted)]
        if apart:
            given = ", ".join(dict.fromkeys(money(covers[lot.id]) for lot in apart))
            yield Problem(
                f"“{asked.title}” asks for cover of {money(wanted)}, and {lots_in_words(apart)} for {given} "
                f"of {INSURANCES[name]}. Let both say the same.",
                "pack_questions.show",
                {**here, "code": asked.code},
                stops=False,
            )


def _asks_for_registration(pack: RoundPack, lot: LotFacts) -> bool:
    """Whether a question that applicants for the lot are asked speaks of registration."""
    return _speaks_of(pack, lot, ("registered", "registration"))


def _speaks_of(pack: RoundPack, lot: LotFacts, words: Sequence[str]) -> bool:
    """Whether a question that applicants for the lot are asked has one of these words, or its start."""
    texts = (f"{asked.title} {asked.text}" for asked in pack.questions if asked.asked_of(lot.id))
    return any(word in each.casefold() for each in texts for word in words)


def problems_of_pack(pack: RoundPack, lots: Sequence[LotFacts], admits_by: str = MARKS) -> list[Problem]:
    """What is wrong with the questions and the weights of a pack that is asked for these lots.

    A pack without any weight is judged by its conditions alone, where the framework's kind admits by them.
    """
    here = {"round_id": pack.round_id}
    problems = [
        Problem(f"“{asked.title}”: {fault.sentence}", "pack_questions.show", {**here, "code": asked.code})
        for asked in pack.questions
        for fault in faults_of(pack, asked, lots)
    ]
    problems += _ceilings_amiss(pack, lots)
    if not pack.questions:
        problems.append(Problem("The pack asks nothing yet. Add a question.", "packs.show", here))
    if lcm(*(pack.scale_of(asked).highest for asked in pack.scored)) > MOST_IN_COMMON:
        problems.append(
            Problem("The scales are too many and too odd to be added up. Use fewer.", "packs.show", here)
        )
    if pack.weighed or admits_by == MARKS:
        problems += [Problem(sentence, "packs.weights", here) for sentence in _weights_amiss(pack, lots)]
    elif unjudged := [lot for lot in lots if not any(asked.asked_of(lot.id) for asked in pack.conditions)]:
        sentence = (
            f"Nothing decides who is admitted to {lots_in_words(unjudged)}: no question is a condition there."
        )
        problems.append(Problem(sentence, "packs.show", here))
    return problems


def _weights_amiss(pack: RoundPack, lots: Sequence[LotFacts]) -> Iterator[str]:
    """A sentence for the lots that share a sum other than 100, and for those without a scored question."""
    sums = sorted(((pack.weight_of(lot.id), lot.position, lot) for lot in lots), key=lambda each: each[:2])
    for total, grouped in groupby(sums, key=lambda each: each[0]):
        sharing = [lot for _, _, lot in grouped]
        named = lots_in_words(sharing)
        if not all(any(asked.asked_of(lot.id) for asked in pack.scored) for lot in sharing):
            yield f"No scored question is asked of {named}. Each lot needs one."
        elif total != FULL_WEIGHT:
            yield f"The weights of {named} add up to {total.normalize():f}%. They must make exactly 100%."


def lots_in_words(lots: Sequence[LotFacts]) -> str:
    """'lot 2', 'lots 1, 2 and 6a'."""
    numbers = [lot.number for lot in lots]
    if len(numbers) == 1:
        return f"lot {numbers[0]}"
    return f"lots {', '.join(numbers[:-1])} and {numbers[-1]}"


def faults_of(pack: RoundPack, asked: AskedQuestion, lots: Sequence[LotFacts]) -> list[Fault]:
    """What is wrong with one question of a pack that is asked for these lots; empty when nothing is."""
    checks = (
        *(_faults_of_shape, _faults_of_judging, _faults_of_scoring),
        *(_faults_of_pricing, _faults_of_lots, _faults_of_asking),
    )
    found = [fault for check in checks for fault in check(pack, asked)]
    if not {lot.id for lot in lots}.issuperset(asked.lots):
        found.append(Fault("lots", "It is asked of a lot that this round does not offer."))
    return found


def _faults_of_shape(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    shape = asked.shape
    if asked.kind in ("choice", "choices") and len(asked.options) < FEWEST_OPTIONS:
        yield Fault("options", "Give at least two choices.")
    if asked.kind in ("long_text", "short_text") and not asked.word_limit:
        yield Fault("word_limit", "Give a word limit of at least 1.")
    if asked.kind == "table" and not shape.get("columns"):
        yield Fault("columns", "Give at least one column.")
    if asked.kind == "rate_card" and not shape.get("units"):
        yield Fault("units", "Choose at least one unit that is priced.")
    if asked.kind == "file" and not asked.accepted:
        yield Fault("accepted", "Choose at least one type of file.")
    for lower, upper in (("least", "most"), ("earliest", "latest"), ("least_rows", "most_rows")):
        if (
            shape.get(lower) is not None
            and shape.get(upper) is not None
            and _over(shape[lower], shape[upper])
        ):
            yield Fault(upper, "The upper limit is below the lower one.")
    places = shape.get("places") or 0
    if asked.kind == "number" and any(_places_of(shape.get(name)) > places for name in ("least", "most")):
        yield Fault("places", "A limit has more decimal places than an answer may have.")


def _places_of(bound: Any) -> int:
    """How many decimal places a bound has."""
    found = number_in(bound)
    exponent = found.normalize().as_tuple().exponent if found is not None else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _over(lower: Any, upper: Any) -> bool:
    """Whether a lower bound is above an upper one. Days are kept as ISO text, which sorts as they do."""
    first, second = number_in(lower), number_in(upper)
    return str(lower) > str(upper) if first is None or second is None else first > second


def _faults_of_judging(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    if asked.judged_as != "condition":
        return
    if asked.rule not in KINDS[asked.kind].rules:
        yield Fault("rule", "Choose a rule that fits this kind of question.")
    if asked.rule == "must_be_one_of":
        named = asked.rule_value if isinstance(asked.rule_value, list) else []
        if not named or not {value for value, _ in asked.options}.issuperset(named):
            yield Fault("rule_value", "Name at least one of the question's own choices, and no others.")
    if asked.rule in ("at_least", "at_most") and number_in(asked.rule_value) is None:
        yield Fault("rule_value", "Give the number that answers are compared with.")
    if asked.rule == "at_most_ceiling" and not asked.per_lot:
        yield Fault("per_lot", "Each lot has its own highest price, so ask this for each lot.")


def _faults_of_lots(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    if asked.lots and not asked.per_lot and asked.judged_as != "information":
        yield Fault(
            "per_lot",
            "It is judged for some lots only, so ask it for each lot: what is answered once counts for all.",
        )


def number_in(value: Any) -> Decimal | None:
    """The number that a text or a number is; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _faults_of_scoring(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    if not asked.scored:
        return
    if not KINDS[asked.kind].scored:
        yield Fault("judged_as", "Evaluators cannot mark an answer of this kind.")
    if asked.weight is None or not 0 < asked.weight <= FULL_WEIGHT:
        yield Fault("weight", "The weight must be more than 0 and at most 100.")
    scale = next((scale for scale in pack.scales if scale.id == asked.scale_id), None)
    if scale is None:
        yield Fault("scale_id", "Choose the scale on which it is marked.")
    elif asked.minimum not in (points := [band.points for band in scale.bands]):
        steps = ", ".join(map(str, points))
        yield Fault("minimum", f"The minimum must be one of the scale's points: {steps}.")
    if asked.ask_if:
        yield Fault("ask_if", "A scored question is asked of everybody in its lots: totals are out of 100.")


def _faults_of_pricing(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    if not asked.priced:
        return
    if not KINDS[asked.kind].priced:
        yield Fault("judged_as", "Only an amount in pounds or a card of prices can be scored by a formula.")
    if asked.rule not in PRICE_FORMULAS:
        yield Fault("formula", "Choose the formula.")
    if asked.weight is None or not 0 < asked.weight <= FULL_WEIGHT:
        yield Fault("price_weight", "The weight must be more than 0 and at most 100.")
    if asked.rule_value is not None and not 0 < (number_in(asked.rule_value) or 0) < FULL_WEIGHT:
        yield Fault("low_price", "It must be more than 0% and less than 100%, or empty.")
    if not asked.per_lot:
        yield Fault("per_lot", "Prices are compared lot by lot, so ask this for each lot.")
    if not asked.required:
        yield Fault("required", "Everyone must answer it: a price that is missing cannot be scored.")
    if asked.ask_if:
        yield Fault(
            "ask_if", "A price that is scored is asked of everybody in its lots: totals are out of 100."
        )
    others = [each for each in pack.prices if each.code != asked.code]
    if any(not each.lots or not asked.lots or set(each.lots) & set(asked.lots) for each in others):
        yield Fault("judged_as", "Another price is scored for the same lot. One price a lot can be.")


def _faults_of_asking(pack: RoundPack, asked: AskedQuestion) -> Iterator[Fault]:
    if not asked.ask_if:
        return
    earlier = next((each for each in pack.questions if each.code == asked.ask_if.get("question")), None)
    if earlier is None or earlier.kind not in DECIDING_KINDS:
        yield Fault("ask_if", "It depends on a question that is not there, or that has no fixed answers.")
        return
    if earlier.position >= asked.position:
        yield Fault("ask_if", f"It depends on “{earlier.title}”, which is asked later. Move one of them.")
    answers = asked.ask_if.get("answers") or []
    if not answers or not {value for value, _ in answers_to(earlier)}.issuperset(answers):
        yield Fault("ask_if", f"It depends on an answer that “{earlier.title}” does not have.")
    if earlier.per_lot and not asked.per_lot:
        yield Fault("ask_if", f"“{earlier.title}” is asked for each lot, so ask this for each lot too.")
    if earlier.lots and (not asked.lots or not set(earlier.lots).issuperset(asked.lots)):
        yield Fault("ask_if", f"“{earlier.title}” is not asked of all the lots of which this is asked.")


def answers_to(asked: AskedQuestion) -> Sequence[tuple[str, str]]:
    """The fixed answers that a question can have, as value and label."""
    return (("yes", "Yes"), ("no", "No")) if asked.kind == "yes_no" else asked.options
