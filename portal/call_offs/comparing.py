"""The answers of one request side by side, as the school that asked reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import literal, select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs.decided import decided_elsewhere
from portal.commissioning.check_queries import CheckState, checks_of
from portal.commissioning.choices import Choice, choice_of
from portal.commissioning.fitting import fit_of_offer
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.queries import Answer, answers_in, said_of
from portal.database import db
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.fitting import Sentences
from portal.directory.models import Service
from portal.directory.offer import DAYS, HALVES
from portal.directory.postcode_queries import place_of
from portal.directory.postcodes import Location, distance_metres


@dataclass(frozen=True, slots=True)
class Compared:
    """One answer with what speaks for and against it: the service, how far it is, the school's own checks,
    and what fits of what the child needs."""

    answer: Answer
    service: ServiceEntry
    metres: float | None
    checks: Sequence[CheckState]
    fits: Sentences
    misfits: Sentences

    @property
    def fresh_checks(self) -> int:
        """How many of the school's own checks are in date."""
        return sum(check.fresh for check in self.checks)

    def on(self, day: str) -> str:
        """What is offered on a day (`DAYS`): 'All day', 'Morning', 'Afternoon' or a dash."""
        halves = [half for half in HALVES if f"{day}_{half}" in self.answer.offered_sessions]
        if len(halves) == len(HALVES):
            return "All day"
        return HALVES[halves[0]].capitalize() if halves else "–"

    @property
    def week(self) -> list[str]:
        """`on` for every day."""
        return [self.on(day) for day in DAYS]


@dataclass(frozen=True, slots=True)
class Request:
    """Everybody who was asked for one child, by how they answered, and whether one of them is chosen.

    `decided_elsewhere`: a mini-competition decides, and nothing is chosen by hand meanwhile.
    """

    id: UUID
    need: NeedProfile | None
    offers: Sequence[Compared]
    waiting: Sequence[Answer]
    others: Sequence[Answer]
    choice: Choice | None
    decided_elsewhere: bool

    @property
    def first(self) -> Answer:
        """Any of them: what the school wrote of the child stands in each."""
        return next(iter((*(each.answer for each in self.offers), *self.waiting, *self.others)))

    @property
    def open_to_choose(self) -> bool:
        """Whether somebody chooses now, by hand."""
        return self.choice is None and not self.decided_elsewhere

    def may_choose(self, referral_id: int) -> bool:
        """Whether this referral is an offer that can be chosen today."""
        return self.open_to_choose and any(
            each.answer.id == referral_id and each.service.live for each in self.offers
        )

    @property
    def overdue(self) -> int:
        """How many have not answered in time."""
        return sum(answer.late for answer in self.waiting)


def request_for(viewer: Actor, request_id: UUID, *, with_reasons: bool = True) -> Request:
    """A request of the viewer's own school: with its own checks of who offers, and with what fits of what the
    child needs, unless nobody needs these.

    Raises `NotFound`. The same number of statements for any number of providers.
    """
    answers = answers_in(viewer, request_id)
    said_yes = [answer for answer in answers if answer.state == "accepted"]
    services = {
        entry.id: entry for entry in entries_where(Service.id.in_({answer.service_id for answer in said_yes}))
    }
    checks = checks_of(viewer, (answer.provider_id for answer in said_yes)) if with_reasons else {}
    postcode, decided = db.session.execute(
        select(Organisation.postcode, decided_elsewhere(literal(request_id))).where(
            Organisation.id == viewer.organisation_id
        )
    ).one()
    school = place_of(postcode) if postcode else None
    need = said_of(viewer, answers[0].id) if with_reasons else None
    return Request(
        id=request_id,
        need=need,
        offers=[
            Compared(
                answer,
                services[answer.service_id],
                _metres(school, services[answer.service_id]),
                checks.get(answer.provider_id, []),
                *_fit(need, answer, services[answer.service_id]),
            )
            for answer in said_yes
        ],
        waiting=[answer for answer in answers if answer.state == "sent"],
        others=[answer for answer in answers if answer.state not in ("sent", "accepted")],
        choice=choice_of(request_id),
        decided_elsewhere=decided,
    )


def _fit(need: NeedProfile | None, answer: Answer, service: ServiceEntry) -> tuple[Sentences, Sentences]:
    if need is None:
        return (), ()
    return fit_of_offer(
        need, service, start_on=answer.start_on or need.start_wanted_on, sessions=answer.offered_sessions
    )


def _metres(school: Location | None, service: ServiceEntry) -> float | None:
    """How far the main site is from the school, in a straight line; None where one of the two is unknown."""
    if school is None or service.easting is None or service.northing is None:
        return None
    site = Location(service.area, service.easting, service.northing)
    return distance_metres(school, site)
