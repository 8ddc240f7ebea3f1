"""How a round reads: the words come from its own pack."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.frameworks import queries, services
from tender.frameworks.lifecycle import ROUND
from tender.frameworks.recipe import recipe
from tender.frameworks.stages import next_date, rooms_of, stages_of
from tender.frameworks.words import PHASES, asks, counts_as
from tests.factories.drafting import added, changed, weigh
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_procurement_lead,
    a_published_round,
    an_opened_round,
)
from tests.tender.applications.test_contents import an_item


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.mark.parametrize(
    ("code", "asked", "counted"),
    [
        ("safeguarding", "A written answer of up to 750 words", "25% of the total, minimum mark 3"),
        (
            "day_rate",
            "An amount in pounds, for each lot you apply for",
            "no price is above the highest",
        ),
        (
            "fire_risk",
            "Word (.docx), Excel (.xlsx), JPEG or PNG, up to 10 MB each",
            "passes when it is provided",
        ),
        ("urn", "A short answer of up to 5 words", "not judged"),
        ("other_prices", "A card of prices for half a day and an hour, for each lot", "not judged"),
        ("registered_school", "Yes or no, for each lot you apply for", "Pass or fail: passes with Yes"),
    ],
)
def test_a_question_says_what_it_asks_and_what_it_counts_for(
    lead: Actor, code: str, asked: str, counted: str
) -> None:
    question = queries.pack_of(a_draft_round(lead=lead).id).question(code)
    assert asked in asks(question)
    assert counted in counts_as(question)


def test_the_recipe_works_its_example_out_from_the_pack(lead: Actor) -> None:
    draft = a_draft_round(lead=lead)
    weigh(draft, by=lead, safeguarding="12.5")
    assert "(12.5%) adds 10." in " ".join(recipe(queries.pack_of(draft.id), {}))


def test_the_recipe_says_what_is_done_with_equal_totals(lead: Actor) -> None:
    draft = a_draft_round(lead=lead)
    assert "Equal totals share a rank." in " ".join(recipe(queries.pack_of(draft.id), {}))
    changed(draft, "safeguarding", by=lead, breaks_ties=True)
    said = " ".join(recipe(queries.pack_of(draft.id), {}))
    assert "Of equal totals, the one to which “Safeguarding" in said and "Equal totals share" not in said


@pytest.mark.parametrize(
    ("formula", "low", "said"),
    [
        ("lowest_price", None, "twice the lowest adds 5."),
        ("up_to_ceiling", None, "the highest price that the round gives for the lot adds nothing"),
        ("lowest_price", "40", "more than 40% below the average of the prices given for its lot"),
        ("lowest_price", None, "compared without VAT"),
        ("lowest_price", None, "missing or £0.00 is not scored"),
    ],
)
def test_the_recipe_says_how_a_price_is_scored_in_each_case(
    lead: Actor, formula: str, low: str | None, said: str
) -> None:
    draft = a_draft_round(lead=lead)
    price = {
        "judged_as": "priced",
        "rule": formula,
        "rule_value": low,
        "weight": Decimal(10),
        "per_lot": True,
    }
    added(draft, "money", by=lead, **price)
    sentences = " ".join(recipe(queries.pack_of(draft.id), {}))
    assert said in sentences
    assert ("looked at before there is any rank" in sentences) == bool(low)


def test_a_round_stands_at_one_stage_with_all_before_it_done(lead: Actor) -> None:
    for made, place in ((a_published_round(lead=lead), 2), (a_closed_round(lead=lead), 3)):
        standing = [stage.standing for stage in stages_of(queries.round_for(lead, made.id))]
        assert standing == ["done"] * place + ["now"] + ["later"] * (7 - place)


def test_a_released_round_has_every_stage_done(lead: Actor) -> None:
    opened = an_opened_round(lead=lead)
    for step in (services.start_marking, services.mark_decided, services.mark_released):
        step(by=lead, round_id=opened.id)
    facts = queries.round_for(lead, opened.id)
    assert {stage.standing for stage in stages_of(facts)} == {"done"}
    assert next_date(facts) is None
    assert len(rooms_of(facts)) == 17


def test_pages_appear_as_the_round_reaches_them(lead: Actor) -> None:
    draft = queries.round_for(lead, a_draft_round(lead=lead).id)
    opened = queries.round_for(lead, an_opened_round(lead=lead).id)
    assert [room.name for room in rooms_of(draft)] == [
        *("Pack", "Timetable", "Intakes", "Documents", "Conflicts assessment"),
    ]
    assert [room.name for room in rooms_of(opened)] == [
        *("Pack", "Timetable", "Intakes", "Documents", "Conflicts assessment", "Panel"),
        *("Questions and answers", "Conformity", "Exclusion checks", "Complaints and challenges"),
    ]


def test_every_state_and_phase_has_its_words() -> None:
    assert {*ROUND.states, "upcoming", "open", "closed"} - {"published"} == set(PHASES)


@pytest.mark.parametrize(
    ("kind", "rule", "value", "said"),
    [
        ("money", "at_least", "5000000", "Pass or fail: passes when the answer is at least £5,000,000"),
        ("number", "at_most", "12", "Pass or fail: passes when the answer is at most 12"),
        ("choice", "must_be_one_of", ["a", "c"], "Pass or fail: passes with “Apples” or “Cake”"),
        ("declaration", "must_be_yes", None, "Pass or fail: passes when it is confirmed"),
        ("long_text", "person_decides", None, "Pass or fail: a person decides"),
        ("number", "at_least", None, "Pass or fail: its rule is not complete yet"),
        ("choice", "must_be_one_of", [], "Pass or fail: its rule is not complete yet"),
    ],
)
def test_a_condition_tells_its_rule_with_its_value(kind: str, rule: str, value: object, said: str) -> None:
    options = (("a", "Apples"), ("b", "Bread"), ("c", "Cake"))
    more = {"judged_as": "condition", "rule": rule, "rule_value": value, "options": options}
    assert counts_as(an_item(kind=kind, **more).asked) == said


@pytest.mark.parametrize(
    ("kind", "shape", "said"),
    [
        ("number", {"least": "1", "most": "1000"}, "A number, from 1 to 1,000"),
        ("money", {"least": "5"}, "An amount in pounds, at least £5"),
        ("date", {"latest": "2026-03-06"}, "A date, 6 March 2026 or earlier"),
        ("table", {"least_rows": 2, "most_rows": 9}, "at least 2 rows and at most 9 rows"),
        (
            "file",
            {"document_type": "public_liability", "needs_expiry": True, "least_cover": "5000000"},
            "of this kind: Public liability insurance, it must say until when it is valid, "
            "it must show cover of at least £5,000,000",
        ),
    ],
)
def test_what_an_answer_has_to_keep_to_is_told_before_anybody_applies(
    kind: str, shape: dict[str, object], said: str
) -> None:
    assert said in asks(an_item(kind=kind, shape=shape).asked)
