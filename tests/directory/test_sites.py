"""A service is as near as the nearest of its sites, and says which one that is."""

import csv
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.directory.models import Service
from portal.directory.postcode_queries import places_of
from portal.directory.postcode_services import load_postcodes
from portal.directory.postcodes import locate
from portal.directory.queries import Hit, SearchCriteria, search
from tests.counting import counted
from tests.factories.accounts import a_school_person
from tests.factories.directory import a_service, some_lots, teaches_at
from tests.web_client import sign_in

NEAR_STOCKPORT = SearchCriteria(clock.today(), near=locate("SK1"), sort="distance")


def hits(**changes: object) -> list[Hit]:
    return list(search(NEAR_STOCKPORT.but(**changes)).hits)


def ids(found: list[Hit]) -> list[int]:
    return [hit.service.id for hit in found]


@pytest.fixture
def two(session: Session) -> tuple[Service, Service]:
    """One with its main site in Kendal and another in Stockport, and one in Manchester."""
    lot = some_lots(1)[0]
    spread, simple = a_service(lot), a_service(lot, postcode="M1 1AE")
    teaches_at(spread, "LA9 4DQ", "SK1 3XE", "M14 5RQ", run_by="Wren Farm")
    return spread, simple


def test_the_nearest_site_decides_the_order_and_the_radius(two: tuple[Service, Service]) -> None:
    spread, simple = two
    assert ids(hits()) == [spread.id, simple.id]
    assert ids(hits(within_miles=3)) == [spread.id]
    assert ids(hits(within_miles=3, near=locate("LA9"))) == [spread.id]


def test_the_box_around_far_sites_finds_nothing_between_them(two: tuple[Service, Service]) -> None:
    assert hits(near=locate("PR1"), within_miles=10) == []


def test_a_further_site_is_named_only_where_it_is_nearest(two: tuple[Service, Service]) -> None:
    nearest = hits()[0]
    assert nearest.site and (nearest.site.postcode, nearest.site.run_by) == ("SK1 3XE", "Wren Farm")
    assert nearest.metres == 0 and nearest.measured_to == "SK1 3XE"
    assert hits(near=locate("LA9"))[0].site is None
    assert [hit.site for hit in hits(near=None, sort="fit")] == [None, None]


def test_a_main_site_that_nobody_can_place_is_found_by_another(session: Session) -> None:
    service = a_service()
    teaches_at(service, "BT1 1AA", "SK1 3XE")
    (hit,) = hits(within_miles=3)
    assert hit.spot == (locate("SK1").easting, locate("SK1").northing)  # type: ignore[union-attr]


def test_a_page_with_one_site_again_forgets_the_others(two: tuple[Service, Service]) -> None:
    teaches_at(two[0], "LA9 4DQ")
    assert ids(hits(within_miles=3)) == []


def test_loaded_postcodes_move_further_sites_too(two: tuple[Service, Service], tmp_path: Path) -> None:
    here = locate("SK1")
    assert here
    file = tmp_path / "postcodes.csv"
    file.write_text(f"SK1 3XE,10,{here.easting + 300},{here.northing + 400}\n", encoding="ascii")
    load_postcodes(file, by=THE_PORTAL)
    assert hits()[0].metres == 500


def test_the_export_says_to_which_site_the_miles_go(
    client: FlaskClient, two: tuple[Service, Service]
) -> None:
    sign_in(client, a_school_person().email)
    answer = client.get("/search.csv?postcode=SK1&within=3&sort=distance").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(answer.lstrip("\ufeff")))
    assert (row["Postcode"], row["Nearest site"], row["Miles"]) == ("LA9 4DQ", "SK1 3XE", "0.0")


def test_to_place_eight_sites_takes_one_statement(session: Session) -> None:
    with counted() as statements:
        places_of(["M1 1AE", "SK1 3XE", "LA9 4DQ", "M14 5RQ", "M5 4WT", "OL1 1AA", "nowhere", "BL1"])
    assert len(statements) == 1


def test_the_database_keeps_both_halves_of_a_place(session: Session, two: tuple[Service, Service]) -> None:
    with pytest.raises(Exception, match="ck_service_site_location"):
        session.execute(text("UPDATE service_site SET easting = NULL"))
