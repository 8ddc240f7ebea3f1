"""Postcodes as people type them, and where they are."""

import math
import zipfile
from pathlib import Path

import pytest

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.directory.postcode_queries import place_of, require_place
from portal.directory.postcode_services import load_postcodes
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
from portal.directory.queries import SearchCriteria, search
from portal.errors import Refusal
from tests.factories.directory import a_service


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


ONSPD = """pcd,pcds,oseast1m,osnrth1m
M1 1AE,M1 1AE,384800,398300
BT1 1AA,BT1 1AA,146000,530000
M2 1AB,M2 1AB,,
"""
CODE_POINT = '"M1 1AE",10,384801,398301,"E92000001"\n"M145RQ",10,385000,395000,"E92000001"\n'


def a_file(folder: Path, said: str, *, zipped: bool = False) -> Path:
    """A file of postcodes as it is published."""
    file = folder / ("postcodes.zip" if zipped else "postcodes.csv")
    if zipped:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("Data/CSV/m.csv", said)
            archive.writestr("Doc/licence.txt", "Open Government Licence")
    else:
        file.write_text(said, encoding="utf-8")
    return file


def test_the_directory_of_the_statistics_office_is_read_without_northern_ireland(session, tmp_path):
    assert load_postcodes(a_file(tmp_path, ONSPD), by=THE_PORTAL) == 1
    place = place_of("m11ae")
    assert (place.easting, place.northing, place.name) == (384800, 398300, "M1 1AE")


def test_code_point_open_is_read_from_its_zip_and_replaces_what_was_known(session, tmp_path):
    load_postcodes(a_file(tmp_path, ONSPD), by=THE_PORTAL)
    assert load_postcodes(a_file(tmp_path, CODE_POINT, zipped=True), by=THE_PORTAL) == 2
    assert place_of("M1 1AE").easting == 384801


def test_services_move_to_their_postcode_and_are_found_from_there(session, tmp_path):
    service = a_service(postcode="M14 5RQ")
    load_postcodes(a_file(tmp_path, CODE_POINT), by=THE_PORTAL)
    hit = search(SearchCriteria(clock.today(), near=require_place("M1 1AE"))).hits[0]
    assert hit.service.id == service.id and round(hit.metres) == round(math.hypot(199, 3301))


def test_a_postcode_that_the_file_lacks_is_where_its_outward_code_is(session, tmp_path):
    load_postcodes(a_file(tmp_path, CODE_POINT), by=THE_PORTAL)
    assert require_place("M1 1AA") == locate("M1")
    assert require_place("M1").code == ""


def test_a_file_without_postcodes_is_refused_and_nothing_changes(session, tmp_path):
    load_postcodes(a_file(tmp_path, ONSPD), by=THE_PORTAL)
    session.commit()
    with pytest.raises(Refusal):
        load_postcodes(a_file(tmp_path, "a,b\n1,2\n"), by=THE_PORTAL)
    assert place_of("M1 1AE").easting == 384800
