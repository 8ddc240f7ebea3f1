"""The rules, one answer at a time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.conformity.rules import Judgement, judge
from tests.tender.applications.test_contents import a_lot, an_item

CEILING = Decimal("120.00")
LABELS = (("a", "Apples"), ("b", "Bread"), ("c", "Cake"))
RATES = {
    "units": ["day", "half_day"],
    "group_sizes": [["one", "one to one"], ["four", "a group of four"]],
    "transport": True,
}


def judged(
    rule: str, value: object, *, ceiling: Decimal | None = CEILING, unit: str = "day", **asked: Any
) -> Judgement:
    asked = {"judged_as": "condition", "kind": "short_text", "rule": rule, **asked}
    return judge(an_item(lot=replace(a_lot(1, ceiling), price_unit=unit), value=value, **asked))


@pytest.mark.parametrize(
    ("value", "expected"), [("yes", "pass"), ("no", "fail"), ("", "fail"), (None, "fail")]
)
def test_must_be_yes_passes_a_yes_alone(value: object, expected: str) -> None:
    assert judged("must_be_yes", value, kind="yes_no").result == expected


@pytest.mark.parametrize(("value", "expected"), [("ZA123456", "pass"), (None, "fail"), ("  ", "fail")])
def test_must_be_provided_passes_words(value: object, expected: str) -> None:
    assert judged("must_be_provided", value).result == expected


@pytest.mark.parametrize(("files", "expected"), [(1, "pass"), (0, "fail")])
def test_must_be_provided_passes_a_document(files: int, expected: str) -> None:
    assert judged("must_be_provided", None, kind="file", files=(object(),) * files).result == expected


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("119.99", "pass"),
        ("120", "pass"),
        ("120.00", "pass"),
        ("120.01", "fail"),
        ("", "fail"),
        ("1e3", "refer"),
    ],
)
def test_a_price_passes_up_to_the_ceiling_itself(price: str, expected: str) -> None:
    assert judged("at_most_ceiling", price, kind="money").result == expected


def test_a_lot_without_a_ceiling_takes_any_price() -> None:
    assert judged("at_most_ceiling", "999999.99", kind="money", ceiling=None).result == "pass"


def test_a_price_above_the_ceiling_is_told_both_sums() -> None:
    told = judged("at_most_ceiling", "130.50", kind="money").reason
    assert told == "£130.50 a day is above the ceiling of £120."


def test_a_rate_card_passes_when_every_group_size_is_within_the_ceiling() -> None:
    card = {"day.one": "120.00", "day.four": "80.00", "half_day.one": "100.00", "transport": "130.00"}
    told = judged("at_most_ceiling", card, kind="rate_card", shape=RATES)
    assert told.result == "pass"
    assert told.reason.startswith("£120 a day (one to one), £80 a day (a group of four) is within")


def test_a_rate_card_fails_by_the_group_sizes_that_are_above() -> None:
    card = {"day.one": "120.01", "day.four": "80.00"}
    told = judged("at_most_ceiling", card, kind="rate_card", shape=RATES)
    assert told == Judgement("fail", "£120.01 a day (one to one) is above the ceiling of £120.")


def test_a_ceiling_of_half_a_day_is_compared_with_the_prices_of_half_a_day() -> None:
    card = {"day.one": "200.00", "day.four": "200.00", "half_day.one": "121.00", "half_day.four": "60.00"}
    told = judged("at_most_ceiling", card, kind="rate_card", shape=RATES, unit="half_day")
    assert told == Judgement("fail", "£121 half a day (one to one) is above the ceiling of £120.")
    hourly = judged("at_most_ceiling", card, kind="rate_card", shape=RATES, unit="hour")
    assert hourly == Judgement("refer", "There is no plain price of an hour to compare, so a person decides.")


def test_no_price_of_a_day_is_worked_out_from_a_half_day() -> None:
    card = {"half_day.one": "50.00", "half_day.four": "30.00"}
    assert judged("at_most_ceiling", card, kind="rate_card", shape=RATES).result == "refer"


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "pass"), ("c", "fail"), (["c", "b"], "pass"), (["c"], "fail"), ("", "fail")]
)
def test_must_be_one_of_passes_one_of_the_answers_that_pass(value: object, expected: str) -> None:
    kind = "choices" if isinstance(value, list) else "choice"
    told = judged("must_be_one_of", value, kind=kind, options=LABELS, rule_value=["a", "b"])
    assert told.result == expected
    assert told.result == "pass" or not value or "“Cake” is not among" in told.reason


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("at_least", "8", "8 is at least 8."),
        ("at_least", "7", "7 is below the least that passes, 8."),
        ("at_most", "8", "8 is at most 8."),
        ("at_most", "9", "9 is above the most that passes, 8."),
        ("at_least", "eight", "The answer is not a plain number, so a person decides."),
    ],
)
def test_a_number_is_compared_with_the_bound_itself(rule: str, value: str, reason: str) -> None:
    told = judged(rule, value, kind="number", rule_value="8")
    assert told.reason == reason
    assert told.result == ("refer" if "person" in reason else "pass" if " at " in reason else "fail")


def test_a_sum_that_is_compared_is_told_in_pounds() -> None:
    told = judged("at_least", "4999999.50", kind="money", rule_value="5000000")
    assert told.reason == "£4,999,999.50 is below the least that passes, £5,000,000."


@pytest.mark.parametrize("rule", ["must_be_one_of", "at_least", "person_decides"])
def test_what_need_not_be_answered_passes_when_it_is_left_empty(rule: str) -> None:
    assert judged(rule, "", required=False, rule_value="1").result == "pass"


@pytest.mark.parametrize("value", ["some", ""])
def test_a_person_decides_what_had_to_be_answered(value: str) -> None:
    assert judged("person_decides", value).result == "refer"


CERTIFICATE = {"needs_expiry": True, "least_cover": "5000000"}
FROZEN = {"type": "public_liability", "issuer": "", "number": "", "valid_from": None}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (None, "does not say until when it is valid"),
        ({"cover": "4999999", "expires_on": "2099-01-01"}, "less than the £5,000,000"),
        ({"cover": None, "expires_on": "2099-01-01"}, "cover is not recorded"),
        ({"cover": "5000000", "expires_on": "2098-01-01"}, "before the framework starts"),
        ({"cover": "5000000", "expires_on": "2001-01-01"}, "expired on"),
        ({"cover": "5000000", "expires_on": "2099-01-01"}, ""),
    ],
)
def test_a_document_that_does_not_say_what_is_asked_of_it_is_never_passed_by_a_rule(
    facts: dict[str, Any] | None, expected: str
) -> None:
    file = SimpleNamespace(facts=facts and {**FROZEN, **facts})
    more = {"kind": "file", "judged_as": "condition", "rule": "must_be_provided", "shape": CERTIFICATE}
    found = judge(an_item(files=(file,), **more), date(2099, 1, 1))
    assert found.result == ("refer" if expected else "pass") and expected in found.reason
