"""The directory search beside the best bare SQL for the same answer, and SQLite's FTS5 for the same question.

The floor is one statement, sent by psycopg alone: the services of the page in order with all that their cards
show, the total, and the count beside each choice with the names of the lots. Both answers are compared before
anything is timed.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.rows import dict_row

from portal import clock
from portal.database import db
from portal.directory.counting import FACETS
from portal.directory.offer import trait_bit, trait_bits
from portal.directory.postcodes import METRES_A_MILE, require_location
from portal.directory.queries import SearchCriteria, SearchResult, search
from portal.directory.search import MOST_RANKED, search_statement
from tests.benchmarks.data import fill_register, some_lots
from tests.benchmarks.full_text import FullText
from tests.benchmarks.measuring import Timing, backend_of, show_table, side_by_side

SIZES = (1_000, 10_000, 100_000)
PLANS = Path(__file__).with_name("plans")  # written anew where PORTAL_WRITE_PLANS is set
FURTHER = 1_000_000  # also, where PORTAL_BENCHMARK_MILLION is set: it takes half an hour and 5 GB
WORD = "boxing"
STAGES, WANTED = ("KS3", "KS4"), ("SEMH", "ASD")
MILES = 10

_LIVE = "starts_on <= %(today)s AND ends_on >= %(today)s"
# As the search box reads a word: as it stands, or as the beginning of a longer one.
_FOUND = """
  websearch_to_tsquery('portal_english', %(word)s)
  || (websearch_to_tsquery('portal_english', '') && to_tsquery('simple', unaccent(%(word)s || ':*')))
"""
_HERE = "point(%(easting)s, %(northing)s)"
_WITHIN = f"location <@ circle({_HERE}, %(radius)s)"
_CARD = """
  service.id, service.version, service.title, service.summary, service.key_stages, service.needs,
  service.tiers, service.sex, service.group_size, service.children_per_adult, service.modes,
  service.sessions, service.subjects, service.qualifications, service.postcode, service.easting,
  service.northing, service.registered_school, service.urn, service.inspection, service.inspected_on,
  service.price_per_day, service.price_half_day, service.price_hour, service.price_includes,
  service.transport, service.transport_note, service.places, service.places_free,
  service.free_by_session, service.places_confirmed_at, service.verified, service.updated_at,
  service.provider_id,
  organisation.name AS provider_name, organisation.website AS provider_website,
  organisation.telephone AS provider_telephone, service.standing_id, standing.state, standing.admitted_at,
  standing.starts_on, standing.ends_on, standing.open_until, lot.number AS lot_number, lot.title AS lot_title,
  framework.title AS framework_title, framework.reference AS framework_reference
"""


def _floor(found: str, page: str, stages: str = "true", needs: str = "true") -> str:
    """One statement: `found` is a CTE of the services found, `page` its ordered page of 20.

    `stages` and `needs` are the filters of these names, which do not narrow their own counts.
    """
    both = f"{stages} AND {needs}"
    counts = [both, both]
    others = {"key_stages": needs, "needs": stages}
    for name, codes in FACETS.items():
        for code in codes:
            bit = trait_bit("registered" if name == "registration" else code)
            without = "=" if code == "not_registered" else "<>"
            counts.append(f"traits & {bit} {without} 0 AND {others.get(name, both)}")
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
    SELECT page.place, page.metres, {_CARD}, CASE WHEN page.place = 1 THEN counted.lots END AS lots
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
      SELECT service_id, {metres} AS metres
      FROM (
        SELECT few.*, ts_rank(search_row.words, ({_FOUND})) AS closeness
        FROM (SELECT * FROM found WHERE {where} ORDER BY {before} LIMIT {MOST_RANKED}) AS few
        JOIN search_row USING (service_id)
      ) AS ranked
      ORDER BY {order} LIMIT 20
    """


_STAGES, _NEEDS = "traits & %(stages)s <> 0", "traits & %(needs)s <> 0"
_MET = "bit_count((traits & %(needs)s)::bit(64))"
_UNORDERED = "hashint8extended(service_id, %(seed)s), service_id"
FLOORS = {
    "words, key stages, needs, radius": _floor(
        f"""found AS MATERIALIZED (
          SELECT service_id, lot_id, traits, location <-> {_HERE} AS metres FROM search_row
          WHERE {_LIVE} AND words @@ ({_FOUND}) AND {_WITHIN} AND ({_STAGES} OR {_NEEDS})
        )""",
        _ranked("metres", _MET, f"{_STAGES} AND {_NEEDS}"),
        _STAGES,
        _NEEDS,
    ),
    "words alone": _floor(
        f"""found AS MATERIALIZED (
          SELECT service_id, lot_id, traits FROM search_row WHERE {_LIVE} AND words @@ ({_FOUND})
        )""",
        _ranked("NULL::float8", "0::bigint", "true"),
    ),
    "nearest within a radius": _floor(
        f"found AS NOT MATERIALIZED (SELECT * FROM search_row WHERE {_LIVE} AND {_WITHIN})",
        f"SELECT service_id, location <-> {_HERE} AS metres FROM found ORDER BY 2, {_UNORDERED} LIMIT 20",
    ),
    "no criteria": _floor(
        f"found AS NOT MATERIALIZED (SELECT * FROM search_row WHERE {_LIVE})",
        f"SELECT service_id, NULL::float8 AS metres FROM found ORDER BY {_UNORDERED} LIMIT 20",
    ),
}


