"""No place is free in a session in which a service is closed; the search counts what has one."""

import sqlalchemy as sa
from alembic import op

revision = "0115_free_where_open"
down_revision = "0114_placed_since"
branch_labels = None
depends_on = None

SESSIONS = (
    "mon_am",
    "mon_pm",
    "tue_am",
    "tue_pm",
    "wed_am",
    "wed_pm",
    "thu_am",
    "thu_pm",
    "fri_am",
    "fri_pm",
)
FREE_WHERE_OPEN = " AND ".join(
    f"(free_by_session[{place}] = 0 OR '{code}' = ANY (sessions))" for place, code in enumerate(SESSIONS, 1)
)
# Who named free places, but no sessions, has said in which it is open.
OPEN_WHERE_FREE = f"""
UPDATE service SET sessions = ARRAY(
  SELECT code FROM unnest(ARRAY{list(SESSIONS)}, free_by_session) WITH ORDINALITY AS of (code, free, place)
  WHERE free > 0 ORDER BY place
)
WHERE sessions = '{{}}' AND places_free > 0
"""
NONE_WHERE_CLOSED = f"""
UPDATE service SET free_by_session = masked.free, places_free = (SELECT max(n) FROM unnest(masked.free) AS n)
FROM (
  SELECT id, ARRAY(
    SELECT CASE WHEN code = ANY (sessions) THEN free ELSE 0 END
    FROM unnest(ARRAY{list(SESSIONS)}, free_by_session) WITH ORDINALITY AS of (code, free, place)
    ORDER BY place
  )::smallint[] AS free
  FROM service WHERE free_by_session IS NOT NULL
) AS masked
WHERE masked.id = service.id AND masked.free <> service.free_by_session
"""
_FREE = "+".join(
    f"CASE WHEN service.free_by_session[{place}] > 0 THEN {1 << place - 1} ELSE 0 END"
    for place in range(1, 11)
)
_OPEN = "+".join(
    f"CASE WHEN '{code}' = ANY (service.sessions) THEN {1 << place} ELSE 0 END"
    for place, code in enumerate(SESSIONS)
)
_DAY = "(service.places_confirmed_at AT TIME ZONE 'Europe/London')::date"
REFILL = f"""
UPDATE search_row SET sessions = {_OPEN}, sessions_free = {_FREE},
  free_until = CASE WHEN service.places_free > 0 THEN {_DAY} + 30 END
FROM service WHERE service.id = search_row.service_id
"""
REFILL_BEFORE = f"""
UPDATE search_row SET places_free = service.places_free, places_on = {_DAY}
FROM service WHERE service.id = search_row.service_id
"""
INDEX = "ix_search_row_ends_on"
READ_BEFORE = ["starts_on", "service_id", "lot_id", "traits", "price_per_day", "sessions"]


def _index(included: list[str]) -> None:
    op.create_index(INDEX, "search_row", ["ends_on"], unique=False, postgresql_include=included)


def upgrade() -> None:
    """Services first, then what the search reads of them."""
    op.execute(OPEN_WHERE_FREE)
    op.execute(NONE_WHERE_CLOSED)
    op.create_check_constraint(op.f("ck_service_free_where_open"), "service", FREE_WHERE_OPEN)
    op.drop_index(INDEX, table_name="search_row")
    op.add_column("search_row", sa.Column("free_until", sa.Date(), nullable=True))
    op.execute(REFILL)
    for name in ("places_on", "places_free"):
        op.drop_column("search_row", name)
    _index([*READ_BEFORE, "sessions_free", "free_until"])


def downgrade() -> None:
    """What was masked stays so."""
    op.drop_index(INDEX, table_name="search_row")
    op.add_column("search_row", sa.Column("places_on", sa.Date(), nullable=True))
    op.add_column("search_row", sa.Column("places_free", sa.SmallInteger(), nullable=True))
    op.execute(REFILL_BEFORE)
    op.drop_column("search_row", "free_until")
    _index(READ_BEFORE)
    op.drop_constraint(op.f("ck_service_free_where_open"), "service", type_="check")
