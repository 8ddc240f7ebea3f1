"""SQLite's FTS5 over the same register: what an embedded search engine takes for the same questions.

Its rows hold what the portal's search rows hold, words included; it counts the same choices. Its stemmer is
another one, so totals may differ by a few.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from portal.database import db
from portal.directory.counting import FACETS
from portal.directory.offer import trait_bit
from portal.directory.postcodes import METRES_A_MILE
from portal.directory.search import SearchCriteria

_ROWS = """
SELECT service_id, search_row.lot_id, search_row.starts_on, search_row.ends_on, traits,
       search_row.price_per_day, search_row.places_free, location[0], location[1],
       concat_ws(' ', service.title, organisation.name), lot.title, service.summary
FROM search_row
JOIN service ON service.id = service_id
JOIN organisation ON organisation.id = service.provider_id
JOIN lot ON lot.id = search_row.lot_id
"""
_TABLES = """
CREATE TABLE offer (
  id INTEGER PRIMARY KEY, lot INTEGER, starts TEXT, ends TEXT, traits INTEGER, price REAL, free INTEGER,
  east REAL, north REAL, name TEXT, lot_title TEXT, summary TEXT
);
CREATE VIRTUAL TABLE words USING fts5 (
  name, lot_title, summary, content='offer', content_rowid='id', tokenize='porter unicode61'
);
"""
_INDEXES = """
INSERT INTO words (words) VALUES ('rebuild');
INSERT INTO words (words) VALUES ('optimize');
CREATE INDEX offer_place ON offer (north, east);
ANALYZE;
"""


class FullText:
    """A register in SQLite, filled from the portal's."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "register.sqlite")
        self.connection.executescript("PRAGMA cache_size = -131072; PRAGMA mmap_size = 2000000000;")
        self.connection.executescript(_TABLES)
        rows = db.session.execute(text(_ROWS).execution_options(stream_results=True))
        self.connection.executemany(
            f"INSERT INTO offer VALUES ({', '.join('?' * 12)})",
            (
                (
                    *row[:2],
                    row[2].isoformat(),
                    row[3].isoformat(),
                    row[4],
                    None if row[5] is None else float(row[5]),
                    *row[6:],
                )
                for row in rows
            ),
        )
        self.connection.executescript(_INDEXES)
        self.connection.commit()
        db.session.rollback()

    def answer(self, asked: SearchCriteria) -> tuple[int, list[int]]:
        """How many services are found, and the ids of the page."""
        sql, values = _statement(asked)
        rows = self.connection.execute(sql, values).fetchall()
        return rows[0][0], [row[-1] for row in rows]


def _statement(asked: SearchCriteria) -> tuple[str, Mapping[str, Any]]:
    values: dict[str, Any] = {"today": asked.today.isoformat(), "words": f"{asked.words} OR {asked.words}*"}
    where, source, rank = ["starts <= :today", "ends >= :today"], "offer", "0"
    if asked.words:
        source, rank = "words JOIN offer ON offer.id = words.rowid", "bm25(words, 4.0, 2.0, 1.0)"
        where.append("words MATCH :words")
    metres = "NULL"
    if asked.near:
        reach = (asked.within_miles or 0) * METRES_A_MILE
        values |= {"east": asked.near.easting, "north": asked.near.northing, "reach": reach}
        metres = "(east - :east) * (east - :east) + (north - :north) * (north - :north)"
        if asked.within_miles:
            where += ["north BETWEEN :north - :reach AND :north + :reach"]
            where += ["east BETWEEN :east - :reach AND :east + :reach", f"{metres} <= :reach * :reach"]
    passes = {name: _bits(getattr(asked, name)) for name in ("key_stages", "needs") if getattr(asked, name)}
    conditions = {name: f"traits & {bits} <> 0" for name, bits in passes.items()}
    if len(conditions) > 1:
        where.append("(" + " OR ".join(conditions.values()) + ")")
    both = " AND ".join(conditions.values()) or "1"
    counts = [f"sum({both})"]
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
          SELECT offer.id, traits, price, {metres} AS metres, {rank} AS rank FROM {source}
          WHERE {" AND ".join(where)}
        ), counted AS (SELECT {", ".join(counts)} FROM found)
        SELECT counted.*, offer.* , page.id
        FROM counted, (SELECT id FROM found WHERE {both} ORDER BY {order}, id LIMIT 20) AS page
        JOIN offer ON offer.id = page.id
        """,
        values,
    )


def _bits(codes: tuple[str, ...]) -> int:
    return sum(trait_bit(code) for code in codes)
