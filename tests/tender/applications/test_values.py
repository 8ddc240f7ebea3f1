"""One form for each kind of answer."""

from datetime import date
from decimal import Decimal

import pytest

from tender.applications.grids import rates_of
from tender.applications.values import (
    canonical_json,
    checked,
    grid_of,
    in_words,
    is_blank,
    kept_value,
    sha256_of,
    typed_value,
)

OPTIONS = (("a", "Apples"), ("b", "Bread"))


@pytest.mark.parametrize(
    ("kind", "data", "kept", "shown"),
    [
        ("money", Decimal("1250.50"), "1250.50", ("£1,250.50",)),
        ("number", 1200, "1200", ("1,200",)),
        ("date", date(2026, 3, 6), "2026-03-06", ("6 March 2026",)),
        ("yes_no", "no", "no", ("No",)),
        ("choice", "b", "b", ("Bread",)),
        ("choices", ["b", "a"], ["b", "a"], ("Bread", "Apples")),
        ("declaration", True, "yes", ("Confirmed",)),
        ("postcode", "M3 5BS", "M3 5BS", ("M3 5BS",)),
        ("long_text", "Some words.", "Some words.", ("Some words.",)),
    ],
)
def test_each_kind_is_kept_in_one_form_and_shown_in_words(kind, data, kept, shown):
    assert kept_value(kind, data) == kept
    assert typed_value(kind, kept) == data
    assert in_words(kind, OPTIONS, kept) == shown


@pytest.mark.parametrize(
    "kind", ["money", "number", "date", "yes_no", "choice", "choices", "declaration", "long_text"]
)
def test_nothing_typed_is_kept_as_blank(kind):
    kept = checked(kind, OPTIONS, kept_value(kind, None))
    assert is_blank(kept)
    assert in_words(kind, OPTIONS, kept) == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("choice", "c"),
        ("choices", ["a", "c"]),
        ("choices", "a"),
        ("yes_no", "perhaps"),
        ("money", "a lot"),
        ("money", "1e3"),
        ("number", "12.5"),
        ("date", "6/3/2026"),
        ("long_text", 5),
    ],
)
def test_a_value_of_another_kind_is_not_kept(kind, value):
    with pytest.raises(ValueError):
        checked(kind, OPTIONS, value)


STAFF = {
    "columns": [["role", "Role", "short_text"], ["people", "People", "number"], ["since", "Since", "date"]]
}
CARD = {
    "units": ["hour", "day"],
    "group_sizes": [["one", "one to one"], ["six", "a group of six"]],
    "transport": 1,
}


def test_a_table_is_kept_row_by_row_without_its_empty_rows():
    rows = [
        {"role": "Tutor", "people": 4, "since": date(2026, 3, 6)},
        {"role": "", "people": None, "since": None},
        {"role": "Mentor", "people": None, "since": None},
    ]
    kept = kept_value("table", rows, STAFF)
    assert kept == [
        {"role": "Tutor", "people": "4", "since": "2026-03-06"},
        {"role": "Mentor", "people": "", "since": ""},
    ]
    assert checked("table", (), kept, STAFF) == kept
    assert typed_value("table", kept, STAFF)[0] == rows[0]
    lines = in_words("table", (), kept, STAFF)
    assert lines == ("Role: Tutor; People: 4; Since: 6 March 2026", "Role: Mentor")
    assert grid_of("table", STAFF, kept).rows == (("Tutor", "4", "6 March 2026"), ("Mentor", "", ""))


def test_a_rate_card_is_kept_as_its_prices_alone():
    typed = [
        {"day.one": Decimal("120.00"), "day.six": None, "hour.one": Decimal("30.50"), "transport": Decimal(9)}
    ]
    kept = kept_value("rate_card", typed, CARD)
    assert kept == {"day.one": "120.00", "hour.one": "30.50", "transport": "9"}
    assert typed_value("rate_card", kept, CARD)[0]["hour.one"] == Decimal("30.50")
    assert in_words("rate_card", (), kept, CARD)[0] == "A day, one to one: £120"
    grid = grid_of("rate_card", CARD, kept)
    assert grid.head == ("Price for", "one to one", "a group of six")
    assert grid.rows[:2] == (("A day", "£120", ""), ("An hour", "£30.50", ""))
    assert grid.rows[2][1:] == ("£9", "")


def test_the_prices_of_a_day_are_told_by_group_size():
    assert list(rates_of("day", CARD, {"day.six": "60.00", "day.one": "99.50", "hour.one": "20"})) == [
        ("one to one", Decimal("99.50")),
        ("a group of six", Decimal("60.00")),
    ]
    assert list(rates_of("day", {"units": ["half_day"]}, {"half_day": "50.00"})) == []
    assert list(rates_of("half_day", {"units": ["half_day"]}, {"half_day": "50.00"})) == [
        ("", Decimal("50.00"))
    ]


@pytest.mark.parametrize(
    ("data", "kept", "shown"),
    [(Decimal("12.50"), "12.5", "12.5"), (Decimal("1200"), "1200", "1,200"), (Decimal("0.00"), "0", "0")],
)
def test_a_number_with_decimal_places_is_exact_and_kept_in_one_spelling(data, kept, shown):
    shape = {"places": 2}
    assert kept_value("number", data, shape) == kept
    assert typed_value("number", kept, shape) == data
    assert in_words("number", (), kept, shape) == (shown,)
    assert checked("number", (), "12.50", shape) == "12.5"


@pytest.mark.parametrize(
    ("value", "shape"), [("12.5", {}), ("12.567", {"places": 2}), ("1e3", {"places": 4})]
)
def test_a_number_has_no_more_decimal_places_than_its_question_allows(value, shape):
    with pytest.raises(ValueError):
        checked("number", (), value, shape)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("table", {"role": "Tutor"}),
        ("table", [{"name": "Somebody"}]),
        ("table", [{"role": "Tutor", "people": "four"}]),
        ("table", ["Tutor"]),
        ("rate_card", {"day.two": "5.00"}),
        ("rate_card", {"day.one": "lots"}),
        ("rate_card", [{"day.one": "5.00"}]),
    ],
)
def test_a_grid_of_other_parts_is_not_kept(kind, value):
    with pytest.raises(ValueError):
        checked(kind, (), value, STAFF if kind == "table" else CARD)


@pytest.mark.parametrize(
    ("kind", "typed"), [("table", [{}]), ("rate_card", [{}]), ("table", None), ("rate_card", None)]
)
def test_a_grid_in_which_nothing_was_typed_is_blank(kind, typed):
    shape = STAFF if kind == "table" else CARD
    kept = checked(kind, (), kept_value(kind, typed, shape), shape)
    assert is_blank(kept) and in_words(kind, (), kept, shape) == () and grid_of(kind, shape, kept) is None


def test_choices_are_kept_in_the_order_of_the_options():
    assert checked("choices", OPTIONS, ["b", "a", "b"]) == ["a", "b"]


def test_the_fingerprint_does_not_depend_on_the_order_of_keys():
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert sha256_of({"b": 1, "a": 2}) == sha256_of({"a": 2, "b": 1})
    assert sha256_of("one") != sha256_of("One")
