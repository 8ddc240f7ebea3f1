"""What a lot asks for changes: whoever is admitted to it is told, and its standing stays as it is."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.mail.models import Letter
from tender.frameworks.framework_services import edit_lot
from tender.frameworks.models import Lot
from tender.frameworks.services import LotDetails
from tests.factories.accounts import a_council, a_provider_person
from tests.factories.commissioning import PORTAL_URL
from tests.factories.directory import a_service, remove_standing, suspend_standing
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids

REASON = "The insurer no longer covers larger groups."


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead(a_council())


@pytest.fixture
def lot_id(lead: Actor) -> int:
    framework = a_framework(2, lead=lead)
    return lot_ids(a_published_round(2, lead=lead, framework=framework))[0]


def standing_on(lot_id: int) -> tuple[Actor, int]:
    provider = a_provider_person()
    return provider, a_service(lot_id, provider.organisation_id).standing_id


def change(session: Session, lead: Actor, lot_id: int, **conditions: object) -> None:
    lot = session.get_one(Lot, lot_id)
    edit_lot(
        by=lead,
        framework_id=lot.framework_id,
        lot_id=lot_id,
        details=LotDetails(lot.number, lot.title, **conditions),  # type: ignore[arg-type]
        portal_url=PORTAL_URL,
        reason=REASON,
    )


def told(session: Session, provider: Actor) -> Sequence[str]:
    return session.scalars(
        select(Letter.body).where(Letter.to_address == provider.email, Letter.title.contains("has changed"))
    ).all()


def test_whoever_is_admitted_reads_before_and_after_and_that_the_standing_stays(
    session: Session, lead: Actor, lot_id: int
) -> None:
    admitted, _ = standing_on(lot_id)
    elsewhere, _ = standing_on(lot_ids_of(session, lot_id)[1])
    for _ in range(2):
        change(session, lead, lot_id, largest_group=6)
    (letter,) = told(session, admitted)
    assert "Groups of at most 6 children" in letter.partition("Now:")[2] and REASON in letter
    assert "Groups" not in letter.partition("Now:")[0] and "nothing of it changes by itself" in letter
    assert told(session, elsewhere) == []


def test_whoever_is_suspended_is_told_and_whoever_is_removed_is_not(
    session: Session, lead: Actor, lot_id: int
) -> None:
    (suspended, standing), (removed, gone) = standing_on(lot_id), standing_on(lot_id)
    suspend_standing(standing_id=standing)
    remove_standing(standing_id=gone)
    change(session, lead, lot_id, largest_group=6)
    assert (len(told(session, suspended)), len(told(session, removed))) == (1, 0)


def test_another_price_for_new_rounds_concerns_nobody_who_is_admitted(
    session: Session, lead: Actor, lot_id: int
) -> None:
    admitted, _ = standing_on(lot_id)
    change(session, lead, lot_id, registered_only=True, price_ceiling=90)
    assert told(session, admitted) == []


def lot_ids_of(session: Session, lot_id: int) -> Sequence[int]:
    framework = select(Lot.framework_id).where(Lot.id == lot_id).scalar_subquery()
    return session.scalars(select(Lot.id).where(Lot.framework_id == framework).order_by(Lot.id)).all()
