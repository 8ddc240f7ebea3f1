"""Mini-competitions for one child, with answers."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal import clock
from portal.accounts.access import Actor
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.commissioning.offers import Offer
from portal.competitions.models import Competition, Entry
from portal.competitions.services import (
    answer_competition,
    award,
    mark_answer,
    open_answers,
    start_competition,
)
from portal.database import db
from portal.directory.models import Service
from tests.factories.call_offs import Asked, asked
from tests.factories.commissioning import PORTAL_URL

FIT = "Two calm adults whom the child meets first, and a plan that is looked at every week."
TRAVEL = "By our own minibus, with an adult."


@dataclass(frozen=True)
class Race:
    """A competition and who takes part."""

    competition: Competition
    request: Asked

    @property
    def school(self) -> Actor:
        """Who started it."""
        return self.request.school

    def referral(self, number: int) -> Referral:
        """The referral in this place."""
        return self.request.referrals[number]

    def entry(self, number: int) -> Entry:
        """The entry in this place, read anew."""
        db.session.expire_all()
        return db.session.query(Entry).filter_by(referral_id=self.referral(number).id).one()


def a_race(
    providers: int = 2,
    *,
    answers: int = 0,
    school: Actor | None = None,
    first: tuple[Service, Actor] | None = None,
) -> Race:
    """A competition that runs, with so many answers, each £10 a day dearer than the one before; of new
    services, of which the `first` may be given."""
    request = asked(providers, school=school, first=first)
    competition = start_competition(
        like=request.referrals[0].id,
        service_ids=[service.id for service, _ in request.places],
        portal_url=PORTAL_URL,
        by=request.school,
    )
    race = Race(competition, request)
    for number in range(answers):
        answers_with(race, number, price=Decimal(80 + 10 * number))
    return race


def an_offer(**changes: Any) -> Offer:
    """An offer of two days, as asked for."""
    facts: dict[str, Any] = {
        "start_on": clock.today() + timedelta(days=14),
        "sessions": ("mon_am", "mon_pm", "tue_am", "tue_pm"),
        "price": Decimal(80),
        "unit": "day",
    }
    return Offer(**facts | changes)


def answers_with(race: Race, number: int, *, fit: str = FIT, travel: str = TRAVEL, **offer: Any) -> None:
    """The provider in this place answers, or answers anew."""
    answer_competition(
        referral_id=race.referral(number).id,
        offer=an_offer(**{"price_reason": "An adult for this child alone."} | offer),
        words={"fit": fit, "travel": travel},
        by=race.request.provider(number),
    )


def opened(race: Race) -> Race:
    """The same with its answers opened."""
    open_answers(competition_id=race.competition.id, portal_url=PORTAL_URL, by=race.school)
    return race


def marked(race: Race, number: int, fit: int = 4, travel: int = 4) -> None:
    """The school marks the answer in this place."""
    reason = "It says how, and how it is checked."
    mark_answer(
        entry_id=race.entry(number).id,
        given={"fit": (fit, reason), "travel": (travel, reason)},
        by=race.school,
    )


def a_marked_race(providers: int = 2, **marks: int) -> Race:
    """A competition in which everybody has answered and all is marked; the first is the cheapest."""
    race = opened(a_race(providers, answers=providers))
    for number in range(providers):
        marked(race, number, **marks)
    return race


def awarded(race: Race, number: int = 0, **changes: Any) -> CallOff:
    """The school chooses the offer in this place."""
    said: dict[str, Any] = {"reason": "", "pupil_preference": "", "parent_preference": ""}
    return award(
        competition_id=race.competition.id,
        entry_id=race.entry(number).id,
        portal_url=PORTAL_URL,
        by=race.school,
        **said | changes,
    )
