"""Whoever joins decisions to tenders says which are meant: the one that counts, or those in some states.

A tripwire for who writes the next statement: it looks at the words around each join. That each reader that is
there reads the right one is tested in tests/evaluation/reconsiderations/test_effects.py.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
JOINED = re.compile(
    r"(?:JOIN|FROM) decision\b|Decision\.application_id (?:==|\.in_)|== Decision\.application_id"
)
SAID = re.compile(r"decision\.state|Decision\.(?:state|counts)|decision_id = decision\.id|Decision\.id ==")
NEAR = 420  # characters on either side
# What reads every decision on purpose, whether it counts or not.
OF_ALL = {
    "evaluation/outcomes/letter_queries.py": 1,  # the letter about each new decision
    "evaluation/outcomes/release_services.py": 2,  # before the release nothing is replaced
    "evaluation/reconsiderations/queries.py": 1,  # all decisions on a tender
    "evaluation/records/afterwards_tables.py": 2,  # letters, and what was replaced
    "evaluation/records/disclosure_tables.py": 1,  # the trail
    "evaluation/reports/queries.py": 2,  # what was replaced
}


def silent_joins() -> Iterator[str]:
    """The modules, once for each of their joins near which no word says which decisions are meant."""
    for room in ("evaluation", "portal", "tender"):
        for path in sorted((ROOT / room).rglob("*.py")):
            words = path.read_text(encoding="utf-8")
            for found in JOINED.finditer(words):
                if not SAID.search(words[max(0, found.start() - NEAR) : found.end() + NEAR]):
                    yield str(path.relative_to(ROOT))


def test_no_reader_takes_a_decision_that_was_replaced_for_the_one_that_counts() -> None:
    assert Counter(silent_joins()) == OF_ALL
