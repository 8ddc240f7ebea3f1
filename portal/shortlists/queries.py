"""Reading shortlists: the people of the school that keeps them, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.queries import live_condition
from portal.errors import NotFound
from portal.lifecycle import MoveRefused
from portal.shortlists.evidence import record_of, written
from portal.shortlists.lifecycle import SHORTLIST
from portal.shortlists.models import Shortlist, ShortlistChoice
from portal.tasks import GoingOn, Waiting
from portal.web.filters import plural, uk_date

PAGE_SIZE = 20
_MOST_LISTED = 5
_AT_A_GLANCE = ("Where", "Places", "Price", "Admitted")


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service of a shortlist: what was found, and what the school decided on it (None: nothing yet).

    `live` says whether it takes new children today, whatever it was when it was found.
    """

    place: int
    found: dict[str, Any]
    verdict: str | None
    reason: str
    live: bool

    @property
    def service_id(self) -> int:
        """The service in the register."""
        return int(self.found["service_id"])

    @property
    def provider_id(self) -> int:
        """Its provider."""
        return int(self.found["provider_id"])

    @property
    def at_a_glance(self) -> list[list[str]]:
        """The lines that most decisions rest on."""
        return [line for line in self.found["facts"] if line[0] in _AT_A_GLANCE]

    @property
    def name(self) -> str:
        """'Copper Kettle Kitchen, Cookery'."""
        return f"{self.found['provider']}, {self.found['title']}"


@dataclass(frozen=True, slots=True)
class ShortlistFacts:
    """A shortlist with all that its school may read, in the order of the list."""

    id: int
    school_id: int
    label: str
    state: str
    version: int
    address: str
    found: dict[str, Any]
    sha256: str
    frozen_at: datetime
    closed_at: datetime | None
    closed_by_name: str
    closed_sha256: str | None
    listed: tuple[ListedService, ...]

    @property
    def name(self) -> str:
        """Its label, else the day on which it was kept."""
        return self.label or f"Search of {uk_date(self.frozen_at)}"

    @property
    def kept(self) -> tuple[ListedService, ...]:
        """What the school goes on with."""
        return tuple(each for each in self.listed if each.verdict == "kept")

    @property
    def left_out(self) -> tuple[ListedService, ...]:
        """What it does not, with the reasons."""
        return tuple(each for each in self.listed if each.verdict == "left_out")

    @property
    def undecided(self) -> tuple[ListedService, ...]:
        """What keeps it from being signed."""
        return tuple(each for each in self.listed if each.verdict is None)

    @property
    def not_listed(self) -> int:
        """How many more services were found than are kept in the list."""
        return int(self.found["total"]) - len(self.listed)

    def record(self) -> bytes:
        """The file of a signed shortlist, whose SHA-256 is `closed_sha256`. Raises `NotFound` for a draft."""
        if self.closed_at is None:
            raise NotFound()
        said = record_of(
            self.found,
            label=self.label,
            choices=[(each.place, each.verdict or "", each.reason) for each in self.listed],
            signed_by=self.closed_by_name,
            signed_at=self.closed_at,
        )
        return written(said)


def shortlist_for(viewer: Actor, shortlist_id: int) -> ShortlistFacts:
    """One shortlist of the viewer's school. Two statements. Raises `NotFound`."""
    row = db.session.execute(
        select(
            *(getattr(Shortlist, name) for name in ShortlistFacts.__dataclass_fields__ if name != "listed")
        ).where(Shortlist.id == shortlist_id, Shortlist.school_id == viewer.organisation_id)
    ).one_or_none()
    if row is None or not viewer.may("shortlist:read"):
        raise NotFound()
    entries = row.found["entries"]
    choices = db.session.execute(
        select(
            *(ShortlistChoice.place, ShortlistChoice.verdict, ShortlistChoice.reason),
            live_condition(clock.today()),
        )
        .join(Service, Service.id == ShortlistChoice.service_id)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .where(ShortlistChoice.shortlist_id == shortlist_id)
        .order_by(ShortlistChoice.place)
    )
    listed = tuple(ListedService(place, entries[place - 1], *decided) for place, *decided in choices)
    return ShortlistFacts(*row, listed)


def draft_for(viewer: Actor, shortlist_id: int) -> ShortlistFacts:
    """One that the viewer can still change. Raises `NotFound`, and `MoveRefused` when it is signed."""
    shortlist = shortlist_for(viewer, shortlist_id)
    if not viewer.may("shortlist:keep"):
        raise NotFound()
    if not SHORTLIST.allows("close", shortlist.state):
        raise MoveRefused(SHORTLIST["close"].refusal)
    return shortlist


def signed_for(viewer: Actor, shortlist_id: int) -> ShortlistFacts:
    """One that is evidence. Raises `NotFound` for a draft too."""
    shortlist = shortlist_for(viewer, shortlist_id)
    if shortlist.closed_at is None:
        raise NotFound()
    return shortlist


def shortlists_of(viewer: Actor, page: int) -> tuple[Sequence[Row[Any]], int]:
    """A page of the viewer's school's shortlists, and how many in all. Drafts first, then the newest.

    Columns: id, label, state, frozen_at, frozen_by, closed_at, closed_by_name, listed, kept, left_out.
    """
    if not viewer.may("shortlist:read"):
        return (), 0
    decided = (
        select(
            func.count().label("listed"),
            func.count(case((ShortlistChoice.verdict == "kept", 1))).label("kept"),
            func.count(case((ShortlistChoice.verdict == "left_out", 1))).label("left_out"),
        )
        .where(ShortlistChoice.shortlist_id == Shortlist.id)
        .lateral()
    )
    own = Shortlist.school_id == viewer.organisation_id
    rows = db.session.execute(
        select(
            *(Shortlist.id, Shortlist.label, Shortlist.state, Shortlist.frozen_at),
            Shortlist.found["frozen_by"].astext.label("frozen_by"),
            *(Shortlist.closed_at, Shortlist.closed_by_name),
            *(decided.c.listed, decided.c.kept, decided.c.left_out),
            func.count().over().label("total"),
        )
        .join(decided, decided.c.listed >= 0)
        .where(own)
        .order_by(Shortlist.state.desc(), Shortlist.frozen_at.desc(), Shortlist.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    if rows or page == 1:
        return rows, rows[0].total if rows else 0
    return rows, db.session.scalar(select(func.count()).select_from(Shortlist).where(own)) or 0


def waiting_for(viewer: Actor) -> Waiting:
    """Drafts of the viewer's school: nobody waits for them, but unsigned they are no evidence."""
    if not viewer.may("shortlist:keep"):
        return Waiting()
    undecided = (
        select(func.count())
        .where(ShortlistChoice.shortlist_id == Shortlist.id, ShortlistChoice.verdict.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Shortlist.id, Shortlist.label, Shortlist.frozen_at, undecided.label("undecided"))
        .where(Shortlist.school_id == viewer.organisation_id, Shortlist.state == "draft")
        .order_by(Shortlist.frozen_at.desc(), Shortlist.id.desc())
        .limit(_MOST_LISTED)
    ).all()
    return Waiting(
        going_on=tuple(
            GoingOn(
                sentence=f"Shortlist: {row.label or f'search of {uk_date(row.frozen_at)}'}",
                state="not signed",
                endpoint="shortlists.show",
                values={"shortlist_id": row.id},
                detail=f"{plural(row.undecided, 'service')} to decide on."
                if row.undecided
                else "Everything is decided: you can sign it.",
            )
            for row in rows
        )
    )
