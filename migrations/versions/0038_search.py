"""Where each site of a service is, so that the search measures to the nearest; an index for all searches."""

import csv
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from portal.directory.models import Box, Point

revision = "0038_search"
down_revision = "0035_decisions_again"
branch_labels = None
depends_on = None

OUTWARD_CODES = Path(__file__).parents[2] / "portal" / "directory" / "data" / "outcodes_gb.csv"
# A full postcode where the official file of postcodes was loaded, else the middle of its outward code.
BY_POSTCODE = """
UPDATE service_site SET easting = postcode.easting, northing = postcode.northing
FROM postcode WHERE postcode.code = service_site.postcode
"""
BY_OUTWARD_CODE = """
UPDATE service_site SET easting = known.easting, northing = known.northing
FROM unnest(CAST(:outcodes AS text[]), CAST(:eastings AS int[]), CAST(:northings AS int[]))
       AS known (outcode, easting, northing)
WHERE service_site.easting IS NULL AND known.outcode = split_part(service_site.postcode, ' ', 1)
"""
SITES = "FROM service_site WHERE service_id = service.id AND easting IS NOT NULL"
REFILL = f"""
UPDATE search_row SET
  further = (SELECT array_agg(point(easting, northing) ORDER BY position) {SITES} AND position > 0),
  reach = (
    SELECT box(point(min(e), min(n)), point(max(e), max(n))) FROM (
      SELECT service.easting AS e, service.northing AS n UNION ALL SELECT easting, northing {SITES}
    ) AS place
  )
FROM service WHERE service.id = search_row.service_id
"""


def upgrade() -> None:
    """Sites get a place, search rows the places of all sites and the box around them."""
    for name in ("easting", "northing"):
        op.add_column("service_site", sa.Column(name, sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_service_site_location"), "service_site", "(easting IS NULL) = (northing IS NULL)"
    )
    op.execute(BY_POSTCODE)
    with OUTWARD_CODES.open(encoding="ascii", newline="") as file:
        codes = [(code, int(easting), int(northing)) for code, easting, northing, _ in csv.reader(file)]
    outcodes, eastings, northings = map(list, zip(*codes, strict=True))
    op.get_bind().execute(
        sa.text(BY_OUTWARD_CODE), {"outcodes": outcodes, "eastings": eastings, "northings": northings}
    )
    op.add_column("search_row", sa.Column("further", sa.ARRAY(Point()), nullable=True))
    op.add_column("search_row", sa.Column("reach", Box(), nullable=True))
    op.execute(REFILL)
    op.drop_index("ix_search_row_location", table_name="search_row", postgresql_using="gist")
    op.create_index("ix_search_row_reach", "search_row", ["reach"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_search_row_ends_on",
        "search_row",
        ["ends_on"],
        unique=False,
        postgresql_include=["starts_on", "service_id", "lot_id", "traits", "price_per_day", "sessions"],
    )


def downgrade() -> None:
    """Distances go to the main site again."""
    op.drop_index("ix_search_row_ends_on", table_name="search_row")
    op.drop_index("ix_search_row_reach", table_name="search_row", postgresql_using="gist")
    op.create_index(
        "ix_search_row_location", "search_row", ["location"], unique=False, postgresql_using="gist"
    )
    for name in ("reach", "further"):
        op.drop_column("search_row", name)
    for name in ("northing", "easting"):
        op.drop_column("service_site", name)
