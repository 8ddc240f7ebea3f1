"""Reading saved searches, services side by side, and unmet need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import Service, Standing
from portal.directory.queries import live_condition, numbers_found
from portal.errors import NotFound
from portal.finding.criteria import in_words, search_from
from portal.finding.models import DeclinedNeed, SavedSearch, Told, UnmetNeed
from tender.frameworks.models import Lot

MOST_COMPARED = 4
MOST_NEW = 10  # services that a saved search names as new
NEW_FOR = timedelta(days=14)
_WORDS_ALONE = {"with_words": True}  # as `without_persons` keeps it
MOST_DECLINED = 100  # kinds of declined need on a page


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search with its choices in words, how many services it finds now, and those of which a letter
    has told in the last NEW_FOR: (service, its provider and title, when)."""

    id: int
    name: str
    address: str
    alerts: bool
    saved_at: datetime
    choices: list[str]
    found: int
    new: list[tuple[int, str, datetime]]


def saved_searches_of(viewer: Actor) -> list[Saved]:
    """The viewer's own, the newest first. Four statements however many they are."""
    rows = db.session.execute(
        select(
            *(getattr(SavedSearch, name) for name in ("id", "name", "address", "alerts", "saved_at")),
            SavedSearch.criteria,
        )
        .where(SavedSearch.person_id == viewer.person_id)
        .order_by(SavedSearch.saved_at.desc(), SavedSearch.id.desc())
    ).all()
    names = _lot_names(lot for row in rows for lot in row.criteria.get("lot_ids") or ())
    found = numbers_found([search_from(row.criteria, clock.today()) for row in rows])
    new = _new_for([row.id for row in rows])
    return [
        Saved(*row[:-1], in_words(row.criteria, names), number, new[row.id])
        for row, number in zip(rows, found, strict=True)
    ]


def _new_for(search_ids: Sequence[int]) -> dict[int, list[tuple[int, str, datetime]]]:
    """What letters have told of these searches lately, the newest first: at most MOST_NEW of each, and only
    what takes new children today."""
    place = func.row_number().over(
        partition_by=Told.saved_search_id, order_by=(Told.told_at.desc(), Told.service_id)
    )
    called = Organisation.name + ", " + Service.title
    told = (
        select(Told.saved_search_id, Told.service_id, called, Told.told_at, place.label("place"))
        .join(SavedSearch, SavedSearch.id == Told.saved_search_id)
        .join(Service, Service.id == Told.service_id)
        .join(Standing, Standing.id == Service.standing_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Told.saved_search_id.in_(search_ids), Told.told_at > SavedSearch.saved_at)
        .where(Told.told_at >= clock.now() - NEW_FOR, live_condition(clock.today()))
        .subquery()
    )
    new: dict[int, list[tuple[int, str, datetime]]] = {search_id: [] for search_id in search_ids}
    for search_id, *service in db.session.execute(
        select(*(column for column in told.c if column is not told.c.place))
        .where(told.c.place <= MOST_NEW)
        .order_by(told.c.place)
    ):
        new[search_id].append(tuple(service))
    return new


def _lot_names(lot_ids: Iterable[int]) -> dict[int, str]:
    """'Lot 3, Construction' by id."""
    asked = set(lot_ids)
    lots = db.session.execute(select(Lot.id, Lot.number, Lot.title).where(Lot.id.in_(asked)))
    return {lot_id: f"Lot {number}, {title}" for lot_id, number, title in lots}


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
    """What was looked for in vain: choice by choice, how often (once a day for each organisation), and when
    last."""

    choices: list[str]
    searches: int
    last_on: date


def unmet_need(since: date, until: date, *, size: int, skip: int = 0) -> tuple[list[Wanted], int]:
    """What was looked for in vain in a period, the most frequent first, and how many kinds of search.

    Searches by words alone that name no choice say nothing of a need: `searches_by_words` counts them.
    """
    rows = db.session.execute(
        select(
            UnmetNeed.looked_for,
            func.sum(UnmetNeed.searches),
            func.max(UnmetNeed.searched_on),
            func.count().over(),
        )
        .where(UnmetNeed.searched_on.between(since, until), UnmetNeed.looked_for != _WORDS_ALONE)
        .group_by(UnmetNeed.looked_for)
        .order_by(
            func.sum(UnmetNeed.searches).desc(), func.max(UnmetNeed.searched_on).desc(), UnmetNeed.looked_for
        )
        .limit(size)
        .offset(skip)
    ).all()
    names = _lot_names(lot for row in rows for lot in row[0].get("lot_ids", ()))
    wanted = [Wanted(in_words(said, names) or ["Any service"], int(n), last) for said, n, last, _ in rows]
    return wanted, (rows[0][3] if rows else 0)


def searches_by_words(since: date, until: date) -> int:
    """How many searches in a period found nothing and had nothing but words, which are not kept."""
    number = select(func.sum(UnmetNeed.searches)).where(
        UnmetNeed.searched_on.between(since, until), UnmetNeed.looked_for == _WORDS_ALONE
    )
    return int(db.session.scalar(number) or 0)


def declined_needs(since: date, until: date, *, most: int = MOST_DECLINED) -> Sequence[RowMapping]:
    """What everybody who was asked has declined in a period and nobody has met, by key stage, needs and area.

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
            .where(DeclinedNeed.noted_on.between(since, until), DeclinedNeed.met_on.is_(None))
            .group_by(*alike)
            .order_by(children.desc(), last_on.desc(), *alike)
            .limit(most)
        )
        .mappings()
        .all()
    )
