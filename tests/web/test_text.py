"""What a page sends back can be tampered with: what is no number and no id is taken for none."""

from uuid import UUID

import pytest

from portal.web.text import id_in, number_in, uuid_in


@pytest.mark.parametrize("sent", [None, "", " 7", "-1", "+1", "1.0", "٣", "²", "1_000", "9" * 10])
def test_what_no_integer_column_holds_is_no_number(sent: str | None) -> None:
    assert number_in(sent, -1) == -1


def test_the_largest_numbers_fit_their_columns() -> None:
    assert number_in("9" * 9, None) == 10**9 - 1 < 2**31
    assert id_in("9" * 18, None) == 10**18 - 1 < 2**63
    assert id_in("9" * 19, None) is None


def test_what_is_no_uuid_is_none() -> None:
    assert uuid_in("12345678-1234-5678-1234-567812345678") == UUID("12345678123456781234567812345678")
    assert uuid_in("12345678-1234") is uuid_in(None) is None
