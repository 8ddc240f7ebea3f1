"""Where two texts differ, word by word. No database here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile

# Beyond this many words in the two texts together, whole lines are compared: the time grows with the square.
MOST_WORDS = 4_000
_WORDS = re.compile(r"\S+|\s+")
_LINES = re.compile(r"[^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `differs` when the other text does not have it at this place."""

    text: str
    differs: bool


def differences(first: str, second: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, whole and in order, the differing ones marked."""
    parts = _LINES if len(first.split()) + len(second.split()) > MOST_WORDS else _WORDS
    ours, theirs = parts.findall(first), parts.findall(second)
    start = _shared(zip(ours, theirs, strict=False))
    end = _shared(zip(reversed(ours[start:]), reversed(theirs[start:]), strict=False))
    # What both begin and end with is set aside first: most of a text that somebody edited.
    middles = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    steps = [
        ("equal", 0, start, 0, start),
        *(
            (tag, *(place + start for place in places))
            for tag, *places in SequenceMatcher(None, *middles).get_opcodes()
        ),
        ("equal", len(ours) - end, len(ours), len(theirs) - end, len(theirs)),
    ]
    return (
        tuple(_pieces(ours, [(tag, begin, stop) for tag, begin, stop, _, _ in steps])),
        tuple(_pieces(theirs, [(tag, begin, stop) for tag, _, _, begin, stop in steps])),
    )


def _shared(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs, from the first on, are of two that are alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _pieces(parts: Sequence[str], steps: Sequence[tuple[str, int, int]]) -> Iterator[Piece]:
    """The stretches of one text; a space between two that differ belongs to them."""
    told = [("".join(parts[start:end]), tag != "equal") for tag, start, end in steps]
    told = [(text, differs) for text, differs in told if text]
    marks = [differs and not text.isspace() for text, differs in told]
    for place in range(1, len(told) - 1):
        if told[place][0].isspace() and marks[place - 1] and marks[place + 1]:
            marks[place] = True
    for differs, stretch in groupby(zip(marks, told, strict=True), key=lambda each: each[0]):
        yield Piece("".join(text for _, (text, _) in stretch), differs)
