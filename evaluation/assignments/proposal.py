"""How a proposal spreads tenders × sections over a panel: evenly, by skill, around conflicts.

For every part of every tender the evaluators are taken who may mark it, those with a fitting skill first, and
among them whoever has least to mark so far. The same input gives the same proposal.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Marker:
    """An evaluator of the panel: the lots and sections that are theirs (all when empty), skills as words."""

    person_id: int
    name: str
    lots: frozenset[int] = frozenset()
    sections: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()

    def may_mark(self, part: "Part") -> bool:
        """Whether the part is within what this evaluator was put on the panel for."""
        lots = part.standing if part.lot_id is None else {part.lot_id}
        return (not self.lots or bool(self.lots & lots)) and (
            not self.sections or part.section in self.sections
        )

    def is_skilled_in(self, part: "Part") -> bool:
        """Whether one of their skills is named by the section."""
        return any(skill.casefold() in part.about.casefold() for skill in self.skills)


@dataclass(frozen=True)
class Part:
    """The answers of one section of one tender, for one of its lots or (None) asked once for all of them.

    `answers` is how many they are, `standing` the tender's lots that stand, `about` the section's code and
    title, in which skills are looked for.
    """

    application_id: int
    section: str
    lot_id: int | None
    answers: int
    standing: frozenset[int]
    about: str


@dataclass(frozen=True)
class Held:
    """What an evaluator has of a tender already: sections and lots, all where empty. It counts, and stays."""

    person_id: int
    sections: frozenset[str]
    lots: frozenset[int]

    def covers(self, part: Part) -> bool:
        """Whether the part is in it."""
        in_lots = not self.lots or part.lot_id is None or part.lot_id in self.lots
        return in_lots and (not self.sections or part.section in self.sections)


@dataclass
class Proposal:
    """Who is given which sections of which tender, how much each has in all, and what is left uncovered.

    `given` holds sections by tender and evaluator; `load` answers by evaluator, with what they have already.
    """

    given: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    load: dict[int, int] = field(default_factory=dict)
    short: list[Part] = field(default_factory=list)


def spread(
    parts: Iterable[Part],
    markers: Collection[Marker],
    *,
    each: int,
    held: Mapping[int, Collection[Held]],
    barred: Collection[tuple[int, int]],
) -> Proposal:
    """Give every part to `each` evaluators (fewer where not so many may mark it: then it is in `short`).

    `held` is what evaluators have already, by tender. `barred` are pairs of tender and evaluator that get
    nothing more: a declared conflict, a tender handed back, marks that are locked.
    """
    parts = list(parts)
    proposal = Proposal(load={marker.person_id: 0 for marker in markers})
    for part in parts:
        for one in held.get(part.application_id, ()):
            if one.covers(part) and one.person_id in proposal.load:
                proposal.load[one.person_id] += part.answers
    for part in parts:
        _give(part, markers, each, held.get(part.application_id, ()), barred, proposal)
    return proposal


def _give(
    part: Part,
    markers: Collection[Marker],
    each: int,
    held: Collection[Held],
    barred: Collection[tuple[int, int]],
    proposal: Proposal,
) -> None:
    present = {one.person_id for one in held if one.covers(part)}
    for marker in markers:
        # Whoever was given this section for another lot of the tender marks it for this one too.
        given = proposal.given.get((part.application_id, marker.person_id), ())
        if part.section in given and marker.person_id not in present and marker.may_mark(part):
            present.add(marker.person_id)
            proposal.load[marker.person_id] += part.answers
    fitting = sorted(
        (
            marker
            for marker in markers
            if marker.person_id not in present
            and (part.application_id, marker.person_id) not in barred
            and marker.may_mark(part)
        ),
        key=lambda marker: (
            not marker.is_skilled_in(part),
            proposal.load[marker.person_id],
            marker.name,
            marker.person_id,
        ),
    )
    wanted = max(0, each - len(present))
    for marker in fitting[:wanted]:
        proposal.given.setdefault((part.application_id, marker.person_id), []).append(part.section)
        proposal.load[marker.person_id] += part.answers
    if len(fitting) < wanted:
        proposal.short.append(part)
