"""Schools with a live child, and those that ask for a place, are told what becomes of their provider."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from evaluation.exclusions.services import Finding, record_finding
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.accounts.organisation_services import deactivate, reactivate
from portal.agreements.provider_letters import STEPS
from portal.database import db, transaction
from portal.directory.lifecycle import STANDING
from portal.directory.models import Standing
from portal.directory.services import admit_provider, change_standing
from portal.mail.models import Letter
from tender.applications.models import Application
from tests.factories.accounts import a_person, a_school_person
from tests.factories.agreements import Placement, a_call_off, a_draft, a_signed
from tests.factories.commissioning import a_referral, accept
from tests.factories.directory import (
    a_service,
    reinstate_standing,
    remove_standing,
    service_facts,
    suspend_standing,
)
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.exclusions import a_ground
from tests.factories.frameworks import lot_ids
from tests.factories.organisations import letters_to
from tests.factories.standings import let_evidence_run_out


def told(person) -> Letter:
    return letters_to(person.email)[-1]


def titles(person) -> list[str]:
    return [letter.title for letter in letters_to(person.email)]


def admitted_again(placement: Placement, session: Session, *, on_conditions: bool = False) -> None:
    standing = session.get_one(Standing, placement.service.standing_id)
    admit_provider(
        provider_id=standing.provider_id, lot_id=standing.lot_id, application_id=None,
        starts_on=standing.starts_on, ends_on=standing.ends_on, service=service_facts(),
        on_conditions=on_conditions, anew=True, by=THE_PORTAL,
    )  # fmt: skip


def test_the_letter_names_the_agreement_and_leads_to_it(session):
    placement = a_signed()
    suspend_standing(standing_id=placement.service.standing_id)
    letter = told(placement.school)
    assert letter.title.endswith("is suspended")
    assert "Placement agreements that you both have signed" in letter.body
    assert placement.row.reference in letter.body and f"/agreements/{placement.id}" in letter.body


def test_a_placement_counts_until_its_last_day_however_long_it_is(session):
    placement = a_draft()
    far = clock.today() + timedelta(days=500)
    placement.save(starts_on=clock.today(), ends_on=far, longest_weeks=72, reviews_on=[far])
    placement.offer()
    placement.sign(placement.school)
    placement.sign(placement.provider)
    for days, said in ((500, True), (501, False)):
        before = len(letters_to(placement.school.email))
        noon = datetime.combine(clock.today() + timedelta(days=days), time(12), clock.LONDON)
        with clock.staged_at(noon):
            step = "suspend" if said else "suspend_new"
            change_standing(standing_id=placement.service.standing_id, step=step, by=THE_PORTAL)
        assert (len(letters_to(placement.school.email)) > before) is said


def test_choices_offers_and_open_referrals_are_told_with_their_own_links(session):
    call_off, service, school, provider = a_call_off(named=False)
    draft = a_draft(service=service, provider=provider, school=school)
    offer, asked = a_referral(service, school), a_referral(service, school)
    accept(offer, provider)
    suspend_standing(standing_id=service.standing_id)
    body = told(school).body
    for path in (f"choices/{call_off.id}", f"agreements/{draft.id}", f"referrals/{offer.id}"):
        assert f"/{path}" in body
    waits = body.index("Referrals that wait for its answer; it cannot say yes for now:")
    assert f"/referrals/{asked.id}" in body[waits:] and f"/choices/{call_off.id}" not in body[waits:]


def test_schools_without_anything_there_are_told_nothing(session):
    placement, other = a_signed(), a_school_person()
    suspend_standing(standing_id=placement.service.standing_id)
    assert titles(other) == []


def test_every_move_that_changes_what_a_school_may_do_is_told():
    assert set(STEPS) == {move.name for move in STANDING.moves}


def test_conditions_and_a_new_admission_are_told(session):
    placement = a_signed()
    admitted_again(placement, session, on_conditions=True)
    assert told(placement.school).title.endswith("takes no new children")
    assert "a condition of the admission" in told(placement.school).body
    remove_standing(standing_id=placement.service.standing_id)
    admitted_again(placement, session)
    letter = told(placement.school)
    assert letter.title.endswith("is approved again") and "has admitted" in letter.body


@pytest.mark.parametrize("on_conditions", [True, False])
def test_what_is_said_at_the_end_of_a_suspension_is_what_the_standing_is_worth(session, on_conditions):
    placement = a_signed()
    standing_id = placement.service.standing_id
    suspend_standing(standing_id=standing_id)
    if on_conditions:
        with transaction():
            session.get_one(Standing, standing_id).on_conditions = True
    else:
        let_evidence_run_out(standing_id)
    reinstate_standing(standing_id=standing_id)
    letter = told(placement.school)
    assert letter.title.endswith("takes no new children yet")
    why = "a condition of its admission is open" if on_conditions else "a document that the council asks for"
    assert why in letter.body and "approved again" not in letter.title


def test_the_end_of_a_suspension_opens_what_is_in_order(session):
    placement = a_signed()
    suspend_standing(standing_id=placement.service.standing_id)
    reinstate_standing(standing_id=placement.service.standing_id)
    assert told(placement.school).title.endswith("is approved again")


class Excludable:
    """A placement with a provider whose tender the council is looking at."""

    def __init__(self, session: Session) -> None:
        """Open the round, enter the provider in the register and place a child there."""
        self.opened = an_opened_evaluation()
        self.application = session.get_one(Application, self.opened.applications[0])
        service = a_service(lot_ids(self.opened.round)[0], self.application.provider_id)
        provider = a_person(session.get_one(Organisation, self.application.provider_id), "administrator")
        self.placement = a_signed(service=service, provider=provider)
        self.versions: Counter[str] = Counter()

    def found(self, finding: Finding, part: str = "mandatory") -> None:
        """The council looks at one part."""
        record_finding(
            application_id=self.application.id, parts=[part], found=finding,
            seen={part: self.versions[part]}, by=self.opened.lead,
        )  # fmt: skip
        self.versions[part] += 1
        db.session.expire_all()

    @property
    def titles(self) -> list[str]:
        """What the school was told."""
        return titles(self.placement.school)


@pytest.fixture
def excludable(session: Session) -> Excludable:
    return Excludable(session)


TAXES = a_ground(ground="pcr_taxes")
NO_MORE = a_ground(False, "pcr_taxes")


def test_schools_are_told_once_that_the_council_excludes_a_provider_and_that_it_does_no_longer(excludable):
    before = len(excludable.titles)
    other = a_school_person()
    excludable.found(TAXES)
    letter = told(excludable.placement.school)
    assert letter.title.endswith("is excluded by the council")
    assert f"/agreements/{excludable.placement.id}" in letter.body and "ask the council today" in letter.body
    excludable.found(a_ground(ground="pcr_insolvency"), "discretionary")  # one ground more changes nothing
    excludable.found(NO_MORE)
    assert len(excludable.titles) == before + 1
    excludable.found(a_ground(False, "pcr_insolvency"), "discretionary")
    assert told(excludable.placement.school).title.endswith("is approved again")
    assert len(excludable.titles) == before + 2 and titles(other) == []


def test_what_the_council_found_stands_in_no_letter_to_a_school(excludable):
    excludable.found(TAXES)
    letter = told(excludable.placement.school)
    assert letter.title.endswith("is excluded by the council")
    assert not any(said in letter.body for said in (TAXES.reasons, TAXES.self_cleaning, TAXES.heard, "tax"))


def test_the_end_of_an_exclusion_opens_nothing_that_is_suspended(excludable):
    excludable.found(TAXES)
    suspend_standing(standing_id=excludable.placement.service.standing_id)
    excludable.found(NO_MORE)
    letter = told(excludable.placement.school)
    assert letter.title.endswith("takes no new children yet") and "no child may go there" in letter.body


def test_the_exclusion_of_who_is_off_the_lot_is_told_to_no_school(excludable):
    remove_standing(standing_id=excludable.placement.service.standing_id)
    before = excludable.titles
    excludable.found(TAXES)
    assert excludable.titles == before


def test_schools_are_told_that_the_council_deactivates_a_provider_and_brings_it_back(session):
    placement = a_signed()
    council = session.get_one(Organisation, placement.officer.organisation_id)
    administrator = a_person(council, "administrator")
    deactivate(organisation_id=placement.provider.organisation_id, reason="Closed.", by=administrator)
    letter = told(placement.school)
    assert letter.title.endswith("is deactivated") and f"/agreements/{placement.id}" in letter.body
    assert "Closed." not in letter.body
    reactivate(organisation_id=placement.provider.organisation_id, by=administrator)
    assert told(placement.school).title.endswith("is active again")
