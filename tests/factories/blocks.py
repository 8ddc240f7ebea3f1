"""Block purchases, proposed and agreed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from portal import clock
from portal.accounts.access import Actor
from portal.blocks.models import PlaceBlock
from portal.blocks.services import Terms, answer, propose, take_place
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.database import db, transaction
from portal.directory.models import Service
from tests.factories.commissioning import PORTAL_URL


def opens_blocks() -> None:
    """Let every framework open every route."""
    with transaction() as session:
        session.execute(
            text("UPDATE framework SET call_off_routes = call_off_routes || ARRAY['block']"
                 " WHERE NOT 'block' = ANY (call_off_routes)")
        )  # fmt: skip


def some_terms(**changes: Any) -> Terms:
    """Two places on two days for ten weeks, with some of it changed."""
    facts: dict[str, Any] = {
        "places": 2,
        "sessions": ("mon_am", "mon_pm"),
        "starts_on": clock.today(),
        "ends_on": clock.today() + timedelta(days=70),
        "price": Decimal(80),
        "price_unit": "day",
        "reason": "Children leave other placements every autumn.",
    }
    return Terms(**facts | changes)


def a_block(service: Service, buyer: Actor, **changes: Any) -> PlaceBlock:
    """A purchase that is proposed."""
    opens_blocks()
    return propose(service_id=service.id, terms=some_terms(**changes), portal_url=PORTAL_URL, by=buyer)


def an_agreed_block(service: Service, buyer: Actor, provider: Actor, **changes: Any) -> PlaceBlock:
    """A purchase to which the provider has agreed."""
    block = a_block(service, buyer, **changes)
    answered(block, provider)
    return block


def answered(block: PlaceBlock, provider: Actor, agree: bool = True, note: str = "") -> None:
    """The provider agrees, or not."""
    answer(block_id=block.id, agree=agree, note=note, portal_url=PORTAL_URL, by=provider)
    db.session.expire_all()


def take_place_from(block: PlaceBlock, referral: Referral, by: Actor) -> CallOff:
    """The school chooses an offer by a place of a purchase."""
    return take_place(
        block_id=block.id,
        referral_id=referral.id,
        reason="A place is free on the days that are wanted.",
        pupil_preference="",
        parent_preference="",
        portal_url=PORTAL_URL,
        by=by,
    )
