"""Reading saved searches, services side by side, and unmet need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping, func, select

from portal.accounts.access import Actor
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import Service
from portal.errors import NotFound
from portal.finding.criteria import in_words
from portal.finding.models import DeclinedNeed, SavedSearch, UnmetNeed
from tender.frameworks.models import Lot

MOST_COMPARED = 4
MOST_DECLINED = 100  # kinds of declined need on a page


def saved_searches_of(viewer: Actor) -> Sequence[RowMapping]:
    """The viewer's own, the newest first."""
    return (
        db.session.execute(
            select(
                SavedSearch.id,
                SavedSearch.name,
                SavedSearch.address,
                SavedSearch.alerts,
                SavedSearch.saved_at,
            )
            .where(SavedSearch.person_id == viewer.person_id)
            .order_by(SavedSearch.saved_at.desc(), SavedSearch.id.desc())
        )
        .mappings()
        .all()
    )


def saved_search_for(viewer: Actor, search_id: int) -> SavedSearch:
    """One of the viewer's own. Raises `NotFound`."""
    saved = db.session.get(SavedSearch, search_id)
    if saved is None or saved.person_id != viewer.person_id:
        raise NotFound()
    return saved


def side_by_side(service_ids: Sequence[int]) -> list[ServiceEntry]:
    """The live ones of the first MOST_COMPARED services, in the order in which they were chosen."""
    chosen = list(dict.fromkeys(service_ids))[:MOST_COMPARED]
    found = {s.id: s for s in entries_where(Service.id.in_(chosen)) if s.live}
    return [found[service_id] for service_id in chosen if service_id in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was looked for in vain: choice by choice, how often since `since`, and when last."""

    choices: list[str]
    searches: int
    last_on: date


def unmet_need(since: date, *, size: int, skip: int = 0) -> tuple[list[Wanted], int]:
    """What was looked for in vain since a day, the most frequent first, and how many kinds of search."""
    rows = db.session.execute(
        select(
            UnmetNeed.looked_for,
            func.sum(UnmetNeed.searches),
            func.max(UnmetNeed.searched_on),
            func.count().over(),
        )
        .where(UnmetNeed.searched_on >= since)
        .group_by(UnmetNeed.looked_for)
        .order_by(
            func.sum(UnmetNeed.searches).desc(), func.max(UnmetNeed.searched_on).desc(), UnmetNeed.looked_for
        )
        .limit(size)
        .offset(skip)
    ).all()
    asked = {lot for row in rows for lot in row[0].get("lot_ids", ())}
    lots = db.session.execute(select(Lot.id, Lot.number, Lot.title).where(Lot.id.in_(asked))) if asked else ()
    names = {lot_id: f"Lot {number}, {title}" for lot_id, number, title in lots}
    wanted = [Wanted(in_words(said, names) or ["Any service"], int(n), last) for said, n, last, _ in rows]
    return wanted, (rows[0][3] if rows else 0)


def declined_needs(since: date) -> Sequence[RowMapping]:
    """What everybody who was asked has declined since a day and nobody has met, by key stage, needs and area.

    Columns: key_stage, needs, area, children, asked (providers), days_a_week (all of them), last_on. The most
    children first.
    """
    alike = (DeclinedNeed.key_stage, DeclinedNeed.needs, DeclinedNeed.area)
    children, last_on = func.count().label("children"), func.max(DeclinedNeed.noted_on).label("last_on")
    return (
        db.session.execute(
            select(
                *alike,
                children,
                func.sum(DeclinedNeed.asked).label("asked"),
                func.sum(DeclinedNeed.days_a_week).label("days_a_week"),
                last_on,
            )
            .where(DeclinedNeed.noted_on >= since, DeclinedNeed.met_on.is_(None))
            .group_by(*alike)
            .order_by(children.desc(), last_on.desc(), *alike)
            .limit(MOST_DECLINED)
        )
        .mappings()
        .all()
    )
