"""Which choices the words of a search name, and the forms in which the words of a page say the same.

Cheaper and narrower than the search's own comparing: a card that says nothing of a word is better than one
that says something wrong.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from portal.directory.offer import ALSO_CALLED, NEEDS, QUALIFICATIONS, SUBJECTS, TRAITS
from tender.frameworks.models import KEY_STAGES

_ENDINGS = ("ies", "ing", "es", "ed", "s", "y", "e", "")
_SHORTEST_ROOT = 4
_WORD = re.compile(r"(?<![\w-])-?[^\W_]{2,}")
# What the search leaves out of its comparing, of that which people type.
_LEFT_OUT = frozenset(
    """
    about after all an and any are as at be because but by can do does for from had has have he her him his
    if in is it its me my no not of off on or our out she so some than that the their them then there they
    this to too up very was we when where which who will with you your
    """.split()  # noqa: SIM905 - as words
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A word of a search: its beginning without the ending, the forms that a page may have it in, and the
    codes that it names."""

    root: str
    forms: re.Pattern[str]
    codes: frozenset[str]

    def in_text(self, text: str) -> str:
        """The first form of it in a text, as it is written there; empty without one."""
        lowered = text.lower()
        if self.root not in lowered:  # asked first, as it takes a tenth of the time
            return ""
        found = self.forms.search(lowered)
        return text[found.start() : found.end()] if found and len(lowered) == len(text) else ""


@lru_cache(maxsize=256)
def typed_words(words: str) -> tuple[Typed, ...]:
    """The words that a search compares, in order, without those that it excludes by a sign before them."""
    found = [word.lower() for word in _WORD.findall(words)]
    kept = [word for word in dict.fromkeys(found) if not word.startswith("-") and word not in _LEFT_OUT]
    return tuple(Typed(_root(word), _forms(word), _NAMED.get(_root(word), frozenset())) for word in kept)


@lru_cache(maxsize=256)
def codes_named(words: str) -> tuple[str, ...]:
    """Key stages, needs, subjects and qualifications that the words of a search name, as codes in order."""
    named = frozenset[str]().union(*(word.codes for word in typed_words(words)))
    return tuple(code for code in TRAITS if code in named)


def _root(word: str) -> str:
    """'anxiet' of 'anxiety' and of 'anxieties'; short words stay whole but for their plural."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
            return word[: len(word) - len(ending)]
    return word


def _forms(word: str) -> re.Pattern[str]:
    """The word with any of the endings, as a whole word in small letters."""
    root = _root(word)
    endings = "|".join(_ENDINGS) if len(root) >= _SHORTEST_ROOT else "s|"
    return re.compile(rf"\b{re.escape(root)}(?:{endings})\b")


def _named() -> dict[str, frozenset[str]]:
    """Codes by the roots of the words that name them."""
    named: dict[str, set[str]] = {}
    for code in (*KEY_STAGES, *NEEDS, *SUBJECTS, *QUALIFICATIONS):
        for word in (code, *ALSO_CALLED.get(code, "").split()):
            named.setdefault(_root(word.lower()), set()).add(code)
    return {root: frozenset(codes) for root, codes in named.items()}


_NAMED = _named()
