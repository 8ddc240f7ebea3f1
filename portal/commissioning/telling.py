"""What every step of a referral does: lock its row, and write to everybody whom it concerns."""

from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer
from portal.commissioning.letters import Words
from portal.commissioning.models import Referral
from portal.database import db
from portal.errors import NotFound
from portal.mail.services import write_letter


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
    for member in members_with_permission(organisation_id, permission):
        write_letter(
            key=f"referral:{referral.id}:{event}:{member['person_id']}",
            to_name=member["name"],
            to_address=member["email"],
            title=words.title,
            body=f"Dear {member['name']}\n\n{words.body}",
            subject_type="referral",
            subject_id=referral.id,
            organisation_id=organisation_id,
            by=by,
        )
