"""Codes of questions and sections: short names that stay the same when titles change."""

import re
from collections.abc import Collection

LONGEST = 40
PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")

KEPT_FOR_THE_DIRECTORY = frozenset(
    {
        "summary",
        "key_stages",
        "sen_needs",
        "site_postcode",
        "places",
        "registration_status",
        "urn",
        "day_rate",
    }
)
"""The answers that become a provider's entry in the directory, by the codes of their questions."""


def code_from(title: str, taken: Collection[str]) -> str:
    """A code from a title that none of `taken` has: 'First aid' becomes 'first_aid', then 'first_aid_2'."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    stem = (plain if plain[:1].isalpha() else f"q_{plain}")[:LONGEST].rstrip("_")
    number, code = 1, stem
    while code in taken:
        number += 1
        ending = f"_{number}"
        code = f"{stem[: LONGEST - len(ending)]}{ending}"
    return code
