"""What a reason for a mark must be: words of one's own about this answer.

A court set an award aside because the notes paraphrased the scale instead of saying what in the answer earned
the mark (Woods Building Services v Milton Keynes Council, 2015).
"""

import hashlib
import re
from collections.abc import Iterable

from portal.errors import Refusal
from portal.web.words import count_words

FEWEST_WORDS = 5


class ReasonRefused(Refusal):
    """The reason is missing, too short, or only the scale's own words."""


def check_reason(reason: str, descriptors: Iterable[str]) -> str:
    """The reason, tidied. Raises `ReasonRefused` for one that is empty, too short, or a band's descriptor."""
    tidy = reason.strip()
    if not tidy:
        raise ReasonRefused("Give your reason: what in the answer earned this mark?", field="reason")
    if count_words(tidy) < FEWEST_WORDS:
        raise ReasonRefused(
            f"Give your reason in at least {FEWEST_WORDS} words: what in the answer earned this mark?",
            field="reason",
        )
    if any(plain(tidy) in plain(descriptor) for descriptor in descriptors):
        raise ReasonRefused(
            "This only repeats the scale. Say what in this answer earned the mark, in your own words.",
            field="reason",
        )
    return tidy


def plain(text: str) -> str:
    """`text` in small letters without punctuation, for comparing what was said."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def fingerprint_of(reason: str, provider_name: str) -> str:
    """The same for two reasons that differ by nothing but punctuation and the provider's own name."""
    own = f" {plain(provider_name)} "
    words = f" {plain(reason)} ".replace(own, " ").strip()
    return hashlib.sha256(words.encode()).hexdigest()[:32]
