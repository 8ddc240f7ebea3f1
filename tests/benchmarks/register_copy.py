"""The register as other engines take it in: what the search compares, the words, and the card to be shown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text

from portal.database import db
from portal.directory.entries import ServiceEntry, entries_sql
from portal.directory.fitting import fit_of
from portal.directory.indexing import FROM, WORDS
from portal.directory.queries import Hit
from portal.directory.search import SearchCriteria

_ROWS = f"""
SELECT search_row.service_id, search_row.lot_id, search_row.starts_on, search_row.ends_on, search_row.traits,
       search_row.price_per_day, search_row.free_until, location[0], location[1],
       (further[1])[0], (further[1])[1], (further[2])[0], (further[2])[1],
       (reach[1])[0], (reach[1])[1], (reach[0])[0], (reach[0])[1],
       {", ".join(WORDS.values())}, to_jsonb(entry)
{FROM}
JOIN search_row ON search_row.service_id = service.id
JOIN ({entries_sql()}) AS entry ON entry.id = service.id
"""
_FIELDS = [field.name for field in fields(ServiceEntry)]
Lots = dict[int, tuple[str, str, str]]
FILTERS = ("key_stages", "needs", "tiers")
"""Those that the benchmark sets."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A service. Days are numbers, `free` is until when its free places count; places are metres of the
    National Grid: of the main site, of two others, and of the box around all of them. What is compared with
    words comes by the portal's weights, the first first; `card` is the whole entry as JSON.
    """

    id: int
    lot: int
    starts: int
    ends: int
    traits: int
    price: float | None
    free: int | None
    east: float | None
    north: float | None
    others: tuple[float | None, ...]
    box: tuple[float, ...]
    name: str
    offer: str
    summary: str
    places: str
    card: str


def copied() -> Iterator[Copied]:
    """All services that the search could find."""
    for row in db.session.execute(text(_ROWS).execution_options(stream_results=True)):
        yield Copied(
            *(row[0], row[1], row[2].toordinal(), row[3].toordinal(), row[4]),
            *(None if row[5] is None else float(row[5]), row[6].toordinal() if row[6] else None, *row[7:9]),
            *(row[9:13], row[13:17], *row[17:21], json.dumps(row[21])),
        )
    db.session.rollback()


def hit_of(asked: SearchCriteria, card: str | bytes, metres: float | None = None) -> Hit:
    """The card as the portal's own search hands it over, with what fits and what does not."""
    said = json.loads(card, parse_float=Decimal)
    if confirmed := said["places_confirmed_at"]:
        said["places_confirmed_at"] = datetime.fromisoformat(confirmed)
    entry = ServiceEntry(*(said[name] for name in _FIELDS))
    return Hit(entry, metres, *fit_of(asked, entry, metres))


def lots() -> Lots:
    """Number, title and framework of every lot."""
    rows = db.session.execute(
        text(
            "SELECT lot.id, lot.number, lot.title, framework.title FROM lot"
            " JOIN framework ON framework.id = lot.framework_id"
        )
    )
    return {lot: (number, title, framework) for lot, number, title, framework in rows}
