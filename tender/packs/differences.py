"""What is different between two versions of a pack, question by question, word by word.

Pure: no database. A question is told by its code, which never changes once it is published.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.web.differences import Piece
from portal.web.differences import differences as differences_of_text
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.words import asks, counts_as

CHANGEABLE = (
    *("title", "text", "why", "how_judged", "required", "word_limit", "accepted", "max_bytes"),
    *("weight", "minimum"),
)
"""What a new version may change in a published question. The database allows nothing else."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something of a question that reads differently: what it is called, how it read, how it reads."""

    name: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is added, changed or withdrawn (`kind`). `asked` is its newest form."""

    kind: str
    asked: AskedQuestion
    before: AskedQuestion | None
    aspects: tuple[Aspect, ...]

    @property
    def code(self) -> str:
        """The question's code."""
        return self.asked.code


def changes_between(before: RoundPack, after: RoundPack) -> tuple[Change, ...]:
    """Every question that differs: first what is changed and added, in order, then what is withdrawn."""
    old = {asked.code: asked for asked in before.questions}
    new = {asked.code for asked in after.questions}
    found = []
    for asked in after.questions:
        if asked.code not in old:
            found.append(Change("added", asked, None, tuple(_aspects(None, asked))))
        elif words_of(asked) != words_of(old[asked.code]):
            found.append(Change("changed", asked, old[asked.code], tuple(_aspects(old[asked.code], asked))))
    gone = (asked for asked in before.questions if asked.code not in new)
    return (*found, *(Change("withdrawn", asked, asked, tuple(_aspects(asked, None))) for asked in gone))


def words_of(asked: AskedQuestion) -> tuple[object, ...]:
    """All of a question that a version may change."""
    return tuple(getattr(asked, name) for name in CHANGEABLE)


def _aspects(before: AskedQuestion | None, after: AskedQuestion | None) -> Iterator[Aspect]:
    old, new = _read(before), _read(after)
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name, ""), new.get(name, "")
        if one != other:
            yield Aspect(name, *differences_of_text(one, other))


def _read(asked: AskedQuestion | None) -> dict[str, str]:
    """How a question reads, by what each part of it is called."""
    if asked is None:
        return {}
    return {
        "Title": asked.title,
        "Question": asked.text,
        "Why it is asked": asked.why,
        "How it is judged": asked.how_judged,
        "What to answer": asks(asked),
        "What it counts for": counts_as(asked),
    }
