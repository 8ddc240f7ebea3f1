"""Entering the register, standing, and what a provider may change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.database import transaction
from portal.directory.indexing import refresh_all_search_rows
from portal.directory.models import SearchRow, Service, Standing
from portal.directory.queries import SearchCriteria, search
from portal.directory.services import (
    NotAdmitted,
    ServiceFacts,
    admit_provider,
    require_admitted,
)
from portal.errors import NotFound
from portal.lifecycle import MoveRefused
from tests.factories.accounts import a_provider_person, an_organisation
from tests.factories.applications import a_draft
from tests.factories.directory import (
    a_service,
    reinstate_standing,
    remove_standing,
    service_facts,
    some_lots,
    suspend_standing,
)
from tests.factories.frameworks import a_published_round


def found() -> list[int]:
    """The ids of all services that can be found today."""
    return [hit.service.id for hit in search(SearchCriteria(clock.today())).hits]


def an_application() -> int:
    """The id of some application."""
    return a_draft(a_published_round(), a_provider_person())


def admit(
    application_id: int | None,
    provider_id: int,
    lot_id: int,
    days: int = 100,
    anew: bool = False,
    on_conditions: bool = False,
    **facts: object,
) -> Standing:
    """Admit for so many days from today."""
    return admit_provider(
        provider_id=provider_id,
        lot_id=lot_id,
        application_id=application_id,
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=days),
        service=service_facts(**facts),
        on_conditions=on_conditions,
        anew=anew,
        by=THE_PORTAL,
    )


def test_an_admitted_provider_can_be_found_and_the_trail_says_so(session: Session) -> None:
    service = a_service()
    assert found() == [service.id]
    assert [line["action"] for line in trail_of("standing", service.standing_id)] == ["standing.admit"]


def test_the_answers_of_a_tender_become_the_service() -> None:
    said = {
        "summary": " Farm days. ",
        "key_stages": ["KS2"],
        "sen_needs": ["ASD"],
        "site_postcode": "M14 5RQ",
        "registration_status": "registered_school",
        "urn": "123456",
        "day_rate": "1,095.50",
        "places": "12",
    }
    facts = ServiceFacts.from_answers(said, title="Farm")
    expected = ServiceFacts(
        "Farm", "Farm days.", ["KS2"], ["ASD"], "M14 5RQ", True, "123456", Decimal("1095.50"), 12
    )
    assert facts == expected
    assert ServiceFacts.from_answers({}, title="Farm").price_per_day is None


def test_admitting_the_same_application_again_changes_nothing(session: Session) -> None:
    application, provider, lot_id = an_application(), an_organisation("provider"), some_lots(1)[0]
    first = admit(application, provider.id, lot_id)
    suspend_standing(standing_id=first.id, reason="Concern", by=THE_PORTAL)
    again = admit(application, provider.id, lot_id, days=900, title="Other")
    assert (again.id, again.state) == (first.id, "suspended")
    assert again.ends_on == clock.today() + timedelta(days=100)
    assert session.scalar(select(func.count()).select_from(Service)) == 1
    assert len(trail_of("standing", first.id)) == 2


def test_a_later_application_renews_the_term_and_brings_a_removed_provider_back(session: Session) -> None:
    provider, lot_id = an_organisation("provider"), some_lots(1)[0]
    standing = admit(None, provider.id, lot_id)
    remove_standing(standing_id=standing.id, reason="Closed", by=THE_PORTAL)
    assert found() == []
    again = admit(an_application(), provider.id, lot_id, days=900, title="New name")
    assert (again.state, again.ends_on) == ("admitted", clock.today() + timedelta(days=900))
    assert [hit.service.title for hit in search(SearchCriteria(clock.today(), words="new name")).hits] == [
        "New name"
    ]


def test_decided_anew_the_same_application_changes_its_standing_and_keeps_its_page(session: Session) -> None:
    application, provider, lot_id = an_application(), an_organisation("provider"), some_lots(1)[0]
    standing = admit(application, provider.id, lot_id)
    conditional = admit(application, provider.id, lot_id, 900, anew=True, on_conditions=True, title="Other")
    assert (conditional.state, found()) == ("conditional", [])
    assert conditional.ends_on == clock.today() + timedelta(days=100)
    remove_standing(standing_id=standing.id, reason="Not admitted.", by=THE_PORTAL)
    again = admit(application, provider.id, lot_id, 900, anew=True, title="Other")
    assert (again.id, again.state, again.ends_on) == (
        standing.id,
        "admitted",
        clock.today() + timedelta(days=900),
    )
    assert "Other" not in session.scalars(select(Service.title)).all()


def test_a_later_application_does_not_lift_a_suspension(session: Session) -> None:
    provider, lot_id = an_organisation("provider"), some_lots(1)[0]
    standing = admit(None, provider.id, lot_id)
    suspend_standing(standing_id=standing.id, reason="Concern", by=THE_PORTAL)
    assert admit(an_application(), provider.id, lot_id).state == "suspended"
    assert found() == []


def test_a_tender_with_an_unknown_postcode_is_admitted_without_a_location(session: Session) -> None:
    service = a_service(postcode="BT1 1AA")
    assert found() == [service.id]
    assert (service.easting, service.postcode) == (None, "BT1 1AA")


@pytest.mark.parametrize("leave", [suspend_standing, remove_standing])
def test_a_suspended_or_removed_provider_leaves_the_search_at_once(session: Session, leave) -> None:
    service = a_service()
    leave(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)
    assert found() == []
    assert session.scalar(select(func.count()).select_from(SearchRow)) == 0
    with pytest.raises(NotAdmitted), transaction():
        require_admitted(service.id)


def test_a_reinstated_provider_can_be_found_again(session: Session) -> None:
    service = a_service()
    suspend_standing(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)
    reinstate_standing(standing_id=service.standing_id, reason="Put right", by=THE_PORTAL)
    assert found() == [service.id]
    newest = trail_of("standing", service.standing_id)[0]
    assert (newest["action"], newest["details"]["reason"]) == ("standing.reinstate", "Put right")


def test_standing_does_not_change_from_a_wrong_state(session: Session) -> None:
    service = a_service()
    with pytest.raises(MoveRefused):
        reinstate_standing(standing_id=service.standing_id, reason="x", by=THE_PORTAL)
    with pytest.raises(NotFound):
        suspend_standing(standing_id=0, reason="x", by=THE_PORTAL)
    assert found() == [service.id]


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)])
def test_no_child_is_referred_outside_the_term(session: Session, days) -> None:
    day = clock.today()
    service = a_service(starts_on=day + timedelta(days=days[0]), ends_on=day + timedelta(days=days[1]))
    assert found() == []
    with pytest.raises(NotAdmitted), transaction():
        require_admitted(service.id)


def test_all_search_rows_are_made_anew_from_the_services(session: Session) -> None:
    kept, suspended = a_service(title="Kept"), a_service()
    suspend_standing(standing_id=suspended.standing_id, reason="Concern", by=THE_PORTAL)
    before = session.execute(select(SearchRow.__table__)).all()
    session.execute(text("UPDATE search_row SET words = '', traits = 0"))
    refresh_all_search_rows()
    assert session.execute(select(SearchRow.__table__)).all() == before
    assert found() == [kept.id]
