"""Numbers of pupils: what is one, and what is said of what is none."""

import pytest

from portal.children.upn import ALPHABET, WrongNumber, check_letter, normal_upn
from tests.factories.children import a_upn


def test_the_letters_of_published_examples_come_out() -> None:
    # From the documentation of python-stdnum, and by hand from the catalogue's rule.
    assert check_letter("801200005001") == "B"
    assert check_letter("207000016049") == ALPHABET[266 % 23] == "P"


def test_a_temporary_number_ends_with_a_letter_that_counts() -> None:
    assert check_letter("20700001604A") == ALPHABET[(266 - 9 * 13) % 23]
    assert normal_upn(a_upn(3, temporary=True)) == a_upn(3, temporary=True)


@pytest.mark.parametrize("typed", ["b801200005001", " B801 2000 05001 ", "B-801-2000-05-001"])
def test_spaces_dashes_and_small_letters_are_understood(typed: str) -> None:
    assert normal_upn(typed) == "B801200005001"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "has 13 characters, and this has 0"),
        ("B80120000500", "this has 12"),
        ("B8012000050012", "this has 14"),
        ("8801200005001", "a letter and 12 digits"),
        ("B80120000500O", "check for 1, 0 and 5"),
        ("B80120000A001", "a letter and 12 digits"),
        ("B8012000050٠1", "a letter and 12 digits"),
        ("A801200005001", "mistyped"),
        ("B801200005010", "mistyped"),
    ],
)
def test_a_wrong_number_is_told_kindly_at_its_field(typed: str, says: str) -> None:
    with pytest.raises(WrongNumber, match=says) as refused:
        normal_upn(typed)
    assert refused.value.field == "upn"


def test_every_single_slip_of_a_digit_is_noticed() -> None:
    right = "B801200005001"
    for place in range(1, 13):
        for digit in set("0123456789") - {right[place]}:
            with pytest.raises(WrongNumber):
                normal_upn(right[:place] + digit + right[place + 1 :])
