"""What the search reads, kept in line with services and standings by the writes that change them."""

from typing import Any

from sqlalchemy import text

from portal.database import db, transaction
from portal.directory.entries import PLACES_GO_STALE
from portal.directory.offer import (
    ALSO_CALLED,
    HOURS_A_DAY,
    MODES,
    NEEDS,
    QUALIFICATIONS,
    SESSIONS,
    SUBJECTS,
    TIERS,
    trait_bit,
)
from tender.frameworks.models import KEY_STAGES

_LISTS = {
    "key_stages": KEY_STAGES,
    "needs": NEEDS,
    "tiers": TIERS,
    "modes": MODES,
    "subjects": SUBJECTS,
    "qualifications": QUALIFICATIONS,
}
_TRAITS = " + ".join(
    [
        f"CASE WHEN service.registered_school THEN {trait_bit('registered')} ELSE 0 END",
        *(
            f"CASE WHEN '{code}' = ANY(service.{column}) THEN {trait_bit(code)} ELSE 0 END"
            for column, codes in _LISTS.items()
            for code in codes
        ),
    ]
)
_SESSIONS = " + ".join(
    f"CASE WHEN '{code}' = ANY(service.sessions) THEN {1 << place} ELSE 0 END"
    for place, code in enumerate(SESSIONS)
)
_SESSIONS_FREE = " + ".join(
    f"CASE WHEN service.free_by_session[{place + 1}] > 0 THEN {1 << place} ELSE 0 END"
    for place in range(len(SESSIONS))
)


def _words_of(column: str, names: dict[str, str]) -> str:
    """SQL for the names of a list of codes, as one text."""
    cases = ", ".join(
        f"CASE WHEN '{code}' = ANY(service.{column}) THEN '{name.replace(chr(39), chr(39) * 2)}' END"
        for code, name in names.items()
    )
    return f"concat_ws(' ', {cases})"


def _called(names: dict[str, str]) -> dict[str, str]:
    """Codes, names and everyday words by code."""
    return {code: " ".join(filter(None, (code, name, ALSO_CALLED.get(code)))) for code, name in names.items()}


WORDS = {
    "A": "service.title || ' ' || organisation.name",
    "B": f"concat_ws(' ', lot.title, {_words_of('subjects', SUBJECTS)},"
    f" {_words_of('qualifications', QUALIFICATIONS)}, {_words_of('needs', _called(NEEDS))})",
    # Not the names of modes: 'at the child's school' would make each of these words find half a register.
    "C": f"concat_ws(' ', service.summary, {_words_of('key_stages', _called(KEY_STAGES))},"
    f" {_words_of('modes', {code: ALSO_CALLED.get(code, '') for code in MODES})})",
    "D": "concat_ws(' ', split_part(service.postcode, ' ', 1), (SELECT string_agg(address || ' ' ||"
    " split_part(postcode, ' ', 1), ' ' ORDER BY position) FROM service_site WHERE service_id = service.id))",
}
"""What the words of a search are compared with, as SQL over FROM: first what counts most in the order."""
_SITES = "FROM service_site WHERE service_id = service.id AND easting IS NOT NULL"
_COLUMNS = {
    "service_id": "service.id",
    "lot_id": "standing.lot_id",
    "starts_on": "standing.starts_on",
    "ends_on": "standing.open_until",
    "traits": _TRAITS,
    "sessions": _SESSIONS,
    "sessions_free": _SESSIONS_FREE,
    "free_until": "CASE WHEN service.places_free > 0 THEN"
    f" (service.places_confirmed_at AT TIME ZONE 'Europe/London')::date + {PLACES_GO_STALE.days} END",
    "price_per_day": "coalesce(service.price_per_day, 2 * service.price_half_day, "
    f"{HOURS_A_DAY} * service.price_hour)",
    "location": "point(service.easting, service.northing)",
    "further": f"(SELECT array_agg(point(easting, northing) ORDER BY position) {_SITES} AND position > 0)",
    "reach": "(SELECT box(point(min(e), min(n)), point(max(e), max(n))) FROM (SELECT service.easting AS e,"
    f" service.northing AS n UNION ALL SELECT easting, northing {_SITES}) AS place)",
    "words": " || ".join(
        f"setweight(to_tsvector('portal_english', {said}), '{weight}')" for weight, said in WORDS.items()
    ),
}
FROM = """
FROM service JOIN standing ON standing.id = service.standing_id
JOIN lot ON lot.id = standing.lot_id
JOIN organisation ON organisation.id = service.provider_id
"""
_FOUND = "standing.state = 'admitted' AND organisation.state = 'checked' AND NOT standing.excluded"
_FRESH = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
_WRITE = f"""
INSERT INTO search_row ({", ".join(_COLUMNS)}) SELECT {", ".join(_COLUMNS.values())} {FROM}
WHERE {_FOUND} AND {{which}}
ON CONFLICT (service_id) DO UPDATE SET {_FRESH}
"""
_DELETE = f"""
DELETE FROM search_row USING service, standing, organisation
WHERE service.id = search_row.service_id AND standing.id = service.standing_id
  AND organisation.id = service.provider_id AND NOT ({_FOUND}) AND {{which}}
"""
# In the order of the words: two writers that bring the same new words meet in the same order.
_KEEP_WORDS = f"""
INSERT INTO search_word (word)
SELECT DISTINCT word {FROM}
CROSS JOIN LATERAL regexp_split_to_table(
  lower(unaccent(concat_ws(' ', {", ".join(WORDS.values())}))),
  '[^a-z]+'
) AS word
WHERE {_FOUND} AND length(word) BETWEEN 4 AND 30 AND {{which}}
ORDER BY word
ON CONFLICT DO NOTHING
"""


def refresh_search_rows(which: str, **values: Any) -> None:
    """Bring the search rows of some services into line, inside the caller's transaction.

    `which` is a condition of SQL on `service` and `standing`, with `values` for its parameters.
    """
    for statement in (_WRITE, _DELETE, _KEEP_WORDS):
        db.session.execute(text(statement.format(which=which)), values)


def refresh_all_search_rows() -> None:
    """Bring every search row into line: after a restore, or when what a row holds has changed."""
    with transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))  # as long as so many rows take
        refresh_search_rows("true")
