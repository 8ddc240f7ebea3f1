"""The default pack is complete, adds up, and asks nothing that the law forbids to ask."""

from decimal import Decimal
from typing import get_args

import pytest

from tender.frameworks.default_pack import NATIONAL_STANDARDS, QuestionKind, Rule, default_pack
from tender.frameworks.pack import SHAPES


@pytest.fixture(params=["PA2023", "PCR2015"])
def pack(request):
    return default_pack(request.param, ("1", "2"))


def judged(pack, how):
    return [question for question in pack.questions if question.judged_as == how]


def test_the_weights_add_up_to_exactly_one_hundred(pack):
    assert [question.weight for question in judged(pack, "scored")] == [25, 20, 20, 15, 10, 10]
    assert sum(question.weight for question in judged(pack, "scored")) == Decimal(100)


def test_every_code_stands_once(pack):
    codes = [question.code for question in pack.questions]
    assert len(set(codes)) == len(codes)


def test_the_sections_come_in_order_and_hold_every_question(pack):
    assert [section.code for section in pack.sections] == [
        "eligibility",
        "safety",
        "quality",
        "price",
        "listing",
    ]
    inside = [question for section in pack.sections for question in pack.questions_in(section)]
    assert inside == list(pack.questions)
    assert all(section.introduction and pack.questions_in(section) for section in pack.sections)


def test_a_scored_question_has_scale_weight_minimum_and_word_limit(pack):
    bands = {scale.name: {band.points for band in scale.bands} for scale in pack.scales}
    for question in judged(pack, "scored"):
        assert question.minimum in bands[question.scale]
        assert isinstance(question.weight, Decimal) and question.weight > 0
        assert question.kind == "long_text" and 500 <= question.word_limit <= 750
        assert question.how_judged and question.why and question.standard


def test_safeguarding_needs_three_points_and_the_rest_two(pack):
    minimums = {question.code: question.minimum for question in judged(pack, "scored")}
    assert minimums.pop("safeguarding") == 3
    assert set(minimums.values()) == {2}


def test_only_scored_questions_are_marked_and_only_conditions_have_a_rule(pack):
    for question in pack.questions:
        marked = (question.scale, question.weight, question.minimum) != (None, None, None)
        assert marked == (question.judged_as == "scored"), question.code
        assert (question.rule in get_args(Rule)) == (question.judged_as == "condition"), question.code


def test_a_rule_fits_the_kind_of_question(pack):
    for question in judged(pack, "condition"):
        assert (question.rule == "must_be_yes") == (question.kind in {"yes_no", "declaration"}), question.code
        assert (question.rule == "at_most_ceiling") == (question.kind == "money"), question.code
        assert question.rule == "must_be_provided" or question.kind != "table", question.code
        assert question.how_judged, question.code


def test_the_scale_runs_from_nought_to_five_and_every_band_differs(pack):
    (scale,) = pack.scales
    assert [band.points for band in scale.bands] == [0, 1, 2, 3, 4, 5]
    assert len({band.label for band in scale.bands}) == len({band.descriptor for band in scale.bands}) == 6


def test_every_question_says_what_it_wants_and_why(pack):
    for question in pack.questions:
        assert question.kind in get_args(QuestionKind)
        assert question.title and question.text and question.why, question.code
        assert question.text.endswith((".", "?")), question.code


def test_a_text_has_a_word_limit_and_nothing_else_has(pack):
    for question in pack.questions:
        assert (question.word_limit is not None) == question.kind.endswith("_text"), question.code


def test_a_file_question_says_which_files_and_how_large_and_nothing_else_does(pack):
    for question in pack.questions:
        wants_file = question.kind == "file"
        assert bool(question.accepted) == wants_file and (question.max_bytes is not None) == wants_file, (
            question.code
        )
        assert not any(ending.startswith(".") for ending in question.accepted)


def test_a_choice_offers_different_options_and_nothing_else_does(pack):
    for question in pack.questions:
        values = [value for value, _ in question.options]
        assert bool(values) == question.kind.startswith("choice"), question.code
        assert len(set(values)) == len(values) != 1, question.code


def test_a_numbered_standard_is_one_of_part_one(pack):
    numbered = {
        question.standard for question in pack.questions if question.standard and question.standard[0] == "1"
    }
    assert numbered and numbered <= set(NATIONAL_STANDARDS)


def test_the_directory_entry_can_be_made_from_the_information(pack):
    entry = {question.code: question for question in judged(pack, "information")}
    assert list(entry) == [
        "other_prices",
        *("summary", "key_stages", "sen_needs", "site_postcode", "places"),
        *("registration_status", "urn"),
    ]
    assert [code for code, question in entry.items() if not question.per_lot] == [
        "registration_status",
        "urn",
    ]
    assert [code for code, question in entry.items() if not question.required] == ["other_prices"]


def test_a_condition_names_an_earlier_question_and_answers_that_it_offers(pack):
    seen = {}
    for question in pack.questions:
        if question.ask_if:
            named = seen[question.ask_if["question"]]
            assert set(question.ask_if["answers"]) <= {value for value, _ in named.options}, question.code
            assert not named.per_lot or question.per_lot, question.code
        seen[question.code] = question
    assert [code for code, question in seen.items() if question.ask_if] == ["exclusion_detail", "urn"]


def test_what_is_asked_for_registered_lots_alone_names_them_or_is_left_out(pack):
    assert {question.code: question.lots for question in pack.questions if question.lots} == {
        "registered_school": ("1", "2")
    }
    assert "registered_school" not in {question.code for question in default_pack().questions}


def test_a_shape_holds_only_what_its_kind_has(pack):
    shapes = {question.code: question.shape for question in pack.questions if question.shape}
    assert {"staff", "other_prices", "places"} <= shapes.keys()
    for question in pack.questions:
        assert set(question.shape) <= set(SHAPES.get(question.kind, ())), question.code


def test_only_the_act_asks_for_the_central_digital_platform():
    act, regulations = ({q.code for q in default_pack(regime).questions} for regime in ("PA2023", "PCR2015"))
    assert act - regulations == {"platform", "share_code"}
    assert regulations - act == {"supplier_details"}


def test_each_law_asks_about_its_own_exclusion_grounds():
    texts = {
        regime: {q.code: q.text for q in default_pack(regime).questions} for regime in ("PA2023", "PCR2015")
    }
    assert "Schedules 6 and 7" in texts["PA2023"]["exclusion"]
    assert "Public Contracts Regulations 2015" in texts["PCR2015"]["exclusion"]


def test_the_registration_test_states_the_law_and_asserts_no_limit_of_hours(pack):
    question = next(question for question in pack.questions if question.code == "registration_test")
    assert "section 463" in question.text and "five or more pupils" in question.text
    assert "guide, not a limit" in question.why and "15" not in question.why
    assert question.rule == "person_decides"


def test_insurance_is_promised_and_not_demanded_before_award(pack):
    question = next(question for question in pack.questions if question.code == "insurance")
    assert question.kind == "yes_no" and "will you have" in question.text
