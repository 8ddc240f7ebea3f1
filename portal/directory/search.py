"""The search of the directory: what may be asked, and the one statement that answers it.

It finds, counts, ranks and pages in the narrow table `search_row`, and tells which versions of their rows the
services of the page have: an entry that was read before is not read again (`keeping`). Facet counts say how
many services there would be with that choice under the other filters: a choice within one filter widens it,
filters among each other narrow.

Best fit means: most of the needs asked for, then closest to the words, then nearest. What is equal after that
is put in an order of chance, the same for everybody on one day and another the next day: never by name, which
would favour the same providers every day.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.directory.counting import FACETS
from portal.directory.entries import versions_sql
from portal.directory.offer import FREE_NOW, MOST_SITES, session_bits, trait_bit, trait_bits
from portal.directory.postcodes import METRES_A_MILE, Location

PAGE_SIZE = 20
SORTS = {"fit": "Best fit", "distance": "Nearest", "price": "Lowest price"}
DISTANCES = (3, 5, 10, 20)
MOST_RANKED = 500
"""So many hits are ranked by words; of more than that, those with most needs, and then the nearest, are."""

MOST_IN_FILE = 10_000
"""So many of the services found are written into a file, and the file says where there are more."""

LONGEST_WORDS = 200
LONGEST_ADDRESS = 4_000
"""Characters of a search's address that are read and kept."""

_HERE = "%(here)s"
_NEAREST = f"""CASE WHEN page.several THEN (
         SELECT jsonb_build_array(kind, postcode, run_by, easting, northing) FROM service_site
         WHERE service_id = page.service_id AND easting IS NOT NULL
         ORDER BY point(easting, northing) <-> {_HERE}, position LIMIT 1
       ) END"""
_ASKED_LOTS = "{} = ANY(CAST(%(lots)s AS bigint[]))"


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What somebody looks for. Distances are in miles, prices in pounds a day without VAT; `today` decides
    whose term is running.

    With `sessions` a service must be open in all of these; with `places_now` as well, it must have had a free
    place in all of them when it last confirmed that, within PLACES_GO_STALE. Of what is found it is counted
    how many have such a place. With `ranks_all` all hits are put in order by their words, however many.
    """

    today: date
    words: str = ""
    lot_ids: tuple[int, ...] = ()
    key_stages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    registration: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    highest_price: Decimal | None = None
    places_now: bool = False
    near: Location | None = None
    within_miles: int | None = None
    sort: str = "fit"
    page: int = 1
    size: int = PAGE_SIZE
    ranks_all: bool = False

    def but(self, **changes: Any) -> "SearchCriteria":
        """The same with some choices changed."""
        return replace(self, **changes)


def search_statement(criteria: SearchCriteria) -> tuple[str, dict[str, Any]]:
    """SQL with `%(named)s` parameters as psycopg takes them, and the parameters.

    A row for each service of the page, in order: three columns that `read_counts` reads (in the first row),
    `metres` to its nearest site, which site that is of several (kind, postcode, who runs it, easting and
    northing) or null, and the columns of `versions_sql`. Where nothing is found, one row without a service.
    """
    values: dict[str, Any] = {"today": criteria.today, "seed": criteria.today.toordinal()}
    where = ["starts_on <= %(today)s", "ends_on >= %(today)s"]
    query = _words(criteria.words, values)
    if query:
        where.append("words @@ (SELECT query FROM asked)")
    where += _limits(criteria, values)
    free = _free(criteria, values)
    if criteria.places_now:
        where.append(free)
    metres = _distance(criteria, values, where)
    passes = _choices(criteria, values)
    failed = " ".join(f"WHEN NOT ({passed}) THEN {n}" for n, passed in enumerate(passes.values(), 1))
    if len(passes) > 1:
        # A row that fails two of the filters is neither a hit nor in anybody's count.
        where.append("(" + " OR ".join(f"({_others(passes, without)})" for without in passes) + ")")
    needs_met = "bit_count((traits & %(needs_bits)s)::bit(64))" if criteria.needs else "0"
    # Words and distances are costly to compare, so what they find is kept for the counts and the page.
    # Without them rows are read twice, each time from an index that holds all that is needed: less work than
    # to keep all of them.
    kept = "MATERIALIZED" if query or criteria.near else "NOT MATERIALIZED"
    statement = f"""
