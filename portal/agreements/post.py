"""To whom letters about an agreement go: those of a party who sign, and the council's quality officers."""

from sqlalchemy import select

from portal.accounts.letters import write_to_members
from portal.agreements.models import PlacementAgreement
from portal.audit.services import Doer
from portal.database import db
from portal.directory.models import Service, Standing
from portal.mail.words import Words
from tender.frameworks.models import Framework, Lot


def address_of(portal_url: str, agreement: PlacementAgreement) -> str:
    """Where an agreement is read."""
    return f"{portal_url}/agreements/{agreement.id}"


def write_to(
    organisation_id: int, words: Words, agreement: PlacementAgreement, event: str, by: Doer, *,
    permission: str = "agreement:sign",
) -> None:  # fmt: skip
    """A letter to everybody of an organisation who holds the permission, inside the caller's transaction."""
    write_to_members(
        organisation_id,
        permission,
        words,
        key=f"placement_agreement:{agreement.id}:{event}",
        subject_type="placement_agreement",
        subject_id=agreement.id,
        by=by,
    )


def write_to_council(words: Words, agreement: PlacementAgreement, event: str, by: Doer) -> None:
    """A letter to the quality officers of the council under whose framework the agreement is."""
    write_to(council_of(agreement), words, agreement, event, by, permission="placement:read")


def council_of(agreement: PlacementAgreement) -> int:
    """The council under whose framework the agreement's service is."""
    return db.session.scalars(
        select(Framework.council_id)
        .join(Lot, Lot.framework_id == Framework.id)
        .join(Standing, Standing.lot_id == Lot.id)
        .join(Service, Service.standing_id == Standing.id)
        .where(Service.id == agreement.service_id)
    ).one()
