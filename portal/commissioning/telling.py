"""What every step of a referral does: lock its row, and write to everybody whom it concerns."""

from portal.accounts.letters import write_to_members
from portal.audit.services import Doer
from portal.commissioning.models import Referral
from portal.database import db
from portal.errors import NotFound
from portal.mail.words import Words


def locked_referral(referral_id: int) -> Referral:
    """The referral, locked until the transaction ends. Raises `NotFound`."""
    referral = db.session.get(Referral, referral_id, with_for_update=True, populate_existing=True)
    if referral is None:
        raise NotFound()
    return referral


def address_of(portal_url: str, referral: Referral) -> str:
    """The address of a referral's page."""
    return f"{portal_url}/referrals/{referral.id}"


def tell(
    words: Words, referral: Referral, event: str, organisation_id: int, permission: str, by: Doer
) -> None:
    """A letter to everybody of an organisation who holds the permission; one for each event."""
    write_to_members(
        organisation_id,
        permission,
        words,
        key=f"referral:{referral.id}:{event}",
        subject_type="referral",
        subject_id=referral.id,
        by=by,
    )