WITH asked AS (SELECT {query or "NULL"} AS query),
live AS {kept} (
  SELECT service_id, lot_id, price_per_day, metres,
         CASE WHEN {free} THEN traits | {FREE_NOW:d} ELSE traits END AS traits,
         {"further IS NOT NULL" if criteria.near else "false"} AS several,
         {f"CASE {failed} ELSE 0 END" if failed else "0"} AS failed
  FROM (SELECT *, {metres} AS metres FROM search_row) AS search_row WHERE {" AND ".join(where)}
), hit AS (
  SELECT service_id, price_per_day, metres, several, {needs_met} AS needs_met,
         hashint8extended(service_id, %(seed)s) AS chance
  FROM live WHERE {_and(passes.values())}
), page AS (
  SELECT *, row_number() OVER () AS place FROM ({_page(criteria, values)}) AS ordered
), by_lot AS (
  SELECT lot_id, failed, count(*) AS number, string_agg(int8send(traits), ''::bytea) AS traits
  FROM live GROUP BY lot_id, failed
), counted AS (
  SELECT jsonb_agg(jsonb_build_array(lot_id, failed, number)) AS numbers,
         string_agg(traits, ''::bytea ORDER BY failed) AS traits,
         (SELECT jsonb_agg(
            jsonb_build_array(lot.id, lot.number, lot.title, framework.title)
            ORDER BY framework.title, framework.id, lot.position
          )
          FROM lot JOIN framework ON framework.id = lot.framework_id
          WHERE lot.id IN (SELECT lot_id FROM by_lot)
             OR {_ASKED_LOTS.format("lot.id") if criteria.lot_ids else "false"}) AS lots
  FROM by_lot
)
SELECT CASE WHEN page.place > 1 THEN NULL ELSE counted.numbers END AS numbers,
       CASE WHEN page.place > 1 THEN NULL ELSE counted.traits END AS traits,
       CASE WHEN page.place > 1 THEN NULL ELSE counted.lots END AS lots, page.metres,
       {_NEAREST if criteria.near else "NULL"} AS site, seen.*
