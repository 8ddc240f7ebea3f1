"""Saving and removing searches, writing of what is new for them, and keeping unmet need."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.queries import search
from portal.directory.search import LONGEST_ADDRESS, SearchCriteria
from portal.errors import NotFound, Refusal
from portal.finding.criteria import kept, search_from, without_persons
from portal.finding.letters import tell_of_new
from portal.finding.models import DeclinedNeed, SavedSearch, Seeker, Told, UnmetNeed
from portal.worker import HOUR, Job

MOST_SAVED = 50  # searches of one person
MOST_LOOKED_AT = 1_000  # services that fit one search
A_ROUND = 100  # searches looked at in one round of the worker
LONGEST_NAME = 100


def save_search(*, name: str, address: str, criteria: SearchCriteria, alerts: bool, by: Actor) -> SavedSearch:
    """Keep a search. With `alerts` letters name what fits later; what fits today is known.

    Raises `NotFound` for people who may not search, and `Refusal` without a name, for a name or words that
    could say who a child is (the name goes into letters), and with too many searches.
    """
    if not by.may("directory:search") or by.person_id is None or by.organisation_id is None:
        raise NotFound()
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Refusal(f"Give the search a name of 1 to {LONGEST_NAME} characters.", field="name")
    if problem := identifier_in(name, because="The name stands in e-mails."):
        raise Refusal(problem, field="name")
    if problem := identifier_in(criteria.words, because="A saved search is kept. Search again without it."):
        raise Refusal(problem)
    if len(address) > LONGEST_ADDRESS:
        raise Refusal("This search has too many choices to be saved. Take some out.")
    with transaction() as session:
        held = session.scalar(
            select(func.count()).select_from(SavedSearch).where(SavedSearch.person_id == by.person_id)
        )
        if (held or 0) >= MOST_SAVED:
            raise Refusal(f"You have {MOST_SAVED} saved searches. Remove one before you save another.")
        now = clock.now()
        saved = SavedSearch(
            person_id=by.person_id,
            organisation_id=by.organisation_id,
            name=name.strip(),
            address=address,
            criteria=kept(criteria),
            alerts=alerts,
            saved_at=now,
            looked_at=now,
        )
        session.add(saved)
        session.flush()
        _remember(saved.id, (hit.service.id for hit in search(_all(criteria)).hits), at=now)
        record("saved_search.save", "saved_search", saved.id, by=by, alerts=alerts)
    return saved


def remove_search(*, search_id: int, by: Actor) -> None:
    """Forget a search of one's own. Raises `NotFound`."""
    with transaction() as session:
        saved = session.get(SavedSearch, search_id, with_for_update=True)
        if saved is None or saved.person_id != by.person_id:
            raise NotFound()
        session.delete(saved)
        record("saved_search.remove", "saved_search", search_id, by=by)


def erase_searches_of(person_id: int) -> None:
    """Forget what a person whose data goes has looked for."""
    with transaction() as session:
        session.execute(delete(SavedSearch).where(SavedSearch.person_id == person_id))


def tell_what_is_new(*, portal_url: str, by: Doer) -> int:
    """Look at the saved searches that were looked at longest ago; return how many letters were written.

    A service is named once while it fits, and again when it fits again after it did not: it has a place once
    more, or is back from a suspension. Each search brings one letter a day at most, so what comes and goes is
    named tomorrow if it still fits. Whoever may no longer search for that organisation is written to no more.
    """
    written = 0
    with transaction() as session:
        due = session.scalars(
            select(SavedSearch)
            .where(SavedSearch.alerts)
            .order_by(SavedSearch.looked_at, SavedSearch.id)
            .limit(A_ROUND)
            .with_for_update(skip_locked=True)
        ).all()
        for saved in due:
            written += _tell(saved, portal_url, by)
    return written


