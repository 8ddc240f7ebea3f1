"""Placement agreements in every state, made by the services that the pages use."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, text

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements.change_services import cancel_agreement, vary
from portal.agreements.models import PlacementAgreement
from portal.agreements.queries import AgreementFacts, agreement_for
from portal.agreements.services import digest_of, offer, save_terms, send_back, start_agreement
from portal.agreements.signing_services import end_agreement, sign
from portal.call_offs.models import CallOff
from portal.call_offs.services import cancel_call_off
from portal.database import db, transaction
from portal.directory.models import Service, Standing
from tender.frameworks.models import Framework, Lot
from tests.factories.accounts import a_person
from tests.factories.children import a_choice, a_upn, name_child
from tests.factories.directory import a_service_and_its_person

PORTAL_URL = "https://portal.example.org"
REST: dict[str, Any] = {
    "sessions": ["mon_am", "tue_am"],
    "transport": "By bus, with an adult of the school.",
    "objectives": "Stays in the workshop for a whole half day by half term.",
    "baseline": "Leaves most lessons within twenty minutes.",
    "baseline_attendance": 41,
    "tier": "tier2",
    "curriculum": "Motor vehicles, and functional skills in English and maths.",
    "plan": "Strips and rebuilds a small engine with one mentor.",
    "reintegration": "Three weeks of full attendance, and a calm start in two lessons at school.",
    "school_safeguarding_lead": "Ama Invented, 0161 496 0001",
    "provider_safeguarding_lead": "Bo Invented, 0161 496 0002",
}


_serial = count(100)  # those before are what other factories give


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
    """A provider chosen for a child (whom the school has named), with service, school and provider."""
    if service is None or provider is None:
        service, provider = a_service_and_its_person()
    chosen = a_choice(school, (service, provider))
    if named:
        name_child(chosen, upn=a_upn(next(_serial)))
    return db.session.get_one(CallOff, chosen.call_off_id), service, chosen.school, provider


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
    cancelled, _, school, _ = a_call_off(**who)
    cancel_call_off(call_off_id=cancelled.id, reason="They moved.", portal_url=PORTAL_URL, by=school)
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


def as_if_begun(placement: Placement) -> None:
    """Let the first version have counted since three days ago, as if that had been agreed."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "UPDATE agreement_version SET starts_on = :day, longest_weeks = 26"
                " WHERE agreement_id = :id AND number = 1"
            ),
            {"day": clock.today() - timedelta(days=3), "id": placement.id},
        )
        session.execute(text("SET LOCAL session_replication_role = origin"))
    db.session.expire_all()
