"""What a reason for a mark must be: words of one's own about this answer.

A court set an award aside because the notes paraphrased the scale instead of saying what in the answer earned
the mark (Woods Building Services v Milton Keynes Council, 2015).
"""

import re
from collections.abc import Iterable, Iterator

from portal.errors import Refusal
from portal.web.words import count_words

FEWEST_WORDS = 5
RUN = 4  # so many words in the same order are somebody's own sentence, not a phrase that anybody uses


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


def words_of_its_own(reason: str, others: Iterable[str]) -> int:
    """How many words of `reason` stand in no run of four or more that one of the `others` has."""
    words = plain(reason).split()
    taken = {run for other in others for run in _runs(plain(other).split())}
    covered = {
        place + step
        for place, run in enumerate(_runs(words))
        if run in taken
        for step in range(RUN)
    }  # fmt: skip
    return len(words) - len(covered)


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
