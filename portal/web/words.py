"""The one word counter. Pages, forms, letters and the browser's counter all count by this rule.

The rule, as people read it, is `WORD_RULE`. White space is what a browser's `\\s` matches, so that the number
under a box while somebody types is the number that the portal counts when they save.
"""

import re

WORD_RULE = "A word is anything between two spaces or line breaks."

# ECMAScript WhiteSpace and LineTerminator. Python's own str.split() also splits at four control characters
# and at U+0085, and does not split at U+FEFF.
_WHITE = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_WORD = re.compile(f"[^{_WHITE}]+")


def count_words(text: str | None) -> int:
    """How many words `text` holds: runs of characters separated by white space. None holds none."""
    return sum(1 for _ in _WORD.finditer(text or ""))
