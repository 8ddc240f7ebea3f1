"""What waits at the home page about services: for who checks pages, and for a provider with its standings.

A provider's services, the pages that were sent back and what it can answer about its standings come from one
statement: its home page tells of every noun, and most of them have something to say to a provider.
"""

from collections.abc import Iterator

from sqlalchemy import and_, or_

from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_select
from portal.directory.models import Service, Standing
from portal.directory.statuses import STATUSES, status_on
from portal.provision.models import Proposal
from portal.provision.queries import numbers_waiting
from portal.standings.models import StandingChange
from portal.standings.waiting_queries import answer_task, answerable, closed_task
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date


def waiting_for(viewer: Actor) -> Waiting:
    """For the council: pages to check, and changes to read. For providers: answers, closings, pages that were
    sent back, stale places."""
    if viewer.may("service:check"):
        return Waiting(now=tuple(_to_check(*numbers_waiting(viewer))))
    if viewer.organisation_kind == "provider" and viewer.may("standing:follow"):
        return _for_provider(viewer)
    return Waiting()


def _to_check(pages: int, changes: int) -> Iterator[Task]:
    if pages:
        words = f"{plural(pages, 'service page waits', 'service pages wait')} for your check."
        yield Task(words, "Check them", "service_checks.index")
    if changes:
        words = f"{plural(changes, 'part', 'parts')} of service pages changed without a check."
        yield Task(words, "Read what schools read now", "service_checks.own_words")


def _for_provider(viewer: Actor) -> Waiting:
    today = clock.today()
    rows = db.session.execute(
        entries_select()
        .add_columns(
            status_on(today).label("status"),
            Proposal.id.label("returned"),
            StandingChange.id.label("change_id"),
            StandingChange.state.label("change_state"),
            StandingChange.representations_by,
        )
        .outerjoin(
            Proposal,
            and_(Proposal.service_id == Service.id, Proposal.state == "draft", Proposal.reason != ""),
        )
        .outerjoin(StandingChange, answerable(today))
        .where(Service.provider_id == viewer.organisation_id)
        .where(or_(Standing.state != "removed", StandingChange.id.is_not(None)))
        .order_by(Service.id, StandingChange.id)
    ).all()
    services = {row.id: ServiceEntry(*row[:-5]) for row in rows}
    statuses = {row.id: row.status for row in rows}
    now = [
        answer_task(viewer, *row[-3:], lot_number=row.lot_number) for row in rows if row.change_id is not None
    ]
    now += [closed_task(s) for s in services.values() if statuses[s.id] == "evidence_expired"]
    if viewer.may("service:edit"):
        returned = {row.id for row in rows if row.returned is not None}
        now += [_returned_task(s) for s in services.values() if s.live and s.id in returned]
        now += [_places_task(s) for s in services.values() if s.live and s.places_stale]
    return Waiting(
        now=tuple(now),
        going_on=tuple(_line(viewer, s, statuses[s.id]) for s in services.values() if s.state != "removed"),
    )


def _returned_task(service: ServiceEntry) -> Task:
    return Task(
        sentence=f"The council sent your page {service.title} back.",
        verb="Read why and change it",
        endpoint="provision.show",
        values={"service_id": service.id},
    )


def _places_task(service: ServiceEntry) -> Task:
    confirmed = service.places_confirmed_at
    return Task(
        sentence=f"Schools cannot rely on the places shown for {service.title} (lot {service.lot_number}).",
        verb="Confirm your free places",
        endpoint="provision.places",
        values={"service_id": service.id},
        detail=f"Last confirmed on {uk_date(confirmed)}." if confirmed else "They were never confirmed.",
    )


def _line(viewer: Actor, service: ServiceEntry, status: str) -> GoingOn:
    """A service with where it stands; a suspended one leads to why, and so does each for who edits none."""
    sentence = f"{service.title}, lot {service.lot_number}: {service.lot_title}"
    state = "in the directory" if status == "admitted" else STATUSES[status].words.lower()
    if service.state.startswith("suspended") or not viewer.may("service:edit"):
        return GoingOn(sentence, state, "own_standing.show")
    return GoingOn(sentence, state, "directory.show", {"service_id": service.id})
