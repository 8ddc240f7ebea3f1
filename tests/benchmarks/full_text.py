"""SQLite's FTS5 over the same register: what an embedded database takes for the same questions.

Laid out as it suits SQLite: what is compared in a narrow table, the words in an index that keeps no copy of
them, the cards apart. It counts the same choices and lots, and hands over the same hits (a card is kept as
JSON). Its stemmer is another one, so totals may differ by a few.
"""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.directory.counting import FACETS
from portal.directory.offer import trait_bit
from portal.directory.postcodes import METRES_A_MILE
from portal.directory.queries import Hit
from portal.directory.search import SearchCriteria
from tests.benchmarks.register_copy import FILTERS, copied, hit_of, lots

_TABLES = """
CREATE TABLE lot (id INTEGER PRIMARY KEY, number TEXT, title TEXT, framework TEXT);
CREATE TABLE offer (
  id INTEGER PRIMARY KEY, lot INTEGER, starts INTEGER, ends INTEGER, traits INTEGER, price REAL, free INTEGER,
  east REAL, north REAL, east2 REAL, north2 REAL, east3 REAL, north3 REAL
);
CREATE VIRTUAL TABLE reach USING rtree (id, west, east, south, north);
CREATE TABLE card (id INTEGER PRIMARY KEY, said TEXT);
CREATE VIRTUAL TABLE words USING fts5 (name, offer, summary, places, content='', tokenize='porter unicode61');
"""
_INDEXES = """
INSERT INTO words (words) VALUES ('optimize');
ANALYZE;
"""


class FullText:
    """A register in SQLite, filled from the portal's."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "register.sqlite")
        self.connection.executescript("PRAGMA cache_size = -131072; PRAGMA mmap_size = 2000000000;")
        self.connection.executescript(_TABLES)
        write = self.connection.execute
        for lot, named in lots().items():
            write("INSERT INTO lot VALUES (?, ?, ?, ?)", (lot, *named))
        for s in copied():
            facts = (s.id, s.lot, s.starts, s.ends, s.traits, s.price, s.free, s.east, s.north, *s.others)
            write(f"INSERT INTO offer VALUES ({', '.join('?' * len(facts))})", facts)
            west, south, east, north = s.box
            write("INSERT INTO reach VALUES (?, ?, ?, ?, ?)", (s.id, west, east, south, north))
            write("INSERT INTO card VALUES (?, ?)", (s.id, s.card))
            words = (s.id, s.name, s.offer, s.summary, s.places)
            write("INSERT INTO words (rowid, name, offer, summary, places) VALUES (?, ?, ?, ?, ?)", words)
        self.connection.executescript(_INDEXES)
        self.connection.commit()

    def answer(self, asked: SearchCriteria) -> tuple[int, list[Any], list[Any], list[Hit]]:
        """How many services are found, how many with a free place, with each choice and in each lot, and the
        page's cards."""
        sql, values = _statement(asked)
        rows = self.connection.execute(sql, values).fetchall()
        total, *counts = rows[0][:-3]
        return total, counts, json.loads(rows[0][-3]), [hit_of(asked, *row[-2:]) for row in rows]


def _statement(asked: SearchCriteria) -> tuple[str, Mapping[str, Any]]:
    values: dict[str, Any] = {"today": asked.today.toordinal(), "words": f"{asked.words} OR {asked.words}*"}
    where, source, rank = ["starts <= :today", "ends >= :today"], "offer", "0"
    if asked.words:
        source, rank = "words JOIN offer ON offer.id = words.rowid", "bm25(words, 4.0, 2.0, 1.0, 0.5)"
        where.append("words MATCH :words")
    metres = "NULL"
    if asked.near:
        reach = (asked.within_miles or 0) * METRES_A_MILE
        values |= {"east": asked.near.easting, "north": asked.near.northing, "reach": reach}
        metres = f"min({_squared('')}, ifnull({_squared('2')}, 1e15), ifnull({_squared('3')}, 1e15))"
        if asked.within_miles:
            where.append(f"{metres} <= :reach * :reach")
        if asked.within_miles and not asked.words:
            source = "reach JOIN offer ON offer.id = reach.id"
            where += ["reach.west <= :east + :reach AND reach.east >= :east - :reach"]
            where += ["reach.south <= :north + :reach AND reach.north >= :north - :reach"]
    passes = {name: _bits(getattr(asked, name)) for name in FILTERS if getattr(asked, name)}
    conditions = {name: f"traits & {bits} <> 0" for name, bits in passes.items()}
    if len(conditions) > 1:  # whoever fails two of them is in nobody's count
        where.append(" + ".join(f"({each})" for each in conditions.values()) + f" >= {len(conditions) - 1}")
    both = " AND ".join(conditions.values()) or "1"
    counts = [f"sum({both})", f"sum(ifnull(free, 0) >= :today AND {both})"]
    for name, codes in FACETS.items():
        others = " AND ".join(c for n, c in conditions.items() if n != name) or "1"
        counts += [
            f"sum(traits & {trait_bit('registered' if name == 'registration' else code)} <> 0 AND {others})"
            for code in codes
        ]
    order = {"fit": "rank, metres", "distance": "metres", "price": "price"}[asked.sort]
    return (
        f"""
        WITH found AS MATERIALIZED (
          SELECT offer.id, lot, traits, price, free, {metres} AS metres, {rank} AS rank FROM {source}
          WHERE {" AND ".join(where)}
        ), counted AS (SELECT {", ".join(counts)} FROM found),
        lots AS (
          SELECT json_group_array(json_array(lot.id, lot.number, lot.title, lot.framework, hits)) AS list
          FROM (SELECT lot, sum({both}) AS hits FROM found GROUP BY lot) AS each JOIN lot ON lot.id = each.lot
        )
        SELECT counted.*, lots.list, card.said, page.metres
        FROM counted, lots,
             (SELECT id, metres FROM found WHERE {both} ORDER BY {order}, id LIMIT 20) AS page
        JOIN card ON card.id = page.id
        """,
        values,
    )


def _squared(site: str) -> str:
    """The square of the distance to one of the sites."""
    east, north = f"offer.east{site} - :east", f"offer.north{site} - :north"
    return f"({east}) * ({east}) + ({north}) * ({north})"


def _bits(codes: tuple[str, ...]) -> int:
    return sum(trait_bit(code) for code in codes)
