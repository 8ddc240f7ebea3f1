"""Postcodes as people type them, and where they are."""

import pytest

from portal.directory.postcodes import (
    _DATA,
    ATTRIBUTION,
    Postcode,
    PostcodeNotFound,
    distance_metres,
    locate,
    miles,
    parse_postcode,
    require_location,
)


@pytest.mark.parametrize("typed", ["M1 1AA", "m11aa", "  M1   1aa ", "M1\u00a01AA"])
def test_a_postcode_is_read_whatever_its_spaces_and_capitals(typed):
    assert parse_postcode(typed) == Postcode("M1", "1AA")
    assert str(parse_postcode(typed)) == "M1 1AA"


@pytest.mark.parametrize("typed", ["EC1A 1BB", "W1A 0AX", "CR2 6XH", "DN55 1PT", "B33 8TH", "SW1W 0NY"])
def test_every_shape_of_postcode_is_read(typed):
    assert str(parse_postcode(typed.replace(" ", "").lower())) == typed


@pytest.mark.parametrize(
    "typed", ["", "M1", "M1 1CA", "M1 AA1", "QM1 1AA", "Manchester", "M1 1AA M1 1AA", "1" * 9999]
)
def test_what_is_no_full_postcode_is_not_read_as_one(typed):
    assert parse_postcode(typed) is None


def test_a_full_postcode_and_its_outward_code_are_in_the_same_place():
    assert locate("LA9 4DQ") == locate("la9")
    assert locate("LA9").outcode == "LA9"


def test_a_full_postcode_without_its_space_is_not_taken_for_a_longer_outward_code():
    assert locate("M11AA").outcode == "M1"
    assert locate("M11").outcode == "M11"


def test_manchester_lies_in_manchester():
    place = locate("M1 1AE")
    assert place.authority_code == "E08000003"
    assert 383_000 < place.easting < 386_000 and 396_000 < place.northing < 400_000


@pytest.mark.parametrize("typed", ["", "nowhere", "BT1 1AA", "M99Z", "ZZ1 1ZZ"])
def test_a_place_outside_great_britain_or_the_list_has_no_location(typed):
    assert locate(typed) is None


def test_a_caller_that_needs_a_place_gets_a_sentence_instead():
    with pytest.raises(PostcodeNotFound) as refused:
        require_location("somewhere")
    assert "like M1 1AA" in refused.value.sentence
    with pytest.raises(PostcodeNotFound, match="BT1"):
        require_location("BT1 1AA")
    assert require_location("M1") == locate("M1")


def test_manchester_to_kendal_is_about_sixty_miles_either_way():
    there, back = (
        distance_metres(*pair) for pair in ((locate("M1"), locate("LA9")), (locate("LA9"), locate("M1")))
    )
    assert there == back
    assert 60 < miles(there) < 66
    assert distance_metres(locate("M1"), locate("M1 1AA")) == 0


def test_a_mile_is_a_statute_mile():
    assert miles(1609.344) == 1


def test_every_current_outward_code_of_the_data_is_found():
    codes = [line.split(",")[0] for line in _DATA.read_text().splitlines()]
    assert len(codes) == 2997
    # NPT was Newport's until 1984; nobody types it as half a postcode now.
    assert [code for code in codes if locate(code) is None] == ["NPT"]


def test_the_attribution_stands_beside_the_data_too():
    readme = _DATA.with_name("README.md").read_text()
    assert len(ATTRIBUTION) == 3
    assert all(line in readme for line in ATTRIBUTION)
