"""What an answer has to keep to, in sentences."""

from datetime import date

import pytest

from tender.applications.limits import allowed, fault_of, needed_of_document

COLUMNS = [["role", "Role", "short_text"]]


@pytest.mark.parametrize(
    ("kind", "shape", "sentence"),
    [
        ("number", {"least": "1", "most": "1000"}, "From 1 to 1,000."),
        ("number", {"most": 100}, "At most 100."),
        ("money", {"least": "5000000"}, "At least £5,000,000."),
        ("date", {"earliest": "2026-03-06"}, "6 March 2026 or later."),
        ("date", {"latest": "2026-03-06"}, "6 March 2026 or earlier."),
        ("table", {"least_rows": 1, "most_rows": 20}, "Give at least 1 row and at most 20 rows."),
        ("number", {}, ""),
        ("long_text", {}, ""),
    ],
)
def test_what_is_allowed_is_said_beside_the_box(kind, shape, sentence):
    assert allowed(kind, shape) == sentence


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("2026-03-05", True), ("2026-03-06", False), ("2026-03-31", False), ("2026-04-01", True)],
)
def test_a_day_may_be_the_first_and_the_last(value, wrong):
    shape = {"earliest": "2026-03-06", "latest": "2026-03-31"}
    assert bool(fault_of("date", shape, value)) is wrong


@pytest.mark.parametrize(
    ("value", "wrong"), [("94.99", True), ("95.00", False), ("120", False), ("120.01", True)]
)
def test_a_sum_may_be_the_least_and_the_most(value, wrong):
    assert bool(fault_of("money", {"least": "95", "most": "120"}, value)) is wrong


@pytest.mark.parametrize(
    ("rows", "said"), [(1, "too short: it has 1 row"), (2, ""), (3, ""), (4, "too long")]
)
def test_a_table_has_as_many_rows_as_are_asked_for(rows, said):
    shape = {"columns": COLUMNS, "least_rows": 2, "most_rows": 3}
    fault = fault_of("table", shape, [{"role": "Tutor"}] * rows)
    assert fault.startswith(said) and bool(fault) is bool(said)


@pytest.mark.parametrize("kind", ["number", "money", "date", "table", "rate_card", "long_text"])
def test_nothing_answered_has_no_fault(kind):
    shape = {"least": "5", "earliest": "2026-01-01", "least_rows": 3, "units": ["day"]}
    assert [fault_of(kind, shape, nothing, word_limit=5) for nothing in (None, "", [], {})] == [""] * 4


def test_a_document_question_says_what_the_document_must_be_and_cover():
    shape = {"document_type": "public_liability", "needs_expiry": True, "least_cover": "5000000"}
    kind, valid, cover = needed_of_document(shape, date(2026, 6, 1))
    assert kind == "We ask for this document: Public liability insurance."
    assert "valid until the framework starts, on 1 June 2026, or longer" in valid
    assert cover == "It must show cover of at least £5,000,000."
    assert needed_of_document({}, date(2026, 6, 1)) == []


@pytest.mark.parametrize("whole", [True, False])
def test_only_a_rate_card_that_must_be_whole_asks_for_every_price(whole):
    fault = fault_of("rate_card", {"units": ["day", "hour"]}, {"day": "95.00"}, whole=whole)
    assert fault == ("not complete. Still to fill: An hour." if whole else "")
