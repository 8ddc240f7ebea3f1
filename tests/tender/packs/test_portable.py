"""A pack travels as one document and comes back the same; what somebody else wrote is read with suspicion."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tender.frameworks.default_pack import default_pack
from tender.frameworks.pack_rows import write_pack
from tender.frameworks.queries import lots_of_round, pack_of
from tender.packs.portable import as_document, from_document, portable_of, read_portable
from tender.packs.reading import LARGEST, NotAPack
from tests.factories.frameworks import a_draft_round

DEFAULT = json.loads(json.dumps(as_document(default_pack("PA2023"))))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NEW = {
    "code": "new",
    "title": "New",
    "text": "Is this new?",
    "kind": "yes_no",
    "judged_as": "information",
}


def question(document: dict[str, Any], code: str) -> dict[str, Any]:
    return next(q for s in document["sections"] for q in s["questions"] if q["code"] == code)


def refused(**changes: Any) -> list[str]:
    """The sentences with which the default pack is refused once its insurance question says this."""
    document = deepcopy(DEFAULT)
    question(document, "insurance").update(changes)
    with pytest.raises(NotAPack) as refusal:
        read_portable(json.dumps(document))
    return list(refusal.value.sentences)


@pytest.mark.parametrize("regime", ["PA2023", "PCR2015"])
def test_a_pack_comes_back_as_it_left(regime: Any) -> None:
    pack = default_pack(regime)
    assert from_document(as_document(pack)) == pack
    assert read_portable(json.dumps(as_document(pack)).encode()).questions == pack.questions


def test_a_rounds_pack_is_written_without_ids_and_into_another_round(session: Session) -> None:
    one, other = a_draft_round(), a_draft_round()
    numbers = {lot.id: lot.number for lot in lots_of_round(one.id)}
    document = deepcopy(DEFAULT)
    question(document, "curriculum")["lots"] = ["2"]
    question(document, "places")["ask_if"] = {"question": "insurance", "answers": ["yes"]}
    write_pack(one, read_portable(document, numbers.values()))
    written = portable_of(pack_of(one.id), numbers)
    assert written == document
    write_pack(other, read_portable(written, numbers.values()))
    assert portable_of(pack_of(other.id), {lot.id: lot.number for lot in lots_of_round(other.id)}) == document


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "essay"}, "“kind” must be one of long_text,"),
        ({"colour": "red"}, "“colour” is unknown. Take it out."),
        ({"code": "finance"}, "another question has this code already."),
        ({"code": "Not Good"}, "“code” must be up to 40 small letters"),
        ({"title": "  "}, "“title” is missing."),
        ({"text": "a\x00b"}, "“text” must be text of at most 20,000 characters."),
        ({"text": "half a character: \ud800"}, "“text” must be text of at most 20,000 characters."),
        ({"weight": "12"}, "only a scored question has a scale, a weight and a minimum."),
        ({"rule": "at_least", "rule_value": "3"}, "the rule at_least does not go with the kind yes_no."),
        ({"rule_value": "3"}, "its rule compares with nothing. Take “rule_value” out."),
        ({"judged_as": "information"}, "only a condition has a rule."),
        ({"options": [["a", "A"]]}, "“options” belong to a choice, and every choice needs them."),
        ({"shape": {"least": "1"}}, "“least” is unknown. Take it out."),
        ({"kind": "number", "shape": {"least": 1}}, "“least” must be a number, written as text."),
        ({"kind": "table", "shape": {"least_rows": 60}}, "“least_rows” must be a whole number up to 50."),
        (
            {"ask_if": {"question": "places", "answers": ["1"]}},
            "names “places”, which is not a question before",
        ),
        ({"ask_if": {"question": "finance"}}, "“answers” is missing."),
        ({"lots": [6]}, "“lots” must be a list of at most 100, each the number of a lot, as text."),
        ({"word_limit": True}, "“word_limit” must be a whole number from 1 to 10,000."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(changes: dict[str, Any], sentence: str) -> None:
    sentences = refused(**changes)
    assert any(sentence in said and said.startswith("Question ") for said in sentences), sentences


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weight": 25}, "“weight” must be a number from 0 to 100, written as text, like"),
        ({"weight": "abc"}, "“weight” must be a number from 0 to 100"),
        ({"weight": "12.345"}, "“weight” must be a number from 0 to 100"),
        ({"weight": None}, "“weight” is missing."),
        ({"minimum": 9}, "“minimum” must be one of the scale's points."),
        ({"scale": "Another"}, "“scale” must be one of"),
    ],
)
def test_a_scored_question_needs_scale_weight_and_minimum(changes: dict[str, Any], sentence: str) -> None:
    document = deepcopy(DEFAULT)
    question(document, "safeguarding").update(changes)
    with pytest.raises(NotAPack, match="“safeguarding”") as refusal:
        read_portable(document)
    assert sentence in refusal.value.sentence


def test_ties_and_prices_travel_with_the_pack(session: Session) -> None:
    draft = a_draft_round()
    numbers = {lot.id: lot.number for lot in lots_of_round(draft.id)}
    document = deepcopy(DEFAULT)
    question(document, "safeguarding")["breaks_ties"] = True
    priced = {**NEW, "kind": "money", "judged_as": "priced", "per_lot": True, "weight": "10"}
    document["sections"][-1]["questions"].append({**priced, "rule": "up_to_ceiling", "rule_value": "40"})
    write_pack(draft, read_portable(document, numbers.values()))
    assert portable_of(pack_of(draft.id), numbers) == document


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"breaks_ties": True}, "only a scored question can break ties."),
        ({"judged_as": "priced", "weight": "5"}, "“rule” must be one of lowest_price, up_to_ceiling."),
        ({"judged_as": "priced", "rule": "lowest_price"}, "“weight” is missing."),
        ({"judged_as": "priced", "rule": "lowest_price", "weight": "5"}, "only an amount of money"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(changes: dict[str, Any], sentence: str) -> None:
    assert any(sentence in said for said in refused(**changes))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xfe", "not text in UTF-8"),
        (b"%PDF-1.7", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 5_000, "not JSON"),
        (b'{"format": NaN}', "not JSON"),
        (b"[" * 50 + b"]" * 50, "nested too deeply"),
        (b" " * (LARGEST + 1), "larger than 2 MB"),
        (b"[]", "not an object|not a pack"),
        (b'{"format": "alternative-provision-pack", "version": 2}', "another version"),
    ],
)
def test_what_is_no_pack_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(NotAPack, match=sentence):
        read_portable(data)


@given(st.sampled_from([q["code"] for s in DEFAULT["sections"] for q in s["questions"]]), st.data())
def test_whatever_stands_in_a_question_is_read_or_refused(code: str, data: st.DataObject) -> None:
    document = deepcopy(DEFAULT)
    known = [*question(document, "curriculum"), "shape", "ask_if", "lots", "rule", "rule_value", "options"]
    question(document, code)[data.draw(st.sampled_from(known))] = data.draw(ANYTHING)
    try:
        pack = read_portable(document)
    except NotAPack as refusal:
        assert refusal.sentences
    else:
        json.dumps(as_document(pack))


def test_questions_for_lots_that_the_round_lacks_are_left_out_and_named() -> None:
    document = deepcopy(DEFAULT)
    question(document, "curriculum")["lots"] = ["1", "6"]
    question(document, "needs")["lots"] = ["6"]
    document["sections"][2]["questions"].append({**NEW, "ask_if": {"question": "needs", "answers": ["yes"]}})
    pack = read_portable(document, ["1", "2"])
    kept = {asked.code: asked for asked in pack.questions}
    assert pack.missing_lots == ("6",)
    assert pack.left_out == (question(document, "needs")["title"], "New")
    assert kept["curriculum"].lots == ("1",) and "needs" not in kept and "new" not in kept
