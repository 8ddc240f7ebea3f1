"""Reading standings: the council's register, one standing with its changes, and a provider's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.directory.lifecycle import STANDING
from portal.directory.models import Service, Standing
from portal.directory.statuses import STATUSES, Status, status_on
from portal.errors import NotFound
from portal.standings.models import CAUSES, StandingChange, StandingLapse
from portal.web.filters import uk_date
from tender.frameworks.models import Framework, Lot

PAGE_SIZE = 20
SOON_DAYS = 30
_Proposer, _Decider, _Answerer = aliased(Person), aliased(Person), aliased(Person)

STEP_WORDS = {
    "suspend_new": "Suspended for new referrals",
    "suspend": "Suspended",
    "reinstate": "Reinstated",
    "remove": "Removed",
    "keep": "Reviewed: the suspension goes on",
    "admit": "Admitted by a new decision",
}

MOVES_OF = {
    "suspend_new": ("suspend_new", "ease"),
    "suspend": ("suspend",),
    "reinstate": ("reinstate", "reinstate_on_conditions"),
    "remove": ("remove",),
    "keep": ("reinstate",),
}
"""By what an officer can do, the directory's moves that it may lead to. What can be reinstated can be kept
suspended, which moves nothing."""


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A provider's place on one lot with what it is worth today."""

    id: int
    state: str
    status: str
    admitted_at: datetime
    starts_on: date
    ends_on: date
    evidence_until: date | None
    open_until: date
    provider_id: int
    provider_name: str
    lot_id: int
    lot_number: str
    lot_title: str
    framework_title: str
    council_id: int
    service_id: int | None

    @property
    def lot_name(self) -> str:
        """'Lot 6: Creative and media'."""
        return f"Lot {self.lot_number}: {self.lot_title}"

    @property
    def described(self) -> Status:
        """The status in words."""
        return STATUSES[self.status]

    @property
    def over(self) -> bool:
        """Whether nothing but a later round brings it back."""
        return self.status in ("removed", "expired")

    @property
    def closes(self) -> str:
        """When it closes to new children by itself, or has, and why; empty while that is far off."""
        if self.status not in ("admitted", "evidence_expired"):
            return ""
        days = (self.open_until - clock.today()).days
        if days > SOON_DAYS:
            return ""
        what = "the term ends" if self.open_until == self.ends_on else "its evidence runs out"
        if days < 0:
            return f"Closed to new children after {uk_date(self.open_until)}, the last day of its evidence"
        return f"Open to new children until {uk_date(self.open_until)}: {what}"

    @property
    def moves(self) -> frozenset[str]:
        """What may be done with it now, as steps of a change."""
        return frozenset(
            step
            for step, moves in MOVES_OF.items()
            if any(STANDING.allows(each, self.state) for each in moves)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One step in a standing's life, or one that is proposed."""

    id: int
    standing_id: int
    step: str
    state: str
    cause: str
    reason: str
    told_to_schools: str
    proposed_at: datetime
    proposed_by_id: int
    proposer: str
    decided_at: datetime | None
    decider: str | None
    decision_note: str
    representations_by: date | None
    representations: str
    represented_at: datetime | None
    answerer: str | None
    review_on: date | None
    invited_on: date | None
    uninvited_because: str

    @property
    def heard_before(self) -> str:
        """Whether the provider was invited before a suspension; empty where that was not asked."""
        return heard_before(self.invited_on, self.uninvited_because)

    @property
    def heard_as_told(self) -> str:
        """The same, said to the provider."""
        return heard_before(self.invited_on, self.uninvited_because, who="You were")

    @property
    def title(self) -> str:
        """'Suspended', 'Removal proposed', 'Removal not approved'."""
        if self.state == "proposed":
            return "Removal proposed"
        return "Removal not approved" if self.state == "returned" else STEP_WORDS[self.step]

    @property
    def cause_words(self) -> str:
        """'A safeguarding concern'."""
        return CAUSES.get(self.cause, self.cause)

    @property
    def may_answer(self) -> bool:
        """Whether the provider can make representations today."""
        return (
            self.represented_at is None
            and self.representations_by is not None
            and clock.today() <= self.representations_by
            and self.state in ("proposed", "made")
        )

    @property
    def heard(self) -> bool:
        """Whether the provider has answered, or its time is over: only then a removal is decided."""
        return self.represented_at is not None or (
            self.representations_by is not None and clock.today() > self.representations_by
        )


def lines() -> Select[Any]:
    """Standings as `StandingLine` reads them."""
    return (
        select(
            Standing.id,
            Standing.state,
            status_on(clock.today()).label("status"),
            Standing.admitted_at,
            Standing.starts_on,
            Standing.ends_on,
            Standing.evidence_until,
            Standing.open_until,
            Standing.provider_id,
            Organisation.name.label("provider_name"),
            Lot.id.label("lot_id"),
            Lot.number,
            Lot.title,
            Framework.title.label("framework_title"),
            Framework.council_id,
            Service.id.label("service_id"),
        )
        .select_from(Standing)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .outerjoin(Service, Service.standing_id == Standing.id)
    )


def of_council(viewer: Actor) -> ColumnElement[bool]:
    """Standings on the lots of the viewer's own council, in a statement over `Framework`."""
    return Framework.council_id == viewer.organisation_id


def register(
    viewer: Actor, *, words: str = "", lot_id: int | None = None, status: str = "", page: int = 1
) -> tuple[list[StandingLine], int]:
    """One page of the standings of the viewer's council, and how many there are. One statement.

    Those that close soonest stand first among the open ones; `status` is a key of `STATUSES`, or `soon` for
    what closes to new children within 30 days.
    """
    today = clock.today()
    statement = lines().add_columns(func.count().over().label("total")).where(of_council(viewer))
    if words.strip():
        statement = statement.where(Organisation.name.icontains(words.strip(), autoescape=True))
    if lot_id is not None:
        statement = statement.where(Lot.id == lot_id)
    if status == "soon":
        days_left = Standing.open_until - today
        statement = statement.where(status_on(today) == "admitted", days_left <= SOON_DAYS)
    elif status:
        statement = statement.where(status_on(today) == status)
    rows = db.session.execute(
        statement.order_by(
            Standing.state == "removed", Standing.open_until, Organisation.name, Lot.position, Standing.id
        )
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return [StandingLine(*row[:-1]) for row in rows], (rows[0].total if rows else 0)


def lots_for(viewer: Actor) -> Sequence[Row[tuple[int, str, str, str]]]:
    """The lots (id, number, title, framework's title) of the viewer's council."""
    return db.session.execute(
        select(Lot.id, Lot.number, Lot.title, Framework.title)
        .join(Framework, Framework.id == Lot.framework_id)
        .where(of_council(viewer))
        .order_by(Framework.title, Lot.framework_id, Lot.position)
    ).all()


def standing_for(viewer: Actor, standing_id: int) -> StandingLine:
    """One standing on a lot of the viewer's council. Raises `NotFound`."""
    row = db.session.execute(lines().where(Standing.id == standing_id, of_council(viewer))).one_or_none()
    if row is None or not viewer.may("standing:read"):
        raise NotFound()
    return StandingLine(*row)


def own_standings(viewer: Actor) -> list[StandingLine]:
    """All standings of the viewer's own organisation, those that are over last. One statement."""
    rows = db.session.execute(
        lines()
        .where(Standing.provider_id == viewer.organisation_id)
        .order_by(
            or_(Standing.state == "removed", Standing.ends_on < clock.today()), Framework.title, Lot.position
        )
    ).all()
    return [StandingLine(*row) for row in rows]


def heard_before(invited_on: date | None, uninvited_because: str, *, who: str = "The provider was") -> str:
    """Whether a provider was invited to say something before it was suspended, as a sentence."""
    if invited_on:
        return f"{who} invited on {uk_date(invited_on)} to say something before this was decided."
    if uninvited_because:
        return f"{who} not invited to say something before this was decided: {uninvited_because}"
    return ""


def _changes() -> Select[Any]:
    return (
        select(
            StandingChange.id,
            StandingChange.standing_id,
            StandingChange.step,
            StandingChange.state,
            StandingChange.cause,
            StandingChange.reason,
            StandingChange.told_to_schools,
            StandingChange.proposed_at,
            StandingChange.proposed_by_id,
            _Proposer.name,
            StandingChange.decided_at,
            _Decider.name,
            StandingChange.decision_note,
            StandingChange.representations_by,
            StandingChange.representations,
            StandingChange.represented_at,
            _Answerer.name,
            StandingChange.review_on,
            StandingChange.invited_on,
            StandingChange.uninvited_because,
        )
        .join(_Proposer, _Proposer.id == StandingChange.proposed_by_id)
        .outerjoin(_Decider, _Decider.id == StandingChange.decided_by_id)
        .outerjoin(_Answerer, _Answerer.id == StandingChange.represented_by_id)
    )


def changes_of(standing_ids: Sequence[int]) -> list[Change]:
    """The changes to these standings, the newest first; the caller has checked who may read them."""
    rows = db.session.execute(
        _changes()
        .where(StandingChange.standing_id.in_(standing_ids))
        .order_by(StandingChange.proposed_at.desc(), StandingChange.id.desc())
    )
    return [Change(*row) for row in rows]


def lapses_of(standing_id: int) -> Sequence[Row[tuple[date, datetime]]]:
    """When a standing closed to new children by itself: after which day (`open_until`), and when that was
    noted and schools with a child there were told (`told_at`); the newest first. The caller has checked who
    may read it."""
    return db.session.execute(
        select(StandingLapse.open_until, StandingLapse.told_at)
        .where(StandingLapse.standing_id == standing_id)
        .order_by(StandingLapse.open_until.desc())
    ).all()


def change_for(viewer: Actor, change_id: int) -> tuple[Change, StandingLine]:
    """A change with its standing: for the standing's council, and for its provider. Raises `NotFound`."""
    row = db.session.execute(_changes().where(StandingChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFound()
    change = Change(*row)
    if viewer.organisation_kind == "council":
        return change, standing_for(viewer, change.standing_id)
    found = db.session.execute(
        lines().where(Standing.id == change.standing_id, Standing.provider_id == viewer.organisation_id)
    ).one_or_none()
    if found is None or not viewer.may("standing:follow"):
        raise NotFound()
    return change, StandingLine(*found)


def words_for_schools(standing_id: int, move: str) -> str:
    """What the change behind a move of the directory's says to schools; empty where it says nothing.

    It is the newest of its kind that was made. A removal was proposed before it is made: what was proposed or
    made meanwhile says nothing about it.
    """
    steps = [step for step, moves in MOVES_OF.items() if move in moves and step != "keep"]
    made = (
        select(StandingChange.told_to_schools)
        .where(StandingChange.standing_id == standing_id, StandingChange.state == "made")
        .where(StandingChange.step.in_(steps))
        .order_by(StandingChange.decided_at.desc(), StandingChange.id.desc())
        .limit(1)
    )
    return db.session.scalar(made) or ""