def criteria() -> dict[str, SearchCriteria]:
    """What is searched for, under the names of the floors."""
    today, near = clock.today(), require_location("M14")
    asked = (
        SearchCriteria(today, WORD, key_stages=STAGES, needs=WANTED, near=near, within_miles=MILES),
        SearchCriteria(today, WORD),
        SearchCriteria(today, near=near, within_miles=MILES, sort="distance"),
        SearchCriteria(today),
    )
    return dict(zip(FLOORS, asked, strict=True))


def answer_of(result: SearchResult) -> dict[str, Any]:
    """The search's answer in a form that can be compared."""
    cards = [hit.service for hit in result.hits]
    return {
        "page": [(hit.service.id, hit.metres) for hit in result.hits],
        "cards": [{name: getattr(card, name) for name in card.__slots__} for card in cards],
        "total": result.total,
        "lots": {(lot.id, lot.number, lot.title, lot.framework_title, lot.count) for lot in result.lots},
        "counts": [count for name in FACETS for count in result.choices[name].values()],
    }


class Floor:
    """A connection of psycopg that answers a search by one statement."""

    def __init__(self, address: str) -> None:
        options = "-c statement_timeout=60s -c timezone=UTC -c jit=off"
        self.connection = psycopg.connect(address, options=options, row_factory=dict_row)
        near, today = require_location("M14"), clock.today()
        self.values: Mapping[str, Any] = {
            "today": today, "seed": today.toordinal(), "word": WORD, "stages": trait_bits(STAGES),
            "needs": trait_bits(WANTED), "easting": near.easting, "northing": near.northing,
            "radius": MILES * METRES_A_MILE,
        }  # fmt: skip

    def answer(self, statement: str) -> dict[str, Any]:
        """The same answer as `answer_of`."""
        cards = self.connection.execute(statement, self.values).fetchall()
        lots = cards[0]["lots"]
        sums = [sum(column) for column in zip(*(lot[4] for lot in lots), strict=True)]
        page = []
        for card in cards:
            del card["place"], card["lots"]
            page.append((card["id"], card.pop("metres")))
        return {
            "page": page,
            "cards": cards,
            "total": sums[0],
            "lots": {(*lot[:4], lot[4][1]) for lot in lots if lot[4][1]},
            "counts": sums[2:],
        }


def run(quick: bool = False) -> None:
    """Print what each search takes at each size, beside its floor."""
    lots, rows = some_lots(), []
    sizes = SIZES[:2] if quick else SIZES
    for size in (*sizes, FURTHER) if os.environ.get("PORTAL_BENCHMARK_MILLION") else sizes:
        print(f"Filling the register with {size:,} services", flush=True)
        fill_register(size, lots)
        rows += _at(size, repeats=12 if size > 10_000 else 40)
    show_table(
        "Directory search: a page of 20 with its cards, the total and the count of every choice",
        ("search", "services", "found", "p50 ms", "p95 ms", "floor p50", "ratio", "CPU ms", "floor CPU",
         "FTS5 found", "FTS5 p50", "FTS5 p95", "FTS5 CPU"),
        rows,
    )  # fmt: skip


def _at(size: int, repeats: int) -> list[tuple[object, ...]]:
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    floor, rows, plans = Floor(address), [], []
    with floor.connection, TemporaryDirectory() as folder:
        engine = FullText(Path(folder))
        backends = {"search": backend_of(db.session()), "floor": floor.connection.info.backend_pid}
        for name, asked in criteria().items():
            if os.environ.get("PORTAL_WRITE_PLANS"):
                plans.append(_plan(name, size, asked))
            ours, theirs = answer_of(search(asked)), floor.answer(FLOORS[name])
            assert ours == theirs, f"{name} at {size}: {_difference(ours, theirs)}"
            both = side_by_side(
                {
                    "search": lambda c=asked: search(c),
                    "floor": lambda n=name: floor.answer(FLOORS[n]),
                    "full text": lambda c=asked: engine.answer(c),
                },
                repeats=repeats,
                backends=backends,
            )
            found = engine.answer(asked)[0]
            rows.append(_row(name, size, (ours["total"], found), both))
        engine.connection.close()
    if plans:
        (PLANS / f"search-{size}.txt").write_text("\n".join(plans), encoding="utf-8")
    db.session.remove()
    return rows


def _plan(name: str, size: int, asked: SearchCriteria) -> str:
    """How PostgreSQL answers a search, without costs and times, which differ from run to run."""
    sql, values = search_statement(asked)
    explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)"
    lines = db.session.connection().exec_driver_sql(f"{explain} {sql}", values).scalars()
    return "\n".join([f"{name}, {size:,} services", *lines, ""])


def _difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    part = next(part for part in ours if ours[part] != theirs[part])
    return f"{part}: {ours[part]!r:.600} is not {theirs[part]!r:.600}"


def _row(name: str, size: int, found: tuple[int, int], took: Mapping[str, Timing]) -> tuple[object, ...]:
    ours, floor, full_text = took["search"], took["floor"], took["full text"]
    return (
        name, size, found[0], ours.median, ours.p95, floor.median, ours.median / floor.median, ours.computing,
        floor.computing, found[1], full_text.median, full_text.p95, full_text.computing,
    )  # fmt: skip
