"""What an application holds, item by item, and what it still lacks.

An *item* is one question to be answered once, or once for each chosen lot. `those_asked` is the one answer to
"is this asked?" and `missing` the one to "can this be submitted?": the task list, the check page, the
submission itself and those who judge all ask them. No database here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from portal.evidence.facts import Facts, facts_in, frozen_words
from portal.storage.refusals import in_megabytes
from portal.web.filters import uk_datetime
from tender.applications.grids import DAY, Grid, rates_of
from tender.applications.limits import choices_gone, fault_of, fault_of_documents, words_over
from tender.applications.values import grid_of, in_words, is_blank, words_in
from tender.frameworks.pack import AskedQuestion
from tender.frameworks.queries import LotFacts


@dataclass(frozen=True, slots=True)
class File:
    """A document given in answer to a file question. `size` is in bytes; `facts` are what the provider's
    vault knows of it, as they were sealed with it once it is submitted."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    scan_state: str
    uploaded_at: datetime
    uploaded_by: str
    facts: Mapping[str, Any] | None = None

    @property
    def facts_in_words(self) -> str:
        """Those facts; empty where there are none."""
        return frozen_words(self.facts)

    @property
    def size_in_words(self) -> str:
        """'1.4 MB'."""
        return in_megabytes(self.size)


@dataclass(frozen=True, slots=True)
class Promise:
    """A file of which name, size in bytes and SHA-256 were given, and which is not here (yet)."""

    id: int
    filename: str
    size: int
    sha256: str

    @property
    def size_in_words(self) -> str:
        """'1.4 MB'."""
        return in_megabytes(self.size)


