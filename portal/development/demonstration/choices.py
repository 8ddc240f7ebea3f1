"""The first school's two children: for one there are two offers to choose between, for one it has chosen."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from portal.accounts.access import Actor
from portal.call_offs.services import call_off
from portal.clock import now, staged_at, today
from portal.commissioning.answer_services import accept_referral
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.offers import Offer
from portal.commissioning.services import send_referral
from portal.database import db
from portal.development.demonstration.people import Company
from portal.directory.models import SearchRow, Service
from portal.working_days import add_working_days

_TOKENS = 2000
_NEED = NeedProfile(
    year_group=10,
    needs=["SEMH"],
    days_a_week=2,
    ehc_plan="no",
    start_wanted_on=today(),
    need_summary="Has stopped coming in on days with lessons in large rooms, and does well on the others. "
    "The placement is to get two whole days a week going again.",
    strengths="Reads a lot, likes to explain how things work, is patient with machines.",
    what_has_worked="Knowing the evening before with whom and on what the day begins.",
    transport="A grandparent drives.",
)
_SESSIONS = (("mon_am", "mon_pm", "thu_am", "thu_pm"), ("tue_am", "wed_am", "wed_pm", "fri_am"))


def choose(company: Company, portal_url: str) -> None:
    """Ask, let providers offer, and choose for the second child."""
    school = company.schools[0]
    services = db.session.execute(
        select(Service.id, Service.provider_id, Service.price_per_day)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .order_by(Service.id.desc())
    ).all()
    first = ask_for_one_child(school, services[:2], 0, portal_url)
    second = ask_for_one_child(school, services[2:4], 10, portal_url)
    for asked, offers in ((first, services[:2]), (second, services[2:4])):
        offer_places(company, asked, offers, portal_url)
    with staged_at(now() - timedelta(hours=5)):
        call_off(
            referral_id=second[0].id,
            route="direct_award",
            reason="It can begin a week earlier than the other, on the two days on which nothing is taught "
            "here that the child would miss, and its groups are the smallest.",
            pupil_preference="Would like to work with engines, and not to begin before nine.",
            parent_preference="Either would do; this one is nearer to the grandparents.",
            portal_url=portal_url,
            by=school,
        )


def ask_for_one_child(
    school: Actor, services: Sequence[Row[Any]], number: int, portal_url: str
) -> list[Referral]:
    """The same child described to each of the services."""
    sent: list[Referral] = []
    with staged_at(now() - timedelta(hours=60)):
        for place, service in enumerate(services):
            sent.append(
                send_referral(
                    service_id=service.id,
                    profile=_NEED,
                    token=UUID(int=_TOKENS + number + place),
                    portal_url=portal_url,
                    by=school,
                    request_id=sent[0].request_id if sent else None,
                )
            )
    return sent


def offer_places(
    company: Company, asked: Sequence[Referral], services: Sequence[Row[Any]], portal_url: str
) -> None:
    """Each of the services offers a place for the child."""
    people = {person.organisation_id: person for _, person in company.providers}
    for place, (referral, service) in enumerate(zip(asked, services, strict=True)):
        with staged_at(now() - timedelta(hours=30 - 6 * place)):
            accept_referral(
                referral_id=referral.id,
                offer=Offer(
                    start_on=add_working_days(today(), 5 + 5 * place),
                    sessions=_SESSIONS[place % len(_SESSIONS)],
                    price=service.price_per_day or Decimal(90),
                    unit="day",
                    note="Come and look round first: any afternoon next week.",
                ),
                portal_url=portal_url,
                by=people[service.provider_id],
            )