FROM counted LEFT JOIN (page JOIN ({versions_sql()}) AS seen ON seen.id = page.service_id) ON true
ORDER BY page.place
"""
    return statement, values


def counting_statement(searches: Sequence[SearchCriteria]) -> tuple[str, dict[str, Any]]:
    """How many services each of these searches finds now, as (place, number) rows: SQL and its parameters.

    Words are taken as they are spelt. Raises `ValueError` for no searches at all.
    """
    if not searches:
        raise ValueError("nothing to count")
    counts: list[str] = []
    together: dict[str, Any] = {}
    for place, criteria in enumerate(searches):
        values: dict[str, Any] = {"today": criteria.today}
        where = ["starts_on <= %(today)s", "ends_on >= %(today)s"]
        query = _words(criteria.words, values)
        if query:
            where.append(f"words @@ ({query})")
        where += _limits(criteria, values)
        if criteria.places_now:
            where.append(_free(criteria, values))
        metres = _distance(criteria, values, where)
        where += _choices(criteria, values).values()
        rows = f"(SELECT *, {metres} AS metres FROM search_row) AS search_row"
        counted = f"SELECT {place} AS place, count(*) AS number FROM {rows} WHERE {_and(where)}"
        counts.append(re.sub(r"%\((\w+)\)s", rf"%(s{place}_\1)s", counted))
        together |= {f"s{place}_{name}": value for name, value in values.items()}
    return " UNION ALL ".join(counts), together


def distances_statement(near: Location, service_ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """How far the nearest site of each of these services is, in metres, as (service, metres) rows: SQL and
    its parameters. Services that cannot be found have no row.
    """
    values: dict[str, Any] = {"services": list(service_ids)}
    metres = _distance(SearchCriteria(date.min, near=near), values, [])
    return f"SELECT service_id, {metres} FROM search_row WHERE service_id = ANY(%(services)s)", values


def _limits(criteria: SearchCriteria, values: dict[str, Any]) -> list[str]:
    """The conditions that are no choices to be counted: price and days."""
    limits = []
    if criteria.highest_price is not None:
        values["highest"] = criteria.highest_price
        limits.append("price_per_day <= %(highest)s")
    if criteria.sessions:
        values["sessions"] = session_bits(criteria.sessions)
        limits.append("sessions & %(sessions)s = %(sessions)s")
    return limits


def _free(criteria: SearchCriteria, values: dict[str, Any]) -> str:
    """The condition under which a row has a free place, in all the sessions that are asked for."""
    if not criteria.sessions:
        return "free_until >= %(today)s"
    values["sessions"] = session_bits(criteria.sessions)
    return "(free_until >= %(today)s AND sessions_free & %(sessions)s = %(sessions)s)"


def _words(typed: str, values: dict[str, Any]) -> str:
    """The text search query for what was typed; the last word also finds words that begin with it.

    One with a figure in it does not: M1 is no beginning of M14, nor Y1 of Y10.
    """
    words = typed.strip()[:LONGEST_WORDS]
    if not words:
        return ""
    values["words"] = words
    whole = "websearch_to_tsquery('portal_english', %(words)s)"
    last = re.search(r"(?:^|(?<=\s))[^\W\d]{2,}$", words)
    if last is None or words.count('"') % 2:
        return whole
    values |= {"before": words[: last.start()], "last": f"{last[0].lower()}:*"}
    begun = "websearch_to_tsquery('portal_english', %(before)s) && to_tsquery('simple', unaccent(%(last)s))"
    return f"{whole} || ({begun})"


def _distance(criteria: SearchCriteria, values: dict[str, Any], where: list[str]) -> str:
    """The distance in metres to the nearest site as SQL; a radius narrows `where`."""
    if criteria.near is None:
        return "NULL::float8"
    east, north = criteria.near.easting, criteria.near.northing
    values["here"] = f"({east},{north})"
    # Most services have one site. What the array does not hold is null, which LEAST leaves out.
    places = ("location", *(f"further[{n}]" for n in range(1, MOST_SITES)))
    to_each = [f"{place} <-> {_HERE}" for place in places]
    metres = f"CASE WHEN further IS NULL THEN {to_each[0]} ELSE LEAST({', '.join(to_each)}) END"
    if criteria.within_miles:
        radius = values["radius"] = criteria.within_miles * METRES_A_MILE
        values["box"] = f"({east + radius},{north + radius}),({east - radius},{north - radius})"
        where += ["reach && %(box)s", "metres <= %(radius)s"]
    return metres


def _choices(criteria: SearchCriteria, values: dict[str, Any]) -> dict[str, str]:
    """For each filter that is on, the condition under which a row passes it."""
    passes: dict[str, str] = {}
    if criteria.lot_ids:
        values["lots"] = list(criteria.lot_ids)
        passes["lots"] = _ASKED_LOTS.format("lot_id")
    for name in FACETS:
        codes = getattr(criteria, name)
        if name == "registration":
            if len(codes) == 1:
                sign = "<>" if codes[0] == "registered" else "="
                passes[name] = f"traits & {trait_bit('registered')} {sign} 0"
        elif codes:
            values[f"{name}_bits"] = trait_bits(codes)
            passes[name] = f"traits & %({name}_bits)s <> 0"
    return passes


def filters_of(criteria: SearchCriteria) -> list[str]:
    """The names of the filters that are on, in the order in which the statement numbers them."""
    return list(_choices(criteria, {}))


def _page(criteria: SearchCriteria, values: dict[str, Any]) -> str:
    """The page's services in order. Words are compared for a bounded number of hits only.

    The bounds are written out: with parameters PostgreSQL thinks a plan for any values dearer than one for
    these, and plans a prepared search anew each time, which takes as long as a small register's answer.
    """
    # Only what tells rows apart: a key that is the same for all would be compared for each.
    needs = ["needs_met DESC"] if criteria.needs else []
    near = ["metres"] if criteria.near else []
    keys = {"fit": [*needs, *near], "distance": near, "price": ["price_per_day"]}[criteria.sort]
    keys, source = [*keys, "chance", "service_id"], "hit"
    if ranks_words(criteria):
        most = "ALL" if criteria.ranks_all else f"{MOST_RANKED:d}"
        source = f"""(
    SELECT few.*, ts_rank(search_row.words, (SELECT query FROM asked)) AS closeness
    FROM (SELECT * FROM hit ORDER BY {", ".join(keys)} LIMIT {most}) AS few
    JOIN search_row USING (service_id)
  ) AS ranked"""
        keys.insert(len(needs), "closeness DESC")
    return f"""
    SELECT service_id, metres, several
    FROM {source} ORDER BY {", ".join(keys)}
    LIMIT {criteria.size:d} OFFSET {(criteria.page - 1) * criteria.size:d}
  """


def ranks_words(criteria: SearchCriteria) -> bool:
    """Whether hits are put in order by their words, which reaches MOST_RANKED of them."""
    return bool(criteria.words.strip()) and criteria.sort == "fit"


def _others(filters: Mapping[str, str], own: str) -> str:
    """All filters but one's own."""
    return _and(condition for name, condition in filters.items() if name != own)


def _and(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions) or "true"
