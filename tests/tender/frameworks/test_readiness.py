"""What keeps a pack from publication, each with the page that mends it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.readiness import faults_of, problems_of, problems_of_pack
from tender.frameworks.refusals import NotReady
from tender.frameworks.services import publish_round
from tests.factories.drafting import added, changed, weigh
from tests.factories.frameworks import a_draft_round, a_procurement_lead, lot_ids


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def draft(lead: Actor) -> Round:
    return a_draft_round(lots=3, lead=lead)


def sentences(draft: Round) -> list[str]:
    return [problem.sentence for problem in problems_of_pack(pack_of(draft.id), lots_of_round(draft.id))]


def test_the_default_pack_is_ready(draft: Round) -> None:
    assert sentences(draft) == []


def test_lots_are_told_apart_by_what_their_weights_make(draft: Round, lead: Actor) -> None:
    first, second, _ = lot_ids(draft)
    changed(draft, "outcomes", by=lead, per_lot=True, lots=(first, second))
    assert sentences(draft) == ["The weights of lot 3 add up to 90%. They must make exactly 100%."]
    weigh(draft, by=lead, partnership="20")
    assert sentences(draft) == ["The weights of lots 1 and 2 add up to 110%. They must make exactly 100%."]
    with pytest.raises(NotReady, match="lots 1 and 2 add up to 110%"):
        publish_round(by=lead, round_id=draft.id)


def test_a_lot_without_a_scored_question_is_named(draft: Round, lead: Actor) -> None:
    first = lot_ids(draft)[0]
    for asked in pack_of(draft.id).scored:
        changed(draft, asked.code, by=lead, per_lot=True, lots=(first,))
    assert sentences(draft) == ["No scored question is asked of lots 2 and 3. Each lot needs one."]


def test_scales_whose_marks_no_total_can_add_up_are_refused(draft: Round, lead: Actor) -> None:
    pack, lots = pack_of(draft.id), lots_of_round(draft.id)
    primes = (53, 59, 61, 67, 71, 73, 79)
    scales = tuple(replace(pack.scales[0], id=prime, highest=prime) for prime in primes)
    asked = [replace(pack.scored[0], scale_id=prime, weight=Decimal(100) / 7) for prime in primes]

    def scales_at_fault(number: int) -> bool:
        section = replace(pack.sections[0], questions=tuple(asked[:number]))
        problems = problems_of_pack(replace(pack, sections=(section,), scales=scales), lots)
        return any(problem.sentence.startswith("The scales") for problem in problems)

    assert not scales_at_fault(6) and scales_at_fault(7)


PRICE: dict[str, Any] = {
    "judged_as": "priced", "rule": "lowest_price", "weight": Decimal(20), "per_lot": True,
}  # fmt: skip


def test_a_price_that_is_scored_is_part_of_the_weights(draft: Round, lead: Actor) -> None:
    added(draft, "money", by=lead, **PRICE)
    assert sentences(draft) == ["The weights of lots 1, 2 and 3 add up to 120%. They must make exactly 100%."]
    weigh(draft, by=lead, safeguarding="5")
    assert sentences(draft) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "at_most"}, "formula"),
        ({"weight": None}, "price_weight"),
        ({"rule_value": "100"}, "low_price"),
        ({"per_lot": False}, "per_lot"),
        ({"required": False}, "required"),
        ({"kind": "number"}, "judged_as"),
        ({"code": "another"}, "judged_as"),
    ],
)
def test_a_price_that_cannot_be_scored_is_at_fault(
    draft: Round, lead: Actor, change: dict[str, Any], field: str
) -> None:
    code = added(draft, "money", by=lead, **PRICE)
    pack = pack_of(draft.id)
    assert faults(pack, draft, pack.question(code)) == []
    assert faults(pack, draft, pack.question(code), **change) == [field]


def faults(pack: RoundPack, draft: Round, asked: AskedQuestion, **change: Any) -> list[str]:
    """The fields that are at fault when a question says something else."""
    return [fault.field for fault in faults_of(pack, replace(asked, **change), lots_of_round(draft.id))]


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("exclusion", {"options": (("none", "None"),)}, "options"),
        ("exclusion", {"rule": "must_be_yes"}, "rule"),
        ("exclusion", {"rule": "must_be_one_of", "rule_value": ["all"]}, "rule_value"),
        ("places", {"judged_as": "condition", "rule": "at_least", "rule_value": None}, "rule_value"),
        ("day_rate", {"per_lot": False}, "per_lot"),
        ("places", {"shape": {"least": "10", "most": "9"}}, "most"),
        ("outcomes", {"scale_id": None}, "scale_id"),
        ("insurance", {"judged_as": "scored", "rule": None}, "judged_as"),
        ("finance", {"accepted": ()}, "accepted"),
        ("finance", {"lots": (0,)}, "lots"),
        ("summary", {"ask_if": {"question": "nothing", "answers": ["yes"]}}, "ask_if"),
        ("summary", {"ask_if": {"question": "finance", "answers": ["yes"]}}, "ask_if"),
        ("finance", {"ask_if": {"question": "registration_status", "answers": ["non_school"]}}, "ask_if"),
        ("summary", {"ask_if": {"question": "insurance", "answers": ["perhaps"]}}, "ask_if"),
        ("urn", {"ask_if": {"question": "key_stages", "answers": ["KS1"]}}, "ask_if"),
        ("outcomes", {"ask_if": {"question": "insurance", "answers": ["yes"]}}, "ask_if"),
    ],
)
def test_each_fault_stands_at_its_field(draft: Round, code: str, change: dict[str, Any], field: str) -> None:
    pack = pack_of(draft.id)
    asked = pack.question(code)
    assert faults(pack, draft, asked) == []
    assert field in faults(pack, draft, asked, **change)


def test_what_is_judged_for_some_lots_is_answered_for_each(draft: Round) -> None:
    pack, some = pack_of(draft.id), (lot_ids(draft)[0],)
    assert faults(pack, draft, pack.question("outcomes"), lots=some) == ["per_lot"]
    assert faults(pack, draft, pack.question("finance"), lots=some) == ["per_lot"]
    assert faults(pack, draft, pack.question("finance"), lots=some, per_lot=True) == []
    assert faults(pack, draft, pack.question("registration_status"), lots=some) == []


def test_what_depends_on_a_question_is_asked_only_where_that_is(draft: Round) -> None:
    pack = pack_of(draft.id)
    first, second, _ = lot_ids(draft)
    earlier = replace(pack.question("key_stages"), lots=(first,))
    sections = [
        replace(
            part, questions=tuple(earlier if each.code == "key_stages" else each for each in part.questions)
        )
        for part in pack.sections
    ]
    narrowed = replace(pack, sections=tuple(sections))
    asked = replace(pack.question("places"), ask_if={"question": "key_stages", "answers": ["KS1"]})
    assert faults(narrowed, draft, asked) == ["ask_if"]
    assert faults(narrowed, draft, asked, lots=(second,)) == ["ask_if"]
    assert faults(narrowed, draft, asked, lots=(first,)) == []


def test_a_lot_for_registered_schools_that_nobody_asks_about_it_is_worth_a_thought(draft: Round) -> None:
    pack, lots = pack_of(draft.id), lots_of_round(draft.id)
    silent = replace(pack, sections=tuple(replace(each, questions=()) for each in pack.sections))
    times = {"opens_at": draft.opens_at, "closes_at": draft.closes_at, "at": draft.opens_at, "lots": lots}
    (thought,) = [each for each in problems_of(silent, **times) if not each.stops]
    assert thought.sentence == "Only registered schools may join lot 1, and no question asks about it."
    assert all(each.stops for each in problems_of(pack, **times))


CARD: dict[str, Any] = {
    "judged_as": "condition", "rule": "at_most_ceiling", "per_lot": True, "shape": {"units": ["day"]},
}  # fmt: skip


def of_publication(draft: Round, **lot: Any) -> tuple[list[str], list[str]]:
    """What stops a draft whose second lot is another, and what is worth a thought."""
    first, second, *others = lots_of_round(draft.id)
    times = {"opens_at": draft.opens_at, "closes_at": draft.closes_at, "at": draft.opens_at}
    found = problems_of(pack_of(draft.id), **times, lots=[first, replace(second, **lot), *others])
    return [each.sentence for each in found if each.stops], [
        each.sentence for each in found if not each.stops
    ]


def test_a_lot_without_a_highest_price_is_worth_a_thought_and_stops_a_formula_alone(
    draft: Round, lead: Actor
) -> None:
    stops, thoughts = of_publication(draft, price_ceiling=None)
    assert stops == [] and thoughts == [
        "“Price for a day”: no price is too high for lot 2, which has no highest."
    ]
    added(draft, "money", by=lead, **{**PRICE, "rule": "up_to_ceiling"})
    weigh(draft, by=lead, safeguarding="5")
    stops, _ = of_publication(draft, price_ceiling=None)
    assert stops == ["The price of lot 2 is scored up to a highest price. Give one."]


def test_a_highest_price_is_for_a_unit_that_the_card_of_prices_asks_for(draft: Round, lead: Actor) -> None:
    added(draft, "rate_card", by=lead, **CARD)
    assert of_publication(draft)[0] == []
    (sentence,) = of_publication(draft, price_unit="hour")[0]
    assert sentence == (
        "“Invented” asks for no price of an hour, for which the highest price of lot 2 is given."
    )


def test_a_limit_has_no_more_decimal_places_than_an_answer(draft: Round) -> None:
    pack = pack_of(draft.id)
    asked = pack.question("places")
    assert faults(pack, draft, asked, shape={"most": "9.5"}) == ["places"]
    assert faults(pack, draft, asked, shape={"most": "9.5", "places": 1}) == []
