"""Entries that are kept beside the connection that has read them.

An entry is put together from five tables and has half a hundred columns: to read twenty of them takes as long
as to find them. PostgreSQL tells of each row which version of it is seen, and as long as all five are those
that were read before, the entry is what it was: a search asks for the versions, and reads what has changed.

What is kept goes with its connection (it hangs on `Connection.info`): nothing outlives a database that is
restored, and no two threads share it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import Service

MOST_KEPT = 1000
"""Entries kept at most by one connection, of some three kilobytes each."""

Versions = Sequence[Any]


def entries_of(versions: Mapping[int, Versions]) -> dict[int, ServiceEntry]:
    """The entries of services by id, of which these versions are seen (`entries.versions_sql`).

    One statement at most, and none where all were read before. A service that went meanwhile is left out.
    """
    kept: dict[int, tuple[Versions, ServiceEntry]] = db.session.connection().info.setdefault(__name__, {})
    changed = [each for each, seen in versions.items() if each not in kept or kept[each][0] != seen]
    if changed:
        read = {entry.id: entry for entry in entries_where(Service.id.in_(changed))}
        for each in changed:
            kept.pop(each, None)
            if each in read:
                kept[each] = (versions[each], read[each])
    found = {each: kept[each][1] for each in versions if each in kept}
    if len(kept) > MOST_KEPT:
        kept.clear()
    return found
