"""How else a school chooses: a mini-competition that is to be marked, and places that were bought before."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from portal.blocks.services import Terms, answer, propose
from portal.clock import now, staged_at, today
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.offers import Offer
from portal.commissioning.services import send_referral
from portal.competitions.services import answer_competition, open_answers, start_competition
from portal.database import db
from portal.development.demonstration.people import Company
from portal.directory.models import SearchRow, Service

_TOKEN = UUID(int=3000)
_NEED = NeedProfile(
    year_group=9,
    needs=["SEMH", "ASD"],
    days_a_week=2,
    ehc_plan="no",
    start_wanted_on=today() + timedelta(days=10),
    need_summary="Was in three schools in two years and trusts no adult quickly. The placement is to keep "
    "two days a week steady until the summer, and to build up from there.",
    strengths="Draws buildings from memory, is fair, and never late.",
    what_has_worked="The same adult each day, and being told of changes beforehand.",
)
_ANSWERS = (
    (
        "The same tutor on both days, whom the child meets twice before it starts. Each morning begins with "
        "the day on one card. Every second Friday tutor, child and school look at what was agreed.",
        "Our driver collects the child at home and brings it back, with an adult beside it.",
    ),
    (
        "Groups of four with two adults, in a workshop with a quiet room. The child chooses a project and "
        "shows it to whom it wants.",
        "A bus stops at the door; for two weeks an adult travels with the child.",
    ),
)


def buy(company: Company, portal_url: str) -> None:
    """The first school has a competition with two opened answers; the council has bought places for all."""
    found = db.session.scalars(
        select(Service).join(SearchRow, SearchRow.service_id == Service.id).order_by(Service.id.desc())
    ).all()
    # One of each provider: several of one may have the same name, which tells a reader nothing.
    of_each = list({each.provider_id: each for each in reversed(found[4:])}.values())
    services = of_each[:-4:-1] if len(of_each) > 2 else found[:3]
    people = {person.organisation_id: person for _, person in company.providers}
    school = company.schools[0]
    with staged_at(now() - timedelta(hours=50)):
        first = send_referral(
            service_id=services[0].id, profile=_NEED, token=_TOKEN, portal_url=portal_url, by=school
        )
        competition = start_competition(
            like=first.id, service_ids=[each.id for each in services], portal_url=portal_url, by=school
        )
    for place, (service, words) in enumerate(zip(services, _ANSWERS, strict=False)):
        referral = _referral(first, service)
        with staged_at(now() - timedelta(hours=20 - 6 * place)):
            answer_competition(
                referral_id=referral.id,
                offer=Offer(
                    start_on=_NEED.start_wanted_on + timedelta(days=7 * place),
                    sessions=("mon_am", "mon_pm", "wed_am", "wed_pm")[: 4 - place],
                    price=service.price_per_day or Decimal(90),
                    unit="day",
                ),
                words=dict(zip(("fit", "travel"), words, strict=True)),
                by=people[service.provider_id],
            )
    with staged_at(now() - timedelta(hours=3)):
        for full in services[2:]:
            decline_referral(
                referral_id=_referral(first, full).id,
                reason="Both groups on these days are full.",
                portal_url=portal_url,
                by=people[full.provider_id],
            )
        open_answers(competition_id=competition.id, portal_url=portal_url, by=school)
    with staged_at(now() - timedelta(days=12)):
        bought = propose(
            service_id=services[0].id,
            terms=Terms(
                places=3,
                sessions=("mon_am", "mon_pm", "thu_am", "thu_pm"),
                starts_on=today(),
                ends_on=today() + timedelta(days=190),
                price=services[0].price_per_day or Decimal(90),
                price_unit="day",
                reason="Every spring more children need two days a week than places are free for them.",
            ),
            portal_url=portal_url,
            by=company.lead,
        )
        answer(
            block_id=bought.id,
            agree=True,
            note="We keep the two days free from the first week on.",
            portal_url=portal_url,
            by=people[services[0].provider_id],
        )


def _referral(first: Referral, service: Service) -> Referral:
    """The referral of the same child to a service."""
    return db.session.scalars(
        select(Referral).where(Referral.request_id == first.request_id, Referral.service_id == service.id)
    ).one()
