"""The best bare SQL for the searches of the benchmark: one statement each, sent by psycopg alone.

It gives the services of the page in order with all that their cards show, the total, how many have a free
place, and the count beside each choice with the names of the lots.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from portal import clock
from portal.directory.counting import FACETS
from portal.directory.offer import MOST_SITES, trait_bit, trait_bits
from portal.directory.postcodes import METRES_A_MILE, require_location
from portal.directory.search import MOST_RANKED, SearchCriteria
from portal.engine import WORK_MEMORY

WORD = "boxing"
STAGES, WANTED, TIER = ("KS3", "KS4"), ("SEMH", "ASD"), ("tier2", "tier3")
MILES = 10

_LIVE = "starts_on <= %(today)s AND ends_on >= %(today)s"
# As the search box reads a word: as it stands, or as the beginning of a longer one.
_FOUND = """
  websearch_to_tsquery('portal_english', %(word)s)
  || (websearch_to_tsquery('portal_english', '') && to_tsquery('simple', unaccent(%(word)s || ':*')))
"""
_HERE = "%(here)s::point"
_FURTHER = ", ".join(f"further[{n}] <-> {_HERE}" for n in range(1, MOST_SITES))
_METRES = f"""CASE WHEN further IS NULL THEN location <-> {_HERE}
              ELSE LEAST(location <-> {_HERE}, {_FURTHER}) END"""
_WITHIN = f"reach && %(box)s::box AND {_METRES} <= %(radius)s"
_CARD = """
  service.id, service.version, service.title, service.summary, service.key_stages, service.needs,
  service.tiers, service.sex, service.group_size, service.children_per_adult, service.modes,
  service.sessions, service.subjects, service.qualifications, service.postcode, service.easting,
  service.northing, service.registered_school, service.urn, service.inspection, service.inspected_on,
  service.price_per_day, service.price_half_day, service.price_hour, service.price_includes,
  service.transport, service.transport_note, service.places, service.places_free,
  service.free_by_session, service.places_confirmed_at, service.placed_since, service.verified,
  service.updated_at, service.provider_id,
  organisation.name AS provider_name, organisation.website AS provider_website,
  organisation.telephone AS provider_telephone, organisation.state AS provider_state, standing.excluded,
  service.standing_id, standing.state, standing.admitted_at, standing.starts_on,
  standing.ends_on, standing.open_until, standing.lot_id, lot.number AS lot_number, lot.title AS lot_title,
  framework.title AS framework_title, framework.reference AS framework_reference
