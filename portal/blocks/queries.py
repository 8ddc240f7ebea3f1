"""Reading block purchases: the buyer and the provider, and whoever may take a place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.blocks.lifecycle import BLOCK
from portal.blocks.models import PlaceBlock
from portal.blocks.terms import PlacesAtAPrice
from portal.call_offs.bought import Bought
from portal.call_offs.models import CallOff
from portal.call_offs.queries import readable_by as choice_readable_by
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound
from portal.tasks import Task
from portal.web.filters import plural

PAGE_SIZE = 20
_Buyer = aliased(Organisation)
_Provider = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class Block(PlacesAtAPrice):
    """A block purchase with how many of its places are taken today."""

    id: int
    buyer_id: int
    buyer: str
    buyer_kind: str
    provider_id: int
    provider: str
    service_id: int
    service: str
    state: str
    places: int
    taken: int
    sessions: list[str]
    starts_on: date
    ends_on: date
    price: Decimal
    price_unit: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    answered_at: datetime | None
    answer: str
    closed_at: datetime | None
    close_reason: str

    @property
    def free(self) -> int:
        """How many places are free today."""
        return max(self.places - self.taken, 0)

    @property
    def running(self) -> bool:
        """Whether places can be taken from it today."""
        return self.state == "agreed" and self.ends_on >= clock.today()


def block_for(viewer: Actor, block_id: int) -> Block:
    """A purchase that the viewer's organisation made or was asked for. Raises `NotFound`."""
    row = db.session.execute(_blocks().where(PlaceBlock.id == block_id, _readable_by(viewer))).one_or_none()
    if row is None:
        raise NotFound()
    return Block(*row)


def blocks_for(viewer: Actor, page: int) -> tuple[list[Block], int]:
    """A page of them, those without an answer first, then the newest."""
    rows = db.session.execute(
        _blocks()
        .add_columns(func.count().over())
        .where(_readable_by(viewer))
        .order_by(PlaceBlock.state != "proposed", PlaceBlock.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return [Block(*row[:-1]) for row in rows], (rows[0][-1] if rows else 0)


def moves_open_to(viewer: Actor, block: Block) -> frozenset[str]:
    """The moves that the viewer can make with it."""
    own: set[str] = set()
    if viewer.may("block:buy") and block.buyer_id == viewer.organisation_id:
        own |= {"withdraw", "end"}
    if viewer.may("block:answer") and block.provider_id == viewer.organisation_id:
        own |= {"agree", "refuse"}
    return BLOCK.open_from(block.state) & own


def open_to(viewer: Actor, service_id: int) -> list[Block]:
    """Purchases of a service from which the viewer's school can place a child today: its own, its trust's,
    and the council's, with a free place."""
    mine = select(Organisation.group_id).where(Organisation.id == viewer.organisation_id)
    may_take = or_(
        PlaceBlock.buyer_id == viewer.organisation_id,
        PlaceBlock.buyer_id.in_(mine),
        _Buyer.kind == "council",
    )
    rows = db.session.execute(
        _blocks()
        .where(PlaceBlock.service_id == service_id, PlaceBlock.state == "agreed", may_take)
        .where(PlaceBlock.ends_on >= clock.today())
        .order_by(PlaceBlock.ends_on, PlaceBlock.id)
    ).all()
    return [block for block in (Block(*row) for row in rows) if block.free]


def bought_for(viewer: Actor, call_off_id: int) -> Bought | None:
    """The purchase from which a choice that the viewer may read takes its place; None by any other route."""
    row = db.session.execute(
        select(
            PlaceBlock.id,
            _Buyer.name,
            PlaceBlock.sessions,
            PlaceBlock.starts_on,
            PlaceBlock.ends_on,
            PlaceBlock.price,
            PlaceBlock.price_unit,
        )
        .join(CallOff, CallOff.block_id == PlaceBlock.id)
        .join(_Buyer, _Buyer.id == PlaceBlock.buyer_id)
        .where(CallOff.id == call_off_id, choice_readable_by(viewer))
    ).one_or_none()
    return Bought(*row) if row else None


def children_in(block: Block) -> Sequence[Row[Any]]:
    """Who takes its places (school, chosen_at, until), the newest first. No child is told."""
    return db.session.execute(
        select(Organisation.name.label("school"), CallOff.chosen_at, CallOff.block_until.label("until"))
        .join(Organisation, Organisation.id == CallOff.school_id)
        .where(CallOff.block_id == block.id, CallOff.state == "chosen")
        .order_by(CallOff.chosen_at.desc())
        .limit(99)
    ).all()


def taken_today(block_id: ColumnElement[int] | int) -> ColumnElement[int]:
    """SQL for how many places of a purchase are taken today."""
    return (
        select(func.count())
        .where(CallOff.block_id == block_id, CallOff.state == "chosen")
        .where(or_(CallOff.block_until.is_(None), CallOff.block_until >= clock.today()))
        .scalar_subquery()
    )


def waiting_rows(viewer: Actor) -> Select[Any] | None:
    """Purchases that wait for the viewer's provider, for whoever reads them together with something else."""
    if not viewer.may("block:answer"):
        return None
    return (
        select(PlaceBlock.id, PlaceBlock.places, Service.title, Organisation.name.label("buyer"))
        .join(Service, Service.id == PlaceBlock.service_id)
        .join(Organisation, Organisation.id == PlaceBlock.buyer_id)
        .where(PlaceBlock.provider_id == viewer.organisation_id, PlaceBlock.state == "proposed")
        .order_by(PlaceBlock.id)
        .limit(10)
    )


def waiting_tasks(rows: Iterable[Mapping[str, Any]]) -> list[Task]:
    """What a home page says of the rows of `waiting_rows`."""
    return [
        Task(
            sentence=f"{row['buyer']} wants to buy {plural(row['places'], 'place')} of {row['title']} in"
            " advance.",
            verb="Read and answer",
            endpoint="blocks.show",
            values={"block_id": row["id"]},
        )
        for row in rows
    ]


def _readable_by(viewer: Actor) -> ColumnElement[bool]:
    mine: list[ColumnElement[bool]] = []
    if viewer.may("block:buy"):
        mine.append(PlaceBlock.buyer_id == viewer.organisation_id)
    if viewer.may("block:answer"):
        mine.append(PlaceBlock.provider_id == viewer.organisation_id)
    return or_(*mine) if mine else false()


def _blocks() -> Select[Any]:
    return (
        select(
            PlaceBlock.id,
            PlaceBlock.buyer_id,
            _Buyer.name,
            _Buyer.kind,
            PlaceBlock.provider_id,
            _Provider.name,
            PlaceBlock.service_id,
            Service.title,
            PlaceBlock.state,
            PlaceBlock.places,
            taken_today(PlaceBlock.id),
            PlaceBlock.sessions,
            PlaceBlock.starts_on,
            PlaceBlock.ends_on,
            PlaceBlock.price,
            PlaceBlock.price_unit,
            PlaceBlock.reason,
            PlaceBlock.proposed_at,
            Person.name,
            PlaceBlock.answered_at,
            PlaceBlock.answer,
            PlaceBlock.closed_at,
            PlaceBlock.close_reason,
        )
        .join(_Buyer, _Buyer.id == PlaceBlock.buyer_id)
        .join(_Provider, _Provider.id == PlaceBlock.provider_id)
        .join(Service, Service.id == PlaceBlock.service_id)
        .join(Person, Person.id == PlaceBlock.proposed_by_id)
    )
