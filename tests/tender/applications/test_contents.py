"""What an application lacks, and where its next question is."""

from decimal import Decimal

import pytest

from tender.applications.contents import Item, in_order, missing, next_after, problem_of, those_asked
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import LotFacts

PLAIN = {
    "text": "", "why": "", "how_judged": "", "accepted": (), "max_bytes": None, "options": (),
    "standard": None, "rule": None, "scale_id": None, "weight": None, "minimum": None, "word_limit": None,
}  # fmt: skip


def a_lot(number, ceiling=None):
    return LotFacts(number, str(number), number, f"Lot {number}", False, None, price_ceiling=ceiling)


def an_item(
    code="q", lot=None, value=None, position=1, section="a", kind="long_text", required=True,
    files=(), applied_for=(), **more,
):  # fmt: skip
    asked = {"id": position, "position": position, "section": section, "code": code, "title": code.title()}
    asked |= {"kind": kind, "required": required, "per_lot": lot is not None, "judged_as": "information"}
    question = AskedQuestion(**{**PLAIN, **asked, **more})
    return Item(question, lot, value=value, files=files, applied_for=applied_for)


def test_a_required_question_without_an_answer_is_missing():
    assert an_item().state == "missing"
    assert problem_of(an_item(lot=a_lot(2))) == "Answer “Q” for lot 2."


def test_an_optional_question_may_stay_empty():
    item = an_item(required=False, value="  ")
    assert item.state == "optional"
    assert problem_of(item) is None


def test_a_scored_question_must_be_answered_even_when_the_pack_calls_it_optional():
    assert an_item(required=False, judged_as="scored").state == "missing"


@pytest.mark.parametrize(("words", "state"), [(500, "answered"), (501, "over"), (523, "over")])
def test_an_answer_over_its_limit_is_kept_and_blocks(words, state):
    item = an_item(value="word " * words, word_limit=500)
    assert item.state == state
    assert (problem_of(item) is None) == (state == "answered")


def test_the_sentence_says_by_how_many_words_an_answer_is_too_long():
    sentence = problem_of(an_item(value="word " * 523, word_limit=500))
    assert sentence == "“Q” is 23 words over the limit of 500. Shorten it before you submit."


def test_an_application_without_lots_says_so_first():
    problems = missing((), [an_item()])
    assert [problem.sentence for problem in problems] == ["Choose at least one lot.", "Answer “Q”."]


def test_questions_asked_once_come_before_those_of_each_lot():
    first, second = a_lot(1), a_lot(2)
    items = [an_item("x", second, position=1), an_item("x", first, position=1), an_item("y", position=2)]
    items.append(an_item("z", position=3, section="b"))
    ordered = [(item.asked.code, item.lot and item.lot.number) for item in in_order(items)]
    assert ordered == [("y", None), ("x", "1"), ("x", "2"), ("z", None)]


def test_the_way_on_leads_to_the_next_open_question_and_then_back_to_what_was_skipped():
    skipped, here, done = (
        an_item("a"),
        an_item("b", value="yes", position=2),
        an_item("c", value="yes", position=3),
    )
    items = (skipped, here, done)
    assert next_after(("b", None), items) is skipped
    assert next_after(("a", None), items) is None


def test_an_optional_question_is_offered_once_and_not_in_a_circle():
    optional, here = an_item("a", required=False), an_item("b", value="yes", position=2)
    assert next_after(("b", None), (optional, here)) is None


def test_a_price_above_the_ceiling_is_known():
    lot = a_lot(1, Decimal("100.00"))
    prices = {"100.00": False, "100.01": True, "": False}
    for value, above in prices.items():
        assert an_item(lot=lot, value=value, kind="money", rule="at_most_ceiling").over_the_ceiling is above


def codes(items):
    return [(item.asked.code, item.lot_id) for item in items]


def if_answered(question, *answers):
    return {"ask_if": {"question": question, "answers": list(answers)}}


@pytest.mark.parametrize(("given", "asked"), [("some", True), ("none", False), ("", False), (None, False)])
def test_a_question_under_a_condition_is_asked_after_the_answers_that_it_names(given, asked):
    first = an_item("ground", value=given, kind="choice")
    second = an_item("detail", position=2, **if_answered("ground", "some", "unsure"))
    assert (second in those_asked([first, second])) is asked


def test_one_of_several_choices_is_enough_for_a_condition():
    first = an_item("offer", value=["a", "b"], kind="choices")
    assert len(those_asked([first, an_item("more", position=2, **if_answered("offer", "b"))])) == 2


def test_a_condition_on_a_question_that_is_not_asked_is_not_met_whatever_was_answered_to_it():
    first = an_item("a", value="no", kind="yes_no")
    second = an_item("b", value="yes", kind="yes_no", position=2, **if_answered("a", "yes"))
    third = an_item("c", position=3, **if_answered("b", "yes"))
    assert codes(those_asked([third, second, first])) == [("a", None)]


def test_a_condition_looks_at_the_same_lot_or_at_what_is_asked_once():
    one, two = a_lot(1), a_lot(2)
    asked = [
        an_item("online", one, "yes", kind="yes_no"),
        an_item("online", two, "no", kind="yes_no"),
        an_item("how", one, position=2, **if_answered("online", "yes")),
        an_item("how", two, position=2, **if_answered("online", "yes")),
        an_item("school", value="yes", position=3),
        an_item("urn", two, position=4, **if_answered("school", "yes")),
    ]
    left = [place for place in codes(those_asked(asked)) if place[0] in ("how", "urn")]
    assert left == [("how", 1), ("urn", 2)]


def test_a_question_for_some_lots_is_asked_for_those_alone():
    items = [an_item("full", a_lot(1), lots=(1,)), an_item("full", a_lot(2), lots=(1,))]
    assert codes(those_asked(items)) == [("full", 1)]


@pytest.mark.parametrize(("applied_for", "asked"), [((2, 3), False), ((1, 3), True)])
def test_a_question_asked_once_for_some_lots_needs_one_of_them(applied_for, asked):
    assert bool(those_asked([an_item(lots=(1,), applied_for=applied_for)])) is asked


PLACES = {"kind": "number", "shape": {"least": "1", "most": "100"}}


@pytest.mark.parametrize(("value", "state"), [("1", "answered"), ("100", "answered"), ("101", "wrong")])
def test_a_number_out_of_range_is_kept_and_blocks(value, state):
    item = an_item(value=value, **PLACES)
    assert (item.state, problem_of(item) is None) == (state, state == "answered")


def test_the_sentence_says_which_range_is_allowed():
    sentence = problem_of(an_item("places", value="300", **PLACES))
    assert sentence == "“Places” is out of range. It must be from 1 to 100. Change it before you submit."


def test_every_price_of_a_day_on_a_rate_card_counts_against_the_ceiling():
    shape = {"units": ["day", "hour"], "group_sizes": [["one", "one to one"], ["six", "a group of six"]]}
    lot = a_lot(1, Decimal("100.00"))
    card = {"day.one": "101.00", "day.six": "60.00", "hour.one": "200.00"}
    item = an_item(lot=lot, value=card, kind="rate_card", rule="at_most_ceiling", shape=shape)
    assert item.prices == (("one to one", Decimal("101.00")), ("a group of six", Decimal("60.00")))
    assert item.over_the_ceiling
    assert problem_of(item).endswith("is not complete. Still to fill: An hour, a group of six.")
