"""Who could compete for a child: whoever was asked and has not answered, and who fits best by the search."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs.queries import lots_that_open
from portal.commissioning.fitting import fits_of_need
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.requests import key_stage_of
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.fitting import Sentences
from portal.directory.models import Service, Standing
from portal.directory.postcodes import locate, miles
from portal.directory.queries import search
from portal.directory.search import SearchCriteria

OFFERED = 12
"""So many are offered to choose from, besides those that were asked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service that may be invited, and where it does not fit. `asked`: the child's referral lies there
    without an answer."""

    service: ServiceEntry
    miles: float | None
    asked: bool
    misfits: Sentences


def for_child(viewer: Actor, profile: NeedProfile, request_id: UUID) -> list[Candidate]:
    """Those that were asked first, then the best fits of the search, near the viewer's school; only services
    whose framework opens mini-competitions."""
    lots = lots_that_open("mini_competition")
    if not lots:
        return []
    states = dict(
        db.session.execute(
            select(Referral.service_id, Referral.state).where(
                Referral.request_id == request_id, Referral.school_id == viewer.organisation_id
            )
        ).all()
    )
    waiting = [service_id for service_id, state in states.items() if state == "sent"]
    asked = [
        service
        for service in entries_where(Service.id.in_(waiting), Standing.lot_id.in_(lots))
        if service.live
    ]
    postcode = db.session.scalar(
        select(Organisation.postcode).where(Organisation.id == viewer.organisation_id)
    )
    found = search(
        SearchCriteria(
            clock.today(),
            lot_ids=lots,
            key_stages=(key_stage_of(profile.year_group),),
            needs=tuple(profile.needs),
            near=locate(postcode or ""),
            size=OFFERED,
        )
    )
    fitting = {
        hit.service.id: None if hit.metres is None else miles(hit.metres)
        for hit in found.hits
        if hit.service.id not in states
    }
    offered = [*asked, *(hit.service for hit in found.hits if hit.service.id in fitting)]
    return [
        Candidate(each.service, fitting.get(each.service.id), each.service.id not in fitting, each.misfits)
        for each in fits_of_need(profile, offered)
    ]
