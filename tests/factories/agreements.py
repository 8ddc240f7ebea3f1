"""Placement agreements in every state, made by the services that the pages use."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements.change_services import cancel_agreement, vary
from portal.agreements.models import PlacementAgreement
from portal.agreements.queries import AgreementFacts, agreement_for
from portal.agreements.services import digest_of, offer, save_terms, send_back, start_agreement
from portal.agreements.signing_services import end_agreement, sign
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.children.models import Child
from portal.commissioning.models import Referral
from portal.commissioning.services import accept_referral
from portal.database import db, transaction
from portal.directory.models import Service, Standing
from portal.lifecycle import move
from tender.frameworks.models import Framework, Lot
from tests.factories.accounts import a_person, a_school_person
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service_and_its_person

PORTAL_URL = "https://portal.example.org"
REST: dict[str, Any] = {
    "sessions": ["mon_am", "tue_am"],
    "transport": "By bus, with an adult of the school.",
    "objectives": "Stays in the workshop for a whole half day by half term.",
    "baseline": "Leaves most lessons within twenty minutes.",
    "baseline_attendance": 41,
    "plan": "Strips and rebuilds a small engine with one mentor.",
    "reintegration": "Three weeks of full attendance, and a calm start in two lessons at school.",
    "school_safeguarding_lead": "Ama Invented, 0161 496 0001",
    "provider_safeguarding_lead": "Bo Invented, 0161 496 0002",
}


@dataclass(frozen=True)
class Placement:
    """An agreement, and who acts in it."""

    id: int
    call_off_id: int
    service: Service
    school: Actor
    provider: Actor

    def seen_by(self, viewer: Actor) -> AgreementFacts:
        """The agreement as somebody sees it."""
        return agreement_for(viewer, self.id)

    @property
    def row(self) -> PlacementAgreement:
        """Its row as it is now."""
        return db.session.get_one(PlacementAgreement, self.id, populate_existing=True)

    @property
    def officer(self) -> Actor:
        """A new quality officer of the council under whose framework it is."""
        council = db.session.scalars(
            select(Organisation)
            .join(Framework, Framework.council_id == Organisation.id)
            .join(Lot, Lot.framework_id == Framework.id)
            .join(Standing, Standing.lot_id == Lot.id)
            .where(Standing.id == self.service.standing_id)
        ).one()
        return a_person(council, "quality_officer")

    def save(self, by: Actor | None = None, **values: Any) -> None:
        """Change some of the draft."""
        draft = self.seen_by(self.school).open
        assert draft
        seen = digest_of(draft.terms, values)
        save_terms(agreement_id=self.id, values=values, seen=seen, by=by or self.school)

    def offer(self) -> None:
        """Send the draft out for signing."""
        offer(agreement_id=self.id, portal_url=PORTAL_URL, by=self.school)

    def sign(self, by: Actor, **what: Any) -> bool:
        """Sign what is out for signing."""
        opened = self.seen_by(by).open
        assert opened
        facts = {"number": opened.number, "sha256": opened.sha256, "signed_as": "Director"} | what
        return sign(agreement_id=self.id, portal_url=PORTAL_URL, by=by, **facts)


def a_call_off(
    service: Service | None = None,
    provider: Actor | None = None,
    school: Actor | None = None,
    *,
    named: bool = True,
) -> tuple[CallOff, Service, Actor, Actor]:
    """A provider chosen for a child (whom the school has named), with service, school and provider.

    The row alone: the letters and the releases of a choice are the business of its own room.
    """
    if service is None or provider is None:
        service, provider = a_service_and_its_person()
    school = school or a_school_person()
    sent = a_referral(service, school)
    accept_referral(
        referral_id=sent.id,
        start_on=clock.today() + timedelta(days=14),
        note="",
        portal_url=PORTAL_URL,
        by=provider,
    )
    with transaction() as session:
        referral = session.get_one(Referral, sent.id)
        call_off = CallOff(
            request_id=referral.request_id,
            referral_id=referral.id,
            school_id=referral.school_id,
            provider_id=provider.organisation_id,
            service_id=service.id,
            child_id=a_child(school).id if named else None,
            route="direct_award",
            reason="The only workshop that is open on Mondays.",
            chosen_at=clock.now(),
            chosen_by_id=school.person_id,
        )
        session.add(call_off)
        session.flush()
    return call_off, service, school, provider


def a_child(school: Actor) -> Child:
    """The row of an invented child: nothing in it can be opened."""
    with transaction() as session:
        child = Child(
            school_id=school.organisation_id,
            name_sealed=uuid4().bytes,
            born_on_sealed=uuid4().bytes,
            entered_at=clock.now(),
            entered_by_id=school.person_id,
        )
        session.add(child)
        session.flush()
    return child


def a_draft(*, named: bool = True, **who: Any) -> Placement:
    """An agreement that was begun, with all that a school has to say."""
    call_off, service, school, provider = a_call_off(named=named, **who)
    agreement_id = start_agreement(call_off_id=call_off.id, by=school)
    placement = Placement(agreement_id, call_off.id, service, school, provider)
    placement.save(**REST, vetting_confirmed_on=clock.today())
    return placement


def an_offered(**who: Any) -> Placement:
    """An agreement that is out for signing."""
    placement = a_draft(**who)
    placement.offer()
    return placement


def a_signed(starts_on: date | None = None, **who: Any) -> Placement:
    """An agreement in force."""
    placement = a_draft(**who)
    if starts_on:
        last = starts_on + timedelta(days=80)
        placement.save(starts_on=starts_on, ends_on=last, reviews_on=[starts_on + timedelta(days=40)])
    placement.offer()
    placement.sign(placement.school)
    placement.sign(placement.provider)
    return placement


def agreements_in_every_state(**who: Any) -> None:
    """One in every state that a page or a rule tells apart, a choice with none and a cancelled one."""
    a_call_off(named=False, **who)
    cancelled, *_ = a_call_off(**who)
    with transaction() as session:
        move(CALL_OFF, session.get_one(CallOff, cancelled.id), "cancel", by=a_school_person())
    a_draft(**who)
    an_offered(**who)
    sent_back, given_up = an_offered(**who), an_offered(**who)
    send_back(
        agreement_id=sent_back.id,
        number=1,
        note="Not on Mondays.",
        portal_url=PORTAL_URL,
        by=sent_back.provider,
    )
    cancel_agreement(agreement_id=given_up.id, reason="The family moved.", by=given_up.school)
    a_signed(**who)
    ended, varied, written = a_signed(**who), a_signed(**who), a_signed(**who)
    end_agreement(
        agreement_id=ended.id, last_day=clock.today(), reason="Moved.", portal_url=PORTAL_URL, by=ended.school
    )
    for placement in (varied, written):
        vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
        placement.save(sessions=["mon_am", "tue_am", "wed_am"])
    varied.offer()
