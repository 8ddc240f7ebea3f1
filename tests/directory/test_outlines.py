"""Outlines of areas: read from open boundary files, made plain, and drawn under the marks of a map."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import THE_PORTAL
from portal.audit.models import AuditLine
from portal.database import db
from portal.directory.models import AreaOutline
from portal.directory.outline_services import ATTRIBUTION, load_outlines
from portal.directory.outlines import _projected, drawn, outlines_in, to_national_grid
from portal.errors import Refusal
from tests.factories.accounts import a_school_person
from tests.factories.directory import a_service
from tests.web_client import sign_in

# A square of 20 kilometres around Manchester, with more points on its sides than it needs.
SIDE = 20_000
WEST, SOUTH = 374_000, 388_000
CORNERS = [(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE), (0, 0)]
SQUARE = [
    [WEST + x0 + (x1 - x0) * step / 50, SOUTH + y0 + (y1 - y0) * step / 50]
    for (x0, y0), (x1, y1) in zip(CORNERS, CORNERS[1:], strict=False)
    for step in range(50)
] + [[WEST, SOUTH]]


def a_file(folder: Path, *areas: tuple[str, Any], kind: str = "Polygon") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"LAD24CD": "E0", "LAD24NM": name},
            "geometry": {"type": kind, "coordinates": rings},
        }
        for name, rings in areas
    ]
    file = folder / "boundaries.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def test_places_in_longitude_and_latitude_come_to_the_national_grid():
    # The worked example of Ordnance Survey's guide: a place on OSGB36, its eastings and northings.
    space = (3_874_938.850, 116_218.624, 5_047_168.207)
    assert _projected(*space) == pytest.approx((651_409.903, 313_177.270), abs=0.05)
    assert to_national_grid(-2.2453, 53.4794) == pytest.approx((383_818, 398_103), abs=8)


def test_an_outline_is_kept_by_its_corners_and_its_islets_are_left_out(tmp_path):
    islet = [[380_000, 390_000], [380_010, 390_000], [380_010, 390_010], [380_000, 390_000]]
    file = a_file(tmp_path, ("Example City", [[SQUARE], [islet]]), kind="MultiPolygon")
    (outline,) = outlines_in(file)
    assert outline.name == "Example City"
    assert [sorted(set(map(tuple, ring))) for ring in outline.rings] == [
        sorted({(WEST + x, SOUTH + y) for x, y in CORNERS})
    ]


def test_areas_are_chosen_by_name(tmp_path):
    file = a_file(tmp_path, ("Example City", [SQUARE]), ("Other Borough", [SQUARE]))
    assert [each.name for each in outlines_in(file, "other")] == ["Other Borough"]
    with pytest.raises(Refusal, match="called “Nowhere”"):
        outlines_in(file, "Nowhere")


@pytest.mark.parametrize(
    "content",
    ["no JSON", "[]", "{}", '{"features": [{}]}', '{"features": [{"properties": null, "geometry": null}]}'],
)
def test_what_is_no_boundary_file_is_refused(tmp_path, content):
    file = tmp_path / "file.geojson"
    file.write_text(content)
    with pytest.raises(Refusal, match="No outline can be read"):
        outlines_in(file)


def test_places_elsewhere_and_whole_countries_are_refused(tmp_path):
    paris = [[2.3, 48.8], [2.4, 48.8], [2.4, 48.9], [2.3, 48.8]]
    with pytest.raises(Refusal, match="No outline can be read"):
        outlines_in(a_file(tmp_path, ("Paris", [paris])))
    with pytest.raises(Refusal, match="Say which with --name"):
        outlines_in(a_file(tmp_path, *((f"Area {number}", [SQUARE]) for number in range(61))))


def test_only_what_lies_on_the_map_is_drawn():
    ring = [(float(x), float(y)) for x, y in SQUARE]
    path = drawn([ring], (WEST + SIDE / 2, SOUTH + SIDE / 2), 600 / (2 * SIDE), 600)
    assert path.startswith("M150 450L") and path.endswith("Z") and path.count("L") <= 5
    assert drawn([ring], (WEST + 10 * SIDE, SOUTH), 600 / (2 * SIDE), 600) == ""


def test_the_map_shows_what_was_loaded_and_whose_it_is(client: FlaskClient, session: Session, tmp_path: Path):
    a_service()
    sign_in(client, a_school_person().email)
    address = "/search?view=map&postcode=M14+5RQ"
    assert "portal-map__outline" not in client.get(address).text
    file = a_file(tmp_path, ("Example City", [SQUARE]))
    for _ in range(2):
        assert load_outlines(file, by=THE_PORTAL) == ["Example City"]
    assert len(db.session.scalars(select(AreaOutline)).all()) == 1
    assert db.session.scalars(select(AuditLine.action)).all().count("outlines.load") == 2
    page = client.get(address).text
    assert page.count("portal-map__outline") == 1 and ATTRIBUTION in page
    assert ATTRIBUTION not in client.get("/search?postcode=M14+5RQ").text
