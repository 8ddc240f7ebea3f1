"""A provider that the council excludes takes no new children: one rule, wherever somebody may find or buy."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.exclusions.services import record_finding
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.commissioning.models import Referral
from portal.competitions.candidates import for_child
from portal.database import db, transaction
from portal.directory.entries import entries_where
from portal.directory.models import Service, Standing
from portal.directory.queries import live_condition, search
from portal.directory.search import SearchCriteria
from portal.directory.services import NotAdmitted
from portal.directory.statuses import status_on
from tender.applications.models import Application
from tests.factories.accounts import a_person, a_school_person
from tests.factories.blocks import a_block, answered
from tests.factories.call_offs import choose
from tests.factories.commissioning import a_profile, a_referral, accept
from tests.factories.directory import a_service
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.exclusions import a_ground
from tests.factories.frameworks import a_framework, lot_ids


class Stage:
    """A provider of an opened round that stands on a lot of the same council already."""

    def __init__(self, session: Session) -> None:
        """Open the round, and enter the provider in the register."""
        self.opened = an_opened_evaluation()
        self.application = session.get_one(Application, self.opened.applications[0])
        self.service = a_service(lot_ids(self.opened.round)[0], self.application.provider_id)
        self.provider = a_person(session.get_one(Organisation, self.application.provider_id), "administrator")
        self.versions = 0

    def found(self, excludes: bool, part: str = "mandatory", ground: str = "pcr_taxes") -> None:
        """The council looks at the provider."""
        record_finding(
            application_id=self.application.id,
            parts=[part],
            found=a_ground(excludes, ground),
            seen={part: self.versions},
            by=self.opened.lead,
        )
        self.versions += 1
        db.session.expire_all()

    @property
    def live(self) -> set[bool]:
        """What everything that is asked says of it: the search, an entry, the register, a condition."""
        hits = search(SearchCriteria(clock.today())).hits
        row = db.session.execute(
            select(status_on(clock.today()) == "admitted", live_condition(clock.today()))
            .select_from(Standing)
            .join(Organisation, Organisation.id == Standing.provider_id)
            .where(Standing.id == self.service.standing_id)
        ).one()
        (entry,) = entries_where(Service.id == self.service.id)
        return {entry.live, self.service.id in {hit.service.id for hit in hits}, *row}


@pytest.fixture
def stage(session: Session) -> Stage:
    return Stage(session)


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


def test_it_is_found_nowhere_while_it_is_excluded_and_again_when_that_is_over(stage):
    assert stage.live == {True}
    stage.found(excludes=True)
    assert stage.live == {False}
    stage.found(excludes=False)
    assert stage.live == {True}


def test_a_lot_on_which_it_comes_to_stand_later_is_closed_from_the_start(stage, session):
    stage.found(excludes=True)
    other_lot = lot_ids(a_framework(1, lead=stage.opened.lead))[0]
    later = a_service(other_lot, stage.application.provider_id)
    assert session.get_one(Standing, later.standing_id).excluded


def test_another_councils_lots_stay_open(stage, session):
    elsewhere = a_service(provider=stage.application.provider_id)
    stage.found(excludes=True)
    (entry,) = entries_where(Service.id == elsewhere.id)
    assert entry.live


def test_it_is_not_asked_and_does_not_say_yes(stage, school):
    referral = a_referral(stage.service, school)
    stage.found(excludes=True)
    with pytest.raises(NotAdmitted):
        a_referral(stage.service, school)
    with pytest.raises(NotAdmitted):
        accept(referral, stage.provider)


def candidates(school: Actor, referral: Referral) -> list[int]:
    return [each.service.id for each in for_child(school, a_profile(), referral.request_id)]


def test_it_is_not_chosen_and_does_not_compete(stage, school):
    referral = a_referral(stage.service, school)
    with transaction() as session:
        session.execute(
            text("UPDATE framework SET call_off_routes = ARRAY['mini_competition', 'direct_award']")
        )
    assert stage.service.id in candidates(school, referral)
    accept(referral, stage.provider)
    stage.found(excludes=True)
    with pytest.raises(NotAdmitted):
        choose(referral, school)
    assert not candidates(school, referral)


def test_it_sells_no_places(stage, school):
    block = a_block(stage.service, school)
    stage.found(excludes=True)
    with pytest.raises(NotAdmitted):
        answered(block, stage.provider)
    with pytest.raises(NotAdmitted):
        a_block(stage.service, school, places=3)


def test_a_deactivated_provider_is_not_live_either(stage):
    with transaction() as session:
        session.execute(
            text("UPDATE organisation SET state = 'deactivated', state_reason = 'Gone.' WHERE id = :id"),
            {"id": stage.application.provider_id},
        )
    (entry,) = entries_where(Service.id == stage.service.id)
    assert not entry.live
