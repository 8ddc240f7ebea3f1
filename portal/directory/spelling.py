"""Words that were typed with a slip, as services spell them.

A slip is a letter too much, too little, wrong, or two that changed places: one in a word of 4 to 6 letters,
two in a longer one. The words that services hold are kept in `search_word`; none that finds nothing is
offered, since the search tries what comes out before anybody sees it.
"""

import re

from portal.database import db

_SHORTEST, _LONG, _MOST_WORDS = 4, 7, 8
# `typed` unknown, also as the beginning of a word, with those that two changes lead to.
_NEAR = """
SELECT typed.word, known.word
FROM unnest(%(typed)s::text[]) AS typed (word)
JOIN search_word AS known
  ON length(known.word) BETWEEN length(typed.word) - 2 AND length(typed.word) + 2
 AND levenshtein_less_equal(known.word, typed.word, 2) <= 2
WHERE NOT EXISTS (SELECT FROM search_word WHERE starts_with(search_word.word, typed.word))
"""


def respelt(words: str) -> str:
    """`words` with each unknown one replaced by the nearest that is known; empty when nothing is to change.

    One statement. What is equally near comes in the order of the alphabet.
    """
    typed = {word.lower() for word in re.findall(r"[A-Za-z]+", words) if len(word) >= _SHORTEST}
    if not typed:
        return ""
    chosen = sorted(typed)[:_MOST_WORDS]
    rows = db.session.connection().exec_driver_sql(_NEAR, {"typed": chosen}).all()
    nearest: dict[str, tuple[int, str]] = {}
    for word, known in rows:
        slips = _slips(word, known)
        if slips <= (2 if len(word) >= _LONG else 1):
            nearest[word] = min(nearest.get(word, (slips, known)), (slips, known))
    if not nearest:
        return ""
    return re.sub(r"[A-Za-z]+", lambda found: nearest.get(found[0].lower(), (0, found[0]))[1], words)


def _slips(one: str, other: str) -> int:
    """The number of slips between two words; neighbours that changed places are one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, second in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != second))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == second:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
