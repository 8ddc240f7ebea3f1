"""Lists that are typed one a line."""

import pytest

from tender.frameworks.pack import Band
from tender.packs.codes import code_from
from tender.packs.lines import (
    bands_as_lines,
    bands_in,
    columns_as_lines,
    columns_in,
    pairs_as_lines,
    pairs_in,
    values_in,
)

OPTIONS = (("we", "We do"), ("the_school", "The school"))


def test_a_line_is_a_label_with_or_without_its_code() -> None:
    assert pairs_in("we: We do\n\n  The school  ") == OPTIONS
    assert pairs_in(pairs_as_lines(OPTIONS)) == OPTIONS


def test_words_before_a_colon_are_no_code() -> None:
    assert pairs_in("At the site: every day\nElsewhere") == (
        ("at_the_site_every_day", "At the site: every day"),
        ("elsewhere", "Elsewhere"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: One\na: Two", "Line 2 has the code “a”"),
        ("One\n\nOne", "Line 3 says the same"),
        ("a:", "Line 1 has no words"),
        ("x" * 301, "Line 1 is too long"),
        ("\n".join(f"Line {n}" for n in range(51)), "at most 50"),
    ],
)
def test_a_wrong_line_is_named(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        pairs_in(text)


def test_a_columns_kind_stands_in_brackets_and_other_brackets_are_words() -> None:
    columns = [
        ["name", "Name", "short_text"],
        ["cost", "Cost", "money"],
        ["age_years", "Age (years)", "number"],
    ]
    assert columns_in("Name\nCost (Money)\nAge (years) (number)") == columns
    assert columns_in(columns_as_lines(columns)) == columns


def test_choices_are_named_by_code_by_label_or_as_typed() -> None:
    assert values_in("the school\nwe: We do", OPTIONS) == ["the_school", "we"]
    with pytest.raises(ValueError, match="“They do”, is not one of the choices"):
        values_in("We do\nThey do", OPTIONS)


def test_a_band_has_points_a_label_and_a_description() -> None:
    bands = [Band(0, "No answer", "Nothing."), Band(5, "Very good", "All of it: with evidence.")]
    assert bands_in("5 Very good: All of it: with evidence.\n0 No answer: Nothing.") == bands
    assert bands_in(bands_as_lines(bands)) == bands
    with pytest.raises(ValueError, match="Line 1 must be points"):
        bands_in("Good: All of it")


def test_a_code_is_made_of_the_title_and_never_twice() -> None:
    assert code_from("First aid & safety!", ()) == "first_aid_safety"
    assert code_from("2 sites", ()) == "q_2_sites"
    long = code_from("x" * 60, ())
    assert (len(long), len(code_from("x" * 60, {long}))) == (40, 40)
