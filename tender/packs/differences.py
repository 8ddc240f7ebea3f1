"""What is different between two versions of a pack, question by question, word by word.

Pure: no database. A question is told by its code, which never changes once it is published.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.web.differences import Piece
from portal.web.differences import differences as differences_of_text
from tender.frameworks.models import PRICE_UNITS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.readiness import Fault
from tender.frameworks.recipe import price_in_words
from tender.frameworks.words import asked_when, asks, counts_as
from tender.packs.lines import columns_in_words

CHANGEABLE = (
    *("title", "text", "why", "how_judged", "required", "word_limit", "accepted", "max_bytes"),
    *("options", "shape", "rule", "rule_value", "ask_if", "weight", "minimum"),
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
            found.append(Change("added", asked, None, tuple(_aspects({}, _read(after, asked)))))
        elif words_of(asked) != words_of(standing := old[asked.code]):
            aspects = _aspects(_read(before, standing), _read(after, asked))
            found.append(Change("changed", asked, standing, tuple(aspects)))
    gone = (asked for asked in before.questions if asked.code not in new)
    return (
        *found,
        *(Change("withdrawn", asked, asked, tuple(_aspects(_read(before, asked), {}))) for asked in gone),
    )


def words_of(asked: AskedQuestion) -> tuple[object, ...]:
    """All of a question that a version may change."""
    return tuple(getattr(asked, name) for name in CHANGEABLE)


def faults_beside(published: Iterable[AskedQuestion], asked: AskedQuestion) -> Iterator[Fault]:
    """What in a question would make answers unreadable that were given to it as it was `published`."""
    columns = {code: kind for code, _, kind in asked.shape.get("columns") or ()}
    places = asked.shape.get("places") or 0
    for earlier in published:
        for code, label, kind in earlier.shape.get("columns") or ():
            if columns.get(code, kind) != kind:
                yield Fault(
                    "columns",
                    f"“{label}” was published as a column of another kind, and may be filled in already. "
                    "Begin the line with a new code and a colon, so that it is a new column.",
                )
        if (earlier.shape.get("places") or 0) > places:
            yield Fault("places", "Answers may be given with more decimal places than this. Keep as many.")


def _aspects(old: dict[str, str], new: dict[str, str]) -> Iterator[Aspect]:
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name, ""), new.get(name, "")
        if one != other:
            yield Aspect(name, *differences_of_text(one, other))


def _read(pack: RoundPack, asked: AskedQuestion) -> dict[str, str]:
    """How a question of a pack reads, by what each part of it is called."""
    return {
        "Title": asked.title,
        "Question": asked.text,
        "Why it is asked": asked.why,
        "How it is judged": asked.how_judged,
        "What to answer": asks(asked),
        "Choices": "\n".join(label for _, label in asked.options),
        "Columns": "\n".join(columns_in_words(asked.shape.get("columns") or ())),
        "What is priced": "\n".join(_priced(asked)),
        "When it is asked": asked_when(pack, asked, ()) or "Always",
        "What it counts for": counts_as(asked),
        "How the price is scored": "\n".join(price_in_words(asked)) if asked.priced else "",
    }


def _priced(asked: AskedQuestion) -> Iterator[str]:
    """The parts of a card of prices, a line each; nothing for the other kinds."""
    if asked.kind == "rate_card":
        yield from (f"A price of {PRICE_UNITS[unit]}" for unit in asked.shape.get("units") or ())
        yield from (f"For each: {label}" for _, label in asked.shape.get("group_sizes") or ())
        if asked.shape.get("transport"):
            yield "Transport"
