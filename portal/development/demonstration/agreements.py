"""Two placement agreements of invented children: one out for signing, one in force."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.agreements.queries import agreement_for
from portal.agreements.services import digest_of, offer, save_terms, start_agreement
from portal.agreements.signing_services import sign
from portal.call_offs.services import call_off
from portal.children.services import identify_child
from portal.children.upn import check_letter
from portal.clock import now, staged_at, today
from portal.database import db
from portal.development.demonstration.choices import ask_for_one_child, offer_places
from portal.development.demonstration.people import Company
from portal.directory.models import SearchRow, Service

_TERMS = {
    "sessions": ["mon_am", "mon_pm", "wed_am"],
    "transport": "One bus from outside the school. A teaching assistant rides along for the first two weeks.",
    "objectives": "Comes on every agreed half day by half term. Finishes one piece of work a week,"
    " and shows it "
    "to somebody at school.",
    "baseline": "Comes to school on two days of five, and stays in lessons that are practical.",
    "baseline_attendance": 44,
    "tier": "tier2",
    "curriculum": "Functional skills in English and maths, and a first award in a trade.",
    "plan": "Begins with one mentor and one task. A second child joins after two weeks if that goes"
    " well. Reading "
    "and measuring are part of every task.",
    "reintegration": "Three weeks at nine half days of ten, and two calm lessons at school in each of them. "
    "School, provider and parents decide it at a review.",
    "school_safeguarding_lead": "Inez Made-Up, deputy head, 0161 496 0143",
    "provider_safeguarding_lead": "Tom Invented, manager, 0161 496 0157",
    "vetting_confirmed_on": today(),
}


_NUMBERS = ("999999980024", "999999980031")  # of an authority and a school that are not there
_CHILDREN: tuple[dict[str, Any], ...] = tuple(
    {
        "name": name,
        "born_on": date(today().year - 15, month, 3),
        "upn": check_letter(number) + number,
        "no_upn_reason": "",
        "has_ehcp": False,
        "looked_after": False,
    }
    for name, month, number in zip(("Kit Invented", "Sam Made-Up"), (2, 9), _NUMBERS, strict=True)
)


def agree(company: Company, portal_url: str) -> None:
    """The first school has two agreements: one that only the provider has signed, and one in force."""
    school = company.schools[0]
    people = {person.organisation_id: person for _, person in company.providers}
    services = db.session.execute(
        select(Service.id, Service.provider_id, Service.price_per_day)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .order_by(Service.id.desc())
        .offset(8)
        .limit(2)
    ).all()
    for place, service in enumerate(services):
        asked = ask_for_one_child(school, [service], 20 + place, portal_url)
        offer_places(company, asked, [service], portal_url)
        provider = people[service.provider_id]
        with staged_at(now() - timedelta(hours=4 - place)):
            choice = call_off(
                referral_id=asked[0].id,
                route="user_choice",
                reason="It is open on the days on which nothing is taught here that the child would miss.",
                pupil_preference="Wants to go there: a friend does.",
                parent_preference="Agree.",
                portal_url=portal_url,
                by=school,
            )
            identify_child(call_off_id=choice.id, portal_url=portal_url, by=school, **_CHILDREN[place])
            agreement_id = start_agreement(call_off_id=choice.id, by=school)
            draft = agreement_for(school, agreement_id).open
            assert draft
            save_terms(
                agreement_id=agreement_id, values=_TERMS, seen=digest_of(draft.terms, _TERMS), by=school
            )
            offer(agreement_id=agreement_id, portal_url=portal_url, by=school)
            _sign(agreement_id, "Director", portal_url, provider)
            if place:
                _sign(agreement_id, "Headteacher", portal_url, school)


def _sign(agreement_id: int, role: str, portal_url: str, by: Actor) -> None:
    opened = agreement_for(by, agreement_id).open
    assert opened
    sign(
        agreement_id=agreement_id, number=opened.number, sha256=opened.sha256, signed_as=role,
        portal_url=portal_url, by=by,
    )  # fmt: skip
