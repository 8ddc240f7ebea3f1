"""Requests with offers, and choices between them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from portal.accounts.access import Actor
from portal.call_offs.models import CallOff
from portal.call_offs.services import call_off
from portal.commissioning.models import Referral
from portal.commissioning.services import send_referral
from portal.directory.models import Service
from tests.factories.accounts import a_school_person
from tests.factories.commissioning import PORTAL_URL, a_profile, a_referral, accept
from tests.factories.directory import a_service_and_its_person


@dataclass(frozen=True)
class Asked:
    """One child for whom several providers were asked."""

    school: Actor
    places: list[tuple[Service, Actor]]
    referrals: list[Referral]

    def provider(self, number: int) -> Actor:
        """Somebody of the provider that was asked in this place."""
        return self.places[number][1]


def asked(
    providers: int = 2,
    *,
    offers: int = 0,
    school: Actor | None = None,
    first: tuple[Service, Actor] | None = None,
) -> Asked:
    """So many providers asked for one child, of whom the first so many say yes; the `first` may be given."""
    school = school or a_school_person()
    places = [first or a_service_and_its_person(), *(a_service_and_its_person() for _ in range(1, providers))]
    referrals = [a_referral(places[0][0], school)]
    for service, _ in places[1:]:
        referrals.append(beside(referrals[0], service, school))
    for (_, person), referral in list(zip(places, referrals, strict=True))[:offers]:
        accept(referral, person)
    return Asked(school, places, referrals)


def beside(first: Referral, service: Service, school: Actor) -> Referral:
    """Another service asked for the same child."""
    return send_referral(
        service_id=service.id,
        profile=a_profile(),
        token=uuid4(),
        portal_url=PORTAL_URL,
        by=school,
        request_id=first.request_id,
    )


def choose(referral: Referral, by: Actor, **changes: Any) -> CallOff:
    """The school chooses this offer, directly unless told otherwise."""
    said: dict[str, Any] = {
        "route": "direct_award",
        "reason": "It has an adult whom the child knows.",
        "pupil_preference": "",
        "parent_preference": "",
    }
    return call_off(referral_id=referral.id, portal_url=PORTAL_URL, by=by, **said | changes)


def a_call_off(school: Actor | None = None) -> tuple[CallOff, Asked]:
    """A choice among two offers, the first of them."""
    request = asked(2, offers=2, school=school)
    return choose(request.referrals[0], request.school), request
