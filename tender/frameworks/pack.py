"""The pack of one round as it is read: sections, questions and scales.

`queries.pack_of` builds it; nothing here touches the database. Weights are per cent of the total and exact.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

SHAPES = {
    "number": ("least", "most", "places"),
    "money": ("least", "most"),
    "date": ("earliest", "latest"),
    "table": ("columns", "least_rows", "most_rows"),
    "file": ("document_type", "needs_expiry", "least_cover"),
    "rate_card": ("units", "group_sizes", "transport"),
}
"""What a question's `shape` may hold, by kind; every key may be missing.

`least` and `most` are numbers or pounds as text; `places` is how many decimal places a number may have (none:
a whole number); `earliest` and `latest` are ISO dates. `columns` are lists
of code, label and kind (short_text, number, money, date). `document_type` is a type of the evidence vault,
`needs_expiry` whether the document must say until when it is valid, `least_cover` pounds as text. `units`
are those of a rate card among day, half_day and hour; `group_sizes` are lists of code and label (a price for
each); `transport` is whether it is priced too.
"""

RULE_VALUES = {
    "must_be_one_of": "options",
    "at_least": "a number",
    "at_most": "a number",
    "lowest_price": "per cent",
    "up_to_ceiling": "per cent",
}
"""What a rule compares an answer with, for the rules that compare: a list of options' values, or text that
spells a number (of pounds, for money; of per cent below the average, for a price that is scored)."""


@dataclass(frozen=True, slots=True)
class Band:
    """One step of a scale: its points, their label and what an answer worth them looks like."""

    points: int
    label: str
    descriptor: str


@dataclass(frozen=True, slots=True)
class MarkingScale:
    """A scale with its bands from the lowest to the highest."""

    id: int
    name: str
    highest: int
    bands: tuple[Band, ...]

    @property
    def fingerprint(self) -> str:
        """Of its name and bands: tells whether somebody changed them since a page was drawn."""
        return fingerprint_of(self.name, self.bands)

    def band(self, points: int) -> Band:
        """The band worth these points. Raises `KeyError` when the scale has none."""
        for band in self.bands:
            if band.points == points:
                return band
        raise KeyError(points)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as asked.

    `options` are pairs of value and label; `accepted` are file endings without the dot; `weight` (per
    cent), `minimum` (points) and `scale_id` are there for scored questions only, `rule` for conditions only;
    `breaks_ties` is whether a scored question's mark decides between equal totals. A price that is scored has
    a `weight`, its formula as `rule`, and as `rule_value` how many per cent below the average of its lot a
    price is when a person looks at it (None: never).
    `former_options` are those that earlier versions of a published pack offered: no answer can be one of them
    any more, and an answer that is one still reads as it was given.
    `ask_if` is None or holds an earlier question's code (`question`) and the values of which its answer must
    have one (`answers`); `lots` are the ids of the lots whose applicants are asked, all when empty.
    """

    id: int
    position: int
    section: str
    code: str
    title: str
    text: str
    why: str
    how_judged: str
    kind: str
    required: bool
    per_lot: bool
    word_limit: int | None
    accepted: tuple[str, ...]
    max_bytes: int | None
    options: tuple[tuple[str, str], ...]
    standard: str | None
    judged_as: str
    rule: str | None
    scale_id: int | None
    weight: Decimal | None
    minimum: int | None
    breaks_ties: bool = False
    shape: Mapping[str, Any] = field(default_factory=dict)
    rule_value: Any = None
    ask_if: Mapping[str, Any] | None = None
    lots: tuple[int, ...] = ()
    changed_in: int = 1
    former_options: tuple[tuple[str, str], ...] = ()

    @property
    def scored(self) -> bool:
        """Whether evaluators give it a mark."""
        return self.judged_as == "scored"

    @property
    def priced(self) -> bool:
        """Whether it is a price that a formula scores."""
        return self.judged_as == "priced"

    @property
    def weighed(self) -> bool:
        """Whether it adds to a total: by a mark or as a price."""
        return self.scored or self.priced

    @property
    def known_options(self) -> tuple[tuple[str, str], ...]:
        """Every option that an answer may have been given from, those that are offered first."""
        return (*self.options, *self.former_options)

    @property
    def fingerprint(self) -> str:
        """Of all that a council may edit: tells whether somebody changed it since a page was drawn."""
        return fingerprint_of(*(getattr(self, name) for name in EDITABLE))

    def asked_of(self, lot_id: int) -> bool:
        """Whether applicants for this lot are asked."""
        return not self.lots or lot_id in self.lots


EDITABLE = tuple(
    name
    for name in AskedQuestion.__dataclass_fields__
    if name not in ("id", "position", "changed_in", "former_options")
)
"""What a council may edit in a question of a draft. Its place is changed by moving it."""


def fingerprint_of(*values: Any) -> str:
    """A short text that differs when one of the values does."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AskedSection:
    """A part of the pack with the questions in it, in the order in which they are asked."""

    code: str
    title: str
    introduction: str
    questions: tuple[AskedQuestion, ...]

    @property
    def fingerprint(self) -> str:
        """Of its own words: tells whether somebody changed them since a page was drawn."""
        return fingerprint_of(self.title, self.introduction)


@dataclass(frozen=True, slots=True)
class RoundPack:
    """All that a round asks."""

    round_id: int
    sections: tuple[AskedSection, ...]
    scales: tuple[MarkingScale, ...]

    @property
    def questions(self) -> tuple[AskedQuestion, ...]:
        """Every question, in order."""
        return tuple(question for section in self.sections for question in section.questions)

    @property
    def scored(self) -> tuple[AskedQuestion, ...]:
        """The questions that evaluators mark."""
        return tuple(question for question in self.questions if question.scored)

    @property
    def prices(self) -> tuple[AskedQuestion, ...]:
        """The prices that a formula scores: at most one for a lot."""
        return tuple(question for question in self.questions if question.priced)

    @property
    def weighed(self) -> tuple[AskedQuestion, ...]:
        """All that adds to a total, in order: marks and prices."""
        return tuple(question for question in self.questions if question.weighed)

    @property
    def breaking_ties(self) -> tuple[AskedQuestion, ...]:
        """The scored questions whose marks decide between equal totals; none where these share a rank."""
        return tuple(question for question in self.scored if question.breaks_ties)

    @property
    def conditions(self) -> tuple[AskedQuestion, ...]:
        """The questions that are passed or failed."""
        return tuple(question for question in self.questions if question.judged_as == "condition")

    def weight_of(self, lot_id: int) -> Decimal:
        """The weights of all that adds to a lot's total, in per cent; 100 in a published pack."""
        weights = (question.weight or Decimal(0) for question in self.weighed if question.asked_of(lot_id))
        return sum(weights, Decimal(0))

    def weight_of_price(self, lot_id: int) -> Decimal:
        """What a lot's price has of that, in per cent; 0 where no price is scored."""
        weights = (question.weight or Decimal(0) for question in self.prices if question.asked_of(lot_id))
        return sum(weights, Decimal(0))

    def section(self, code: str) -> AskedSection:
        """The part with this code. Raises `KeyError`."""
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    def question(self, code: str) -> AskedQuestion:
        """The question with this code. Raises `KeyError`."""
        for question in self.questions:
            if question.code == code:
                return question
        raise KeyError(code)

    def scale_of(self, question: AskedQuestion) -> MarkingScale:
        """The scale on which a scored question is marked. Raises `KeyError` for a question without one."""
        for scale in self.scales:
            if scale.id == question.scale_id:
                return scale
        raise KeyError(question.code)