"""


def _floor(found: str, page: str, **passes: str) -> str:
    """One statement: `found` is a CTE of the services found, `page` its ordered page of 20.

    `passes` are the filters, by name, which do not narrow their own counts.
    """
    together = " AND ".join(passes.values()) or "true"
    counts = [together, together, f"free_until >= %(today)s AND {together}"]
    for name, codes in FACETS.items():
        others = " AND ".join(passed for other, passed in passes.items() if other != name) or "true"
        for code in codes:
            bit = trait_bit("registered" if name == "registration" else code)
            without = "=" if code == "not_registered" else "<>"
            counts.append(f"traits & {bit} {without} 0 AND {others}")
    columns = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counts)
    return f"""
    WITH {found}, page AS (
      SELECT *, row_number() OVER () AS place FROM ({page}) AS first
    ), counted AS (
      SELECT jsonb_agg(jsonb_build_array(lot.id, lot.number, lot.title, framework.title, sums.list)) AS lots
      FROM (SELECT lot_id, jsonb_build_array({columns}) AS list FROM found GROUP BY lot_id) AS sums
      JOIN lot ON lot.id = sums.lot_id
      JOIN framework ON framework.id = lot.framework_id
    )
    SELECT page.place, page.metres, {_CARD}, CASE WHEN page.several THEN (
             SELECT array[service_site.postcode, service_site.kind] FROM service_site
             WHERE service_site.service_id = page.service_id
             ORDER BY point(service_site.easting, service_site.northing) <-> {_HERE}, position LIMIT 1
           ) END AS site, CASE WHEN page.place = 1 THEN counted.lots END AS lots
    FROM counted, page
    JOIN service ON service.id = page.service_id
    JOIN standing ON standing.id = service.standing_id
    JOIN organisation ON organisation.id = service.provider_id
    JOIN lot ON lot.id = standing.lot_id
    JOIN framework ON framework.id = lot.framework_id
    ORDER BY page.place
    """


def _ranked(metres: str, needs_met: str, where: str) -> str:
    """A page by words: those with most needs, then the nearest, are ranked, up to a bound."""
    before = f"{needs_met} DESC, {metres}, hashint8extended(service_id, %(seed)s), service_id"
    order = f"{needs_met} DESC, closeness DESC, {metres}, hashint8extended(service_id, %(seed)s), service_id"
    return f"""
      SELECT service_id, {metres} AS metres, several
      FROM (
        SELECT few.*, ts_rank(search_row.words, ({_FOUND})) AS closeness
        FROM (SELECT * FROM found WHERE {where} ORDER BY {before} LIMIT {MOST_RANKED}) AS few
        JOIN search_row USING (service_id)
      ) AS ranked
      ORDER BY {order} LIMIT 20
    """


_PASSES = {
    "key_stages": "traits & %(stages)s <> 0",
    "needs": "traits & %(needs)s <> 0",
    "tiers": "traits & %(tier)s <> 0",
}
_ALL = " AND ".join(_PASSES.values())
_AT_MOST_ONE_FAILED = " + ".join(f"({passed})::int" for passed in _PASSES.values()) + " >= 2"
_MET = "bit_count((traits & %(needs)s)::bit(64))"
_UNORDERED = "hashint8extended(service_id, %(seed)s), service_id"
FLOORS = {
    "words, key stages, needs, tiers, radius": _floor(
        f"""found AS MATERIALIZED (
          SELECT service_id, lot_id, traits, free_until, {_METRES} AS metres,
                 further IS NOT NULL AS several
          FROM search_row
          WHERE {_LIVE} AND words @@ ({_FOUND}) AND {_WITHIN} AND {_AT_MOST_ONE_FAILED}
        )""",
        _ranked("metres", _MET, _ALL),
        **_PASSES,
    ),
    "words alone": _floor(
        f"""found AS MATERIALIZED (
          SELECT service_id, lot_id, traits, free_until, false AS several FROM search_row
          WHERE {_LIVE} AND words @@ ({_FOUND})
        )""",
        _ranked("NULL::float8", "0::bigint", "true"),
    ),
    "nearest within a radius": _floor(
        f"found AS NOT MATERIALIZED (SELECT * FROM search_row WHERE {_LIVE} AND {_WITHIN})",
        f"""SELECT service_id, {_METRES} AS metres, further IS NOT NULL AS several
            FROM found ORDER BY 2, {_UNORDERED} LIMIT 20""",
    ),
    "no criteria": _floor(
        f"found AS NOT MATERIALIZED (SELECT * FROM search_row WHERE {_LIVE})",
        f"""SELECT service_id, NULL::float8 AS metres, false AS several
            FROM found ORDER BY {_UNORDERED} LIMIT 20""",
    ),
}


def criteria() -> dict[str, SearchCriteria]:
    """What is searched for, under the names of the floors."""
    today, near = clock.today(), require_location("M14")
    asked = (
        SearchCriteria(
            today, WORD, key_stages=STAGES, needs=WANTED, tiers=TIER, near=near, within_miles=MILES
        ),
        SearchCriteria(today, WORD),
        SearchCriteria(today, near=near, within_miles=MILES, sort="distance"),
        SearchCriteria(today),
    )
    return dict(zip(FLOORS, asked, strict=True))


def bare_connection(address: str) -> psycopg.Connection[Any]:
    """A connection of psycopg's own, as the portal's are set up."""
    options = f"-c statement_timeout=60s -c timezone=UTC -c jit=off -c work_mem={WORK_MEMORY}"
    return psycopg.connect(address, options=options)


class Floor:
    """Answers a search by one statement that psycopg alone sends."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._cursor = connection.cursor(row_factory=dict_row)
        near, today, reach = require_location("M14"), clock.today(), MILES * METRES_A_MILE
        east, north = near.easting, near.northing
        self.values: Mapping[str, Any] = {
            "today": today, "seed": today.toordinal(), "word": WORD, "stages": trait_bits(STAGES),
            "needs": trait_bits(WANTED), "tier": trait_bits(TIER), "here": f"({east},{north})",
            "radius": reach, "box": f"({east + reach},{north + reach}),({east - reach},{north - reach})",
        }  # fmt: skip

    def answer(self, statement: str) -> dict[str, Any]:
        """The same answer as `answer_of`."""
        cards = self._cursor.execute(statement, self.values).fetchall()
        lots = cards[0]["lots"]
        sums = [sum(column) for column in zip(*(lot[4] for lot in lots), strict=True)]
        page = []
        for card in cards:
            del card["place"], card["lots"]
            site = card.pop("site")
            page.append((card["id"], card.pop("metres"), site[0] if site and site[1] != "main" else None))
        return {
            "page": page,
            "cards": cards,
            "total": sums[0],
            "lots": {(*lot[:4], lot[4][1]) for lot in lots if lot[4][1]},
            "free": sums[2],
            "counts": sums[3:],
        }
