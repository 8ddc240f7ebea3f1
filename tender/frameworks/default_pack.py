"""The pack that a new round starts from: its sections, questions and scales, before a council edits them.

The words stand in ``default_pack.toml``. What is asked of applicants is a council's to decide; the defaults
follow what schemes of this kind ask, within what the law allows at this stage: no insurance before award and
no audited accounts from those who need not have them (Procurement Act 2023, sections 22 and 46).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

QuestionKind = Literal[
    "long_text",
    "short_text",
    "number",
    "money",
    "date",
    "yes_no",
    "choice",
    "choices",
    "file",
    "declaration",
    "postcode",
    "table",
    "rate_card",
]
JudgedAs = Literal["condition", "scored", "priced", "information"]
Rule = Literal[
    "must_be_yes",
    "must_be_provided",
    "must_be_one_of",
    "at_least",
    "at_most",
    "at_most_ceiling",
    "person_decides",
    "lowest_price",
    "up_to_ceiling",
]
LegalRegime = Literal["PA2023", "PCR2015"]

NATIONAL_STANDARDS = {
    "1.1": "Recruitment checks and the single central record",
    "1.2": "Safeguarding policies",
    "1.3": "Responding to welfare concerns",
    "1.4": "Staff awareness",
    "1.5": "Designated safeguarding lead",
    "1.6": "Site access and security",
}
"""Part 1 (safeguarding and welfare) of the Department for Education's voluntary national standards for
non-school alternative provision, August 2025, by number. The other parts are referred to by theme."""

STANDARD_THEMES = (
    "Health and safety: policy",
    "Health and safety: risk assessment",
    "Health and safety: first aid",
    "Health and safety: incidents",
    "Health and safety: fire",
    "Admissions, support and guidance: admissions policy",
    "Admissions, support and guidance: records of need",
    "Admissions, support and guidance: individual learning plan",
    "Admissions, support and guidance: attendance and behaviour",
    "Quality of education",
)
"""Parts 2 to 4 of the same standards, by theme."""

_CONTENT = Path(__file__).with_name("default_pack.toml")


@dataclass(frozen=True, slots=True)
class PackBand:
    """One step of a scale: its points, a label of a word or two, and what an answer worth them looks like."""

    points: int
    label: str
    descriptor: str


@dataclass(frozen=True, slots=True)
class PackScale:
    """A scale by which answers are marked, from the lowest band to the highest."""

    name: str
    bands: tuple[PackBand, ...]


@dataclass(frozen=True, slots=True)
class PackSection:
    """A part of the pack: its heading and what an applicant should know before answering it."""

    code: str
    title: str
    introduction: str


@dataclass(frozen=True, slots=True)
class PackQuestion:
    """One question. ``section`` is a section's code, ``scale`` the name of a scale.

    A condition has a ``rule``; a scored question has a ``scale``, a ``weight`` in per cent and the
    ``minimum`` points that a lot needs, and may break ties; a price that is scored has a formula as its
    ``rule`` and a ``weight``; information has none of these. ``accepted`` are file endings
    without the dot; ``options`` are pairs of value and label; ``standard`` is the national standard that the
    question tests. ``shape``, ``rule_value`` and ``ask_if`` are those of `pack.AskedQuestion`; ``lots`` are
    the numbers of the lots whose applicants are asked, all when empty.
    """

    code: str
    section: str
    title: str
    text: str
    kind: QuestionKind
    judged_as: JudgedAs
    why: str = ""
    how_judged: str = ""
    word_limit: int | None = None
    required: bool = True
    per_lot: bool = False
    rule: Rule | None = None
    scale: str | None = None
    weight: Decimal | None = None
    minimum: int | None = None
    breaks_ties: bool = False
    accepted: tuple[str, ...] = ()
    max_bytes: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    standard: str | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    rule_value: Any = None
    ask_if: Mapping[str, Any] | None = None
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """All that a round asks: sections and questions in the order in which they are asked, and the scales."""

    scales: tuple[PackScale, ...]
    sections: tuple[PackSection, ...]
    questions: tuple[PackQuestion, ...]

    def questions_in(self, section: PackSection) -> tuple[PackQuestion, ...]:
        """The questions of one section, in order."""
        return tuple(question for question in self.questions if question.section == section.code)


@cache
def default_pack(legal_regime: LegalRegime = "PA2023", registered_lots: tuple[str, ...] = ()) -> Pack:
    """The default pack for a framework under the given law.

    They differ in where supplier information comes from (the central digital platform exists for the Act
    alone) and in which exclusion grounds are asked about. `registered_lots` are the numbers of the lots that
    only registered schools may apply for; without any, what is asked for those alone is left out.
    """
    content = tomllib.loads(_CONTENT.read_text(encoding="utf-8"))
    scales = tuple(
        PackScale(scale["name"], tuple(PackBand(*band) for band in scale["bands"]))
        for scale in content["scale"]
    )
    sections = tuple(
        PackSection(section["code"], section["title"], section["introduction"])
        for section in content["section"]
    )
    questions = tuple(
        _question(asked, section, scales[0].name, registered_lots)
        for section in content["section"]
        for asked in section["question"]
        if asked.get("regime", legal_regime) == legal_regime
        and (registered_lots or not asked.get("registered_only"))
    )
    return Pack(scales, sections, questions)


def judged_by_conditions(pack: Pack) -> Pack:
    """The same questions for a framework that admits by conditions alone: what would be marked is looked at
    by a person, who says with a reason whether it is met."""
    marked = {asked.section for asked in pack.questions if asked.judged_as == "scored"}
    return Pack(
        (),
        tuple(
            replace(section, introduction=_LOOKED_AT) if section.code in marked else section
            for section in pack.sections
        ),
        tuple(
            replace(
                asked,
                judged_as="condition",
                rule="person_decides",
                how_judged=_MET_IF,
                scale=None,
                weight=None,
                minimum=None,
            )
            if asked.judged_as == "scored"
            else asked
            for asked in pack.questions
        ),
    )


_LOOKED_AT = (
    "A person looks at each answer and decides whether it meets the condition. Nothing is marked, and you "
    "are compared with nobody. Give examples from your own work, but name no child. A question that you "
    "answer for each lot can be answered differently for each."
)
_MET_IF = (
    "You meet this condition if your answer shows that you do what it asks about, for the children of the "
    "lot. Where it leaves doubts we ask you before we decide, and we give the reason for what we decide."
)


def _question(
    asked: dict[str, Any], section: dict[str, Any], scale: str, registered_lots: tuple[str, ...]
) -> PackQuestion:
    """A question from its table in the file; scored ones are marked on ``scale``."""
    given = {"section": section["code"], "judged_as": section["judged_as"], **asked}
    if given.pop("registered_only", False):
        given["lots"] = registered_lots
    if given["judged_as"] == "scored":
        given |= {"scale": scale, "weight": Decimal(given["weight"])}
    given.pop("regime", None)
    given["accepted"] = tuple(given.get("accepted", ()))
    given["options"] = tuple((value, label) for value, label in given.get("options", ()))
    return PackQuestion(**given)