def _tell(saved: SavedSearch, portal_url: str, by: Doer) -> bool:
    saved.looked_at = clock.now()
    known = set(db.session.scalars(select(Told.service_id).where(Told.saved_search_id == saved.id)))
    result = search(_all(search_from(saved.criteria, clock.today())))
    fitting = {hit.service.id for hit in result.hits}
    if len(fitting) == result.total:  # else those beyond the bound may fit too
        _forget(saved.id, known - fitting)
    new = fitting - known
    if not new:
        return False
    for person in members_with_permission(saved.organisation_id, "directory:search"):
        if person["person_id"] == saved.person_id:
            written = tell_of_new(
                search_id=saved.id,
                name=saved.name,
                number=len(new),
                person_id=saved.person_id,
                to_name=person["name"],
                to_address=person["email"],
                organisation_id=saved.organisation_id,
                portal_url=portal_url,
                by=by,
            )
            if written:
                _remember(saved.id, new, at=saved.looked_at)
            return written
    return False


def _all(criteria: SearchCriteria) -> SearchCriteria:
    """The search with all that fits on one page."""
    return criteria.but(page=1, size=MOST_LOOKED_AT)


def _forget(search_id: int, service_ids: Collection[int]) -> None:
    if service_ids:
        db.session.execute(
            delete(Told).where(Told.saved_search_id == search_id, Told.service_id.in_(service_ids))
        )


def _remember(search_id: int, service_ids: Iterable[int], *, at: datetime) -> None:
    rows = [{"saved_search_id": search_id, "service_id": id, "told_at": at} for id in service_ids]
    if rows:
        db.session.execute(insert(Told).on_conflict_do_nothing(), rows)


def note_unmet_need(criteria: SearchCriteria, organisation_id: int) -> None:
    """Count a search that found nothing, once a day for each organisation, however often its people read the
    page. Which organisations were counted is known for that day alone (`forget_who_searched`)."""
    with transaction() as session:
        # A search that is known already is written once more as it is, so that its row is locked and given.
        wanted = (
            insert(UnmetNeed)
            .values(searched_on=criteria.today, looked_for=without_persons(criteria), searches=1)
            .on_conflict_do_update(
                index_elements=["searched_on", "looked_for"], set_={"searches": UnmetNeed.searches}
            )
            .returning(UnmetNeed.id, literal_column("xmax = 0"))
        )
        need_id, is_first = session.execute(wanted).one()
        counted = (
            insert(Seeker)
            .values(unmet_need_id=need_id, organisation_id=organisation_id)
            .on_conflict_do_nothing()
            .returning(Seeker.unmet_need_id)
            .cte()
        )
        session.execute(
            update(UnmetNeed)
            .where(UnmetNeed.id.in_(select(counted.c.unmet_need_id)), literal(not is_first))
            .values(searches=UnmetNeed.searches + 1)
            .execution_options(synchronize_session=False)
        )


def forget_who_searched() -> int:
    """Forget which organisations searched in vain before today; return how many lines went."""
    with transaction() as session:
        before = select(UnmetNeed.id).where(UnmetNeed.searched_on < clock.today())
        return session.execute(delete(Seeker).where(Seeker.unmet_need_id.in_(before))).rowcount


def note_declined(need: DeclinedNeed) -> None:
    """Keep a need that everybody who was asked has declined; asked again in vain, it counts them anew.

    Inside the caller's transaction.
    """
    session = db.session()
    known = session.get(DeclinedNeed, need.request_id, with_for_update=True)
    if known is None:
        session.add(need)
    else:
        known.asked, known.met_on = need.asked, None


def note_met(request_id: UUID) -> None:
    """A need that was kept, if it was, is met after all. Inside the caller's transaction."""
    db.session.execute(
        update(DeclinedNeed)
        .where(DeclinedNeed.request_id == request_id, DeclinedNeed.met_on.is_(None))
        .values(met_on=clock.today())
    )


def erase_declined_need(need_id: int, *, by: Doer) -> None:
    """Let a need go that nobody met. Raises `NotFound`."""
    with transaction() as session:
        found = session.execute(delete(DeclinedNeed).where(DeclinedNeed.id == need_id))
        if not found.rowcount:
            raise NotFound()
        record("declined_need.erase", "declined_need", need_id, by=by)


FORGETTING = Job(
    "forget who searched in vain", lambda settings, by: forget_who_searched(), pause=HOUR, delay=240
)
ALERTS = Job(
    "tell what is new for saved searches",
    lambda settings, by: tell_what_is_new(portal_url=settings.public_url, by=by),
    pause=HOUR / 4,
    delay=180,
)
