"""Reading challenges: a round's, one of them, the lots that they hold, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import RowMapping, Select, and_, literal, select

from evaluation.challenges.models import FINDINGS, KINDS, UPHELD, Challenge
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import GoingOn, Task
from portal.web.filters import uk_date
from tender.applications.access import OPENED
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Lot, Round, RoundLot
from tender.timetable.dates import Entry

TRACKED_IN = OPENED


@dataclass(frozen=True, slots=True)
class ChallengeFacts:
    """A challenge as pages show it."""

    id: int
    round_id: int
    lot_id: int | None
    lot_number: str | None
    lot_title: str | None
    kind: str
    state: str
    received_from: str
    received_on: date
    summary: str
    answer_due_on: date
    answer: str
    answered_at: datetime | None
    finding: str | None
    finding_reason: str
    found_at: datetime | None
    held_at: datetime | None
    hold_reason: str
    lifted_at: datetime | None
    lift_reason: str
    recorded_by: str

    @property
    def kind_name(self) -> str:
        """'Complaint'."""
        return KINDS[self.kind]

    @property
    def about(self) -> str:
        """'Lot 3: Part-time', or 'Every lot'."""
        return f"Lot {self.lot_number}: {self.lot_title}" if self.lot_id else "Every lot"

    @property
    def finding_name(self) -> str:
        """'Partly upheld'; empty while nothing is found."""
        return FINDINGS.get(self.finding or "", "")

    @property
    def upheld(self) -> bool:
        """Whether it was right, wholly or in part: decisions that it is about can be made anew."""
        return self.finding in UPHELD

    @property
    def finding_open(self) -> bool:
        """Whether it is answered, and what came out of it can still be noted."""
        return self.state == "answered" and self.finding is None

    @property
    def holds(self) -> bool:
        """Whether admissions wait for it."""
        return self.held_at is not None and self.lifted_at is None

    @property
    def overdue(self) -> bool:
        """Whether the day of its answer has passed."""
        return self.state == "open" and self.answer_due_on < clock.today()


def _facts() -> Select[tuple[object, ...]]:
    columns = [
        getattr(Challenge, name)
        for name in ChallengeFacts.__slots__
        if name not in ("lot_number", "lot_title", "recorded_by")
    ]
    return (
        select(
            *columns,
            Lot.number.label("lot_number"),
            Lot.title.label("lot_title"),
            Person.name.label("recorded_by"),
        )
        .outerjoin(Lot, Lot.id == Challenge.lot_id)
        .join(Person, Person.id == Challenge.recorded_by_id)
    )


def round_for(viewer: Actor, round_id: int) -> RoundFacts:
    """A round of the viewer's council whose tender box is open. Raises `NotFound` for any other, and
    `NotDeclaredYet`."""
    facts = round_with_tenderers(viewer, round_id)
    if facts.state not in TRACKED_IN:
        raise NotFound
    return facts


def challenges_of(round_id: int) -> Sequence[ChallengeFacts]:
    """All challenges of a round: open ones by the day of their answer, then the others, newest first."""
    rows = db.session.execute(
        _facts()
        .where(Challenge.round_id == round_id)
        .order_by(Challenge.state != "open", Challenge.answer_due_on, Challenge.id.desc())
    ).mappings()
    return [ChallengeFacts(**row) for row in rows]


def challenge_for(viewer: Actor, challenge_id: int) -> tuple[RoundFacts, ChallengeFacts]:
    """One challenge with its round. Raises `NotFound` for another council's."""
    row = db.session.execute(_facts().where(Challenge.id == challenge_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return round_for(viewer, row["round_id"]), ChallengeFacts(**row)


def held_lots(round_id: int) -> set[int]:
    """The lots of a round whose admissions a challenge holds."""
    holds = and_(Challenge.held_at.is_not(None), Challenge.lifted_at.is_(None))
    rows = db.session.scalars(
        select(RoundLot.lot_id)
        .join(
            Challenge,
            and_(
                Challenge.round_id == RoundLot.round_id,
                (Challenge.lot_id.is_(None)) | (Challenge.lot_id == RoundLot.lot_id),
            ),
        )
        .where(RoundLot.round_id == round_id, holds)
    )
    return set(rows)


def dates_of(facts: RoundFacts) -> list[Entry]:
    """The days by which challenges of a round are to be answered, for the council's timetable."""
    return [
        Entry(f"{each.kind_name} of {each.received_from}: answer due", each.answer_due_on, None, "planned")
        for each in challenges_of(facts.id)
        if each.state == "open"
    ]


def for_lead(viewer: Actor) -> Select[Any]:
    """What waits for an answer in the viewer's council, and what holds admissions; to stand beside other
    selects of the same columns, so that a home page asks once: what, id, state, kind, who, day, number,
    title."""
    return (
        select(
            literal("challenge").label("what"),
            Challenge.id,
            Challenge.state,
            Challenge.kind,
            Challenge.received_from.label("who"),
            Challenge.answer_due_on.label("day"),
            Round.number,
            Framework.title,
        )
        .join(Round, Round.id == Challenge.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Framework.council_id == viewer.organisation_id,
            (Challenge.state == "open") | and_(Challenge.held_at.is_not(None), Challenge.lifted_at.is_(None)),
        )
    )


def as_waiting(row: RowMapping) -> Task | GoingOn:
    """A row of `for_lead` in words."""
    values = {"challenge_id": row["id"]}
    if row["state"] == "open":
        return Task(
            f"{KINDS[row['kind']]}, from {row['who']}: to be answered.",
            "Answer it",
            "challenges.show",
            values,
            due_at=datetime.combine(row["day"], time(23, 59), clock.LONDON),
            detail=f"Round {row['number']} of {row['title']}. Due by {uk_date(row['day'])}.",
        )
    held = f"Admissions held by the {KINDS[row['kind']].lower()} of {row['who']}"
    return GoingOn(held, "paused", "challenges.show", values)
