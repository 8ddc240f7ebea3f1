"""Two placement agreements of invented children: one out for signing, one in force."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.agreements.queries import agreement_for
from portal.agreements.services import digest_of, offer, save_terms, start_agreement
from portal.agreements.signing_services import sign
from portal.call_offs.models import CallOff
from portal.children.models import Child
from portal.clock import now, staged_at, today
from portal.commissioning.models import Referral
from portal.database import db
from portal.development.demonstration.people import Company
from portal.directory.models import Service

_TERMS = {
    "sessions": ["mon_am", "mon_pm", "wed_am"],
    "transport": "One bus from outside the school. A teaching assistant rides along for the first two weeks.",
    "objectives": "Comes on every agreed half day by half term. Finishes one piece of work a week,"
    " and shows it "
    "to somebody at school.",
    "baseline": "Comes to school on two days of five, and stays in lessons that are practical.",
    "baseline_attendance": 44,
    "plan": "Begins with one mentor and one task. A second child joins after two weeks if that goes"
    " well. Reading "
    "and measuring are part of every task.",
    "reintegration": "Three weeks at nine half days of ten, and two calm lessons at school in each of them. "
    "School, provider and parents decide it at a review.",
    "school_safeguarding_lead": "Inez Made-Up, deputy head, 0161 496 0143",
    "provider_safeguarding_lead": "Tom Invented, manager, 0161 496 0157",
    "vetting_confirmed_on": today(),
}


def agree(company: Company, portal_url: str) -> None:
    """Write two agreements, let both sides of the second sign, and the provider of the first."""
    people = {person.organisation_id: person for _, person in company.providers}
    schools = {person.organisation_id: person for person in company.schools}
    for place, choice in enumerate(_choices()):
        school, provider = schools[choice.school_id], people[choice.provider_id]
        with staged_at(now() - timedelta(hours=4 - place)):
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


def _choices() -> Iterator[CallOff]:
    """Two choices whose child is known: what is there, then offers that nobody has chosen."""
    known = select(CallOff).where(CallOff.state == "chosen", CallOff.child_id.is_not(None))
    found = db.session.scalars(known.order_by(CallOff.id).limit(2)).all()
    yield from found
    chosen = select(CallOff.request_id)
    offered = db.session.execute(
        select(Referral, Service.provider_id)
        .join(Service, Service.id == Referral.service_id)
        .where(Referral.state == "accepted", Referral.request_id.not_in(chosen))
        .order_by(Referral.id)
        .limit(2 - len(found))
    ).all()
    for referral, provider_id in offered:
        yield _chosen(referral, provider_id)


def _chosen(referral: Referral, provider_id: int) -> CallOff:
    """A choice and its invented child, as rows."""
    child = Child(
        school_id=referral.school_id,
        name_sealed=b"",
        born_on_sealed=b"",
        entered_at=now(),
        entered_by_id=referral.sent_by_id,
    )
    db.session.add(child)
    db.session.flush()
    choice = CallOff(
        request_id=referral.request_id,
        referral_id=referral.id,
        school_id=referral.school_id,
        provider_id=provider_id,
        service_id=referral.service_id,
        child_id=child.id,
        route="direct_award",
        reason="It is open on the days on which nothing is taught here that the child would miss.",
        chosen_at=now(),
        chosen_by_id=referral.sent_by_id,
    )
    db.session.add(choice)
    db.session.flush()
    return choice


def _sign(agreement_id: int, role: str, portal_url: str, by: Actor) -> None:
    opened = agreement_for(by, agreement_id).open
    assert opened
    sign(
        agreement_id=agreement_id, number=opened.number, sha256=opened.sha256, signed_as=role,
        portal_url=portal_url, by=by,
    )  # fmt: skip