@dataclass(frozen=True, slots=True)
class Item:
    """One question, for one lot where it is asked per lot, with what was answered. Version 0: never saved.

    `applied_for` are the application's lots, where the question is for the applicants of some lots only.
    `asked_anew_at` is when the question got its present words, where that was after its first publication;
    `carried_from` is the earlier application (id) that gave the answer.
    """

    asked: AskedQuestion
    lot: LotFacts | None
    answer_id: int | None = None
    value: Any = None
    version: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""
    files: tuple[File, ...] = ()
    applied_for: tuple[int, ...] = ()
    promised: tuple[Promise, ...] = ()
    asked_anew_at: datetime | None = None
    carried_from: int | None = None

    @property
    def lot_id(self) -> int | None:
        """The lot's id; None for a question that is asked once."""
        return self.lot.id if self.lot else None

    @property
    def anchor(self) -> str:
        """A name for this item within a page."""
        return f"lot-{self.lot.id}-{self.asked.code}" if self.lot else self.asked.code

    @property
    def answered(self) -> bool:
        """Whether there is anything: words, a choice, a document or the promise of one."""
        return bool(self.files or self.promised) if self.asked.kind == "file" else not is_blank(self.value)

    @property
    def kept_in_words(self) -> str:
        """What the portal has of it, told to somebody of whom nothing more can be taken."""
        if not self.answered or self.saved_at is None:
            return "Nothing was saved here before."
        last = f"{self.saved_by} saved last, at {uk_datetime(self.saved_at)}"
        if self.asked.kind == "file":
            return f"The documents that stood here when {last}, are kept."
        return f"The answer that {last}, is kept."

    @property
    def changed_since_answered(self) -> bool:
        """Whether the question has other words by now than when its answer was last saved."""
        if self.asked_anew_at is None or self.saved_at is None:
            return False
        return self.answered and self.saved_at < self.asked_anew_at

    @property
    def words(self) -> int:
        """How many words the answer holds."""
        return words_in(self.value)

    @property
    def words_over(self) -> int:
        """By how many words the answer passes its limit; 0 when it does not."""
        return words_over(self.value, self.asked.word_limit)

    @property
    def fault(self) -> str:
        """What is to be put right in the answer, to be read after "Your answer is"; empty when nothing is."""
        asked = self.asked
        if asked.kind == "file":
            return fault_of_documents(asked.shape, _facts_given(self))
        if gone := choices_gone(asked.kind, asked.known_options, asked.options, self.value):
            return gone
        return fault_of(
            asked.kind, asked.shape, self.value, word_limit=asked.word_limit, whole=self.must_be_answered
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The answer as people read it."""
        return in_words(self.asked.kind, self.asked.known_options, self.value, self.asked.shape)

    @property
    def grid(self) -> Grid | None:
        """The answer as a table, where it has several parts."""
        return grid_of(self.asked.kind, self.asked.shape, self.value)

    @property
    def state(self) -> str:
        """One of over (too long), wrong (another fault), answered, missing, optional."""
        if self.fault:
            return "over" if self.words_over else "wrong"
        if self.answered:
            return "answered"
        return "missing" if self.must_be_answered else "optional"

    @property
    def must_be_answered(self) -> bool:
        """Whether it may not stay empty. A scored question never may: there would be nothing to mark."""
        return self.asked.required or self.asked.scored

    @property
    def over_the_ceiling(self) -> bool:
        """Whether this is a price above what the council accepts for the lot."""
        ceiling = self.lot.price_ceiling if self.lot else None
        if self.asked.rule != "at_most_ceiling" or ceiling is None or is_blank(self.value):
            return False
        return any(price > ceiling for _, price in self.prices_in(self.lot.price_unit if self.lot else DAY))

    @property
    def prices(self) -> tuple[tuple[str, Decimal], ...]:
        """The prices of a day that were given, in pounds: each group size of a rate card in words, or one."""
        return self.prices_in(DAY)

    def prices_in(self, unit: str) -> tuple[tuple[str, Decimal], ...]:
        """The prices of a unit that were given, in pounds: each group size of a rate card in words, or the
        one amount, which is for whatever unit its question names."""
        if self.asked.kind == "rate_card":
            return tuple(rates_of(unit, self.asked.shape, self.value))
        return (("", Decimal(self.value)),) if self.asked.kind == "money" and self.value else ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps an application from being submitted. No item: the choice of lots."""

    sentence: str
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading: a part of the pack and, within it, one lot where it is asked per lot."""

    code: str
    title: str
    introduction: str
    lot: LotFacts | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Tender:
    """All that an application holds: the lots offered and chosen, and every item in the order of asking.

    `headings` are the pack's parts, each with code, title and introduction; `withheld` are titles of
    questions that its reader must not see answered yet.
    """

    headings: Sequence[Mapping[str, str]]
    offered: tuple[LotFacts, ...]
    chosen: tuple[LotFacts, ...]
    items: tuple[Item, ...]
    withheld: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """The items by part and, within it, first what is asked once, then lot by lot."""
        known = {heading["code"]: heading for heading in self.headings}
        found = []
        for (code, lot), items in groupby(self.items, key=lambda item: (item.asked.section, item.lot)):
            heading = known.get(code, {"title": code, "introduction": ""})
            found.append(Section(code, heading["title"], heading["introduction"], lot, tuple(items)))
        return tuple(found)

    @property
    def done(self) -> int:
        """How many items need nothing more."""
        return sum(item.state == "answered" for item in self.items)

    @property
    def missing(self) -> "tuple[Problem, ...]":
        """Everything that keeps it from being submitted, in the order of the task list."""
        return missing(self.chosen, self.items)

    def item(self, code: str, lot_id: int | None) -> Item | None:
        """The item of this question, for this lot; None where there is none."""
        return next((item for item in self.items if (item.asked.code, item.lot_id) == (code, lot_id)), None)


def those_asked(possible: Iterable[Item]) -> list[Item]:
    """Of everything that a pack could ask of one application, what it does ask, in the pack's order.

    A question for some lots is asked for those alone; one that is asked once, as soon as one of them is
    applied for. A question under a condition is asked when the earlier one that it names (asked once, or for
    the same lot) is itself asked and was answered with one of the answers that it names.
    """
    asked = []
    said: dict[tuple[str, int | None], Any] = {}
    for item in sorted(possible, key=lambda item: item.asked.position):
        if _is_for_lots(item) and _is_called_for(item, said):
            asked.append(item)
            said[item.asked.code, item.lot_id] = item.value
    return asked


def _is_for_lots(item: Item) -> bool:
    if not item.asked.lots:
        return True
    return any(item.asked.asked_of(lot_id) for lot_id in ([item.lot.id] if item.lot else item.applied_for))


def _is_called_for(item: Item, said: Mapping[tuple[str, int | None], Any]) -> bool:
    condition = item.asked.ask_if
    if not condition:
        return True
    named = condition["question"]
    given = said.get((named, item.lot_id), said.get((named, None)))
    return any(each in condition["answers"] for each in (given if isinstance(given, list) else [given]))


def in_order(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items in the order in which they are asked: by section; within it, once-asked ones, then lot by lot."""
    starts: dict[str, int] = {}
    for item in items:
        section = item.asked.section
        starts[section] = min(starts.get(section, item.asked.position), item.asked.position)
    return tuple(
        sorted(
            items,
            key=lambda item: (
                starts[item.asked.section],
                item.lot.position if item.lot else -1,
                item.asked.position,
            ),
        )
    )


def next_after(place: tuple[str, int | None], items: Sequence[Item]) -> Item | None:
    """Where to go on after the item at `place` (a question's code and a lot's id), among items in order.

    The next without an answer, else the first that lacks something; None when nothing is left but, perhaps,
    the item itself.
    """
    places = [(item.asked.code, item.lot_id) for item in items]
    start = places.index(place) + 1 if place in places else len(items)
    for later in items[start:]:
        if later.state != "answered":
            return later
    first = next((each for each in items if problem_of(each)), None)
    return None if first is None or (first.asked.code, first.lot_id) == place else first


def problem_of(item: Item) -> str | None:
    """The sentence that says what keeps this item from being complete; None when nothing does."""
    named = f"“{item.asked.title}”{_for_lot(item)}"
    if item.fault:
        return f"{named} is {item.fault}"
    infected = [file.filename for file in item.files if file.scan_state == "infected"]
    if infected:
        return f"{named}: we found a virus in “{infected[0]}”. Remove it and upload a clean copy."
    if item.answered or not item.must_be_answered:
        return None
    verb = {"file": "Upload a document for", "declaration": "Confirm"}.get(item.asked.kind, "Answer")
    return f"{verb} {named}."


def to_look_at(items: Iterable[Item], starts_on: date) -> tuple[Problem, ...]:
    """The documents that have expired, or will have when the framework starts, which keeps nothing from being
    submitted: the council may still refuse them. Where another document of an answer is valid for longer,
    none of its is named."""
    return tuple(
        Problem(f"“{item.asked.title}”{_for_lot(item)}: “{file.filename}”. {sentence}", item)
        for item in items
        if not any(facts.expires_on and not facts.out_of_date(starts_on) for facts in _facts_given(item))
        for file, facts in zip(item.files, _facts_given(item), strict=True)
        for sentence in facts.out_of_date(starts_on)
    )


def _facts_given(item: Item) -> list[Facts]:
    return [facts_in(file.facts) for file in item.files]


def _for_lot(item: Item) -> str:
    return f" for lot {item.lot.number}" if item.lot else ""


def missing(chosen: Collection[Any], items: Iterable[Item]) -> tuple[Problem, ...]:
    """Everything that keeps an application for these lots, with these items, from being submitted."""
    lots = () if chosen else (Problem("Choose at least one lot."),)
    found = ((item, problem_of(item)) for item in items)
    return (*lots, *(Problem(sentence, item) for item, sentence in found if sentence))
