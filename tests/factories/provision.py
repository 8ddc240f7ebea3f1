"""Service pages as providers keep them."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Service, Standing
from portal.provision.queries import page_of
from portal.provision.services import save_part, send_for_check
from tender.frameworks.models import Framework, Lot
from tests.factories.accounts import a_person
from tests.factories.directory import a_service_and_its_person

PORTAL = "https://portal.example.org"
SAID: dict[str, dict[str, Any]] = {
    "about": {
        "title": "Bike workshop",
        "summary": "Children repair bicycles.",
        "subjects": ["motor"],
        "group_size": 4,
        "children_per_adult": 2,
    },
    "children": {
        "key_stages": ["KS4"],
        "needs": ["ASD"],
        "sex": "any",
        "tiers": ["tier2"],
        "qualifications": ["unit_award"],
    },
    "where": {
        "modes": ["at_site"],
        "sites": [
            {"address": "Arch 5, Station Approach", "postcode": "M1 1AE", "run_by": ""},
            {"address": "The Old Depot", "postcode": "SK1 3XE", "run_by": "Depot Trust"},
        ],
    },
    "when": {"sessions": ["mon_am", "tue_am"], "places": 8, "transport": "none", "transport_note": ""},
    "prices": {
        "price_per_day": Decimal("80.50"),
        "price_half_day": Decimal("45.00"),
        "price_hour": None,
        "price_includes": ["lunch"],
    },
    "registration": {"registered_school": False, "urn": None, "inspection": "", "inspected_on": None},
}


def save(person: Actor, service: Service, part: str, **changed: Any) -> bool:
    """Save a part of the person's page as it is now shown, with some of it changed."""
    return save_part(
        service_id=service.id,
        part=part,
        values=SAID[part] | changed,
        seen=page_of(person, service.id).seen,
        by=person,
    )


def a_page_sent(**facts: Any) -> tuple[Service, Actor, int]:
    """A service whose page waits for the council's check, its person, and the proposal."""
    service, person = a_service_and_its_person(**facts)
    for part in SAID:
        save(person, service, part)
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    proposal_id = page_of(person, service.id).proposal_id
    assert proposal_id
    return service, person, proposal_id


def a_checker(service: Service) -> Actor:
    """A quality officer of the council whose framework the service stands on."""
    council_id = db.session.execute(
        select(Framework.council_id)
        .join(Lot, Lot.framework_id == Framework.id)
        .join(Standing, Standing.lot_id == Lot.id)
        .where(Standing.id == service.standing_id)
    ).scalar_one()
    return a_person(db.session.get_one(Organisation, council_id), "quality_officer")
