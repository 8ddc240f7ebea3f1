"""Reading assessments of conflicts of interest, and what a round lacks without one."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import exists, select

from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from tender.conflicts.models import ConflictsAssessment
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import round_for
from tender.frameworks.readiness import Problem

READERS = ("framework:manage", "audit:read")
_LAW = {
    "PA2023": "Assess conflicts of interest first. The Procurement Act 2023, section 83, asks for it before "
    "the tender notice is published.",
    "PCR2015": "No conflicts of interest have been assessed. The Public Contracts Regulations 2015 "
    "ask for measures that prevent, find and remedy them.",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict of interest: whose, of which kind (`models.KINDS`), what it is, what is done about it."""

    person: str
    kind: str
    nature: str
    mitigation: str

    def as_row(self) -> dict[str, str]:
        """As it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment or review, with the name of who made it."""

    id: int
    people: str
    conflicts: tuple[Conflict, ...]
    assessed_at: datetime
    assessed_by: str


def assessments_of(viewer: Actor, round_id: int) -> tuple[RoundFacts, list[Assessment]]:
    """A round of the viewer's council and its assessments, the newest first. Raises `NotFound`."""
    if not viewer.may(*READERS):
        raise NotFound()
    facts = round_for(viewer, round_id)
    rows = db.session.execute(
        select(
            ConflictsAssessment.id,
            ConflictsAssessment.people,
            ConflictsAssessment.conflicts,
            ConflictsAssessment.assessed_at,
            Person.name,
        )
        .join(Person, Person.id == ConflictsAssessment.assessed_by_id)
        .where(ConflictsAssessment.round_id == facts.id)
        .order_by(ConflictsAssessment.id.desc())
    )
    return facts, [
        Assessment(id_, people, tuple(Conflict(**found) for found in conflicts), at, name)
        for id_, people, conflicts, at, name in rows
    ]


def before_publication(facts: RoundFacts) -> Iterable[Problem]:
    """What a draft round lacks: an assessment, without which the Act lets no tender notice out.

    Under the earlier regulations the same sentence only warns.
    """
    made = exists().where(ConflictsAssessment.round_id == facts.id)
    if not db.session.scalar(select(made)):
        stops = facts.legal_regime == "PA2023"
        sentence = _LAW[facts.legal_regime]
        yield Problem(sentence, "conflicts.show", {"round_id": facts.id}, stops=stops)
