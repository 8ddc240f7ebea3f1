"""Letting go of the referrals of a request once somebody was chosen, or is chosen no more.

For the room that keeps choices (`portal.call_offs`); inside its transaction.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.commissioning import letters
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import Referral
from portal.commissioning.telling import address_of, tell
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound
from portal.lifecycle import move


def lock_request(request_id: UUID, by: Actor) -> Sequence[Referral]:
    """All referrals of a request of the actor's own school, locked, the oldest first. Raises `NotFound`."""
    mine = (
        select(Referral)
        .where(Referral.request_id == request_id, Referral.school_id == by.organisation_id)
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    # Who comes second waits at the first one and only then looks which there are: one more may be sent.
    db.session.execute(mine.limit(1))
    referrals = db.session.scalars(mine).all()
    if not referrals or not by.may("referral:send"):
        raise NotFound()
    return referrals


def release(referral: Referral, *, portal_url: str, by: Actor, tells: bool = True) -> None:
    """Let a provider go: it reads nothing more of the child from the commit on. It is written to, unless the
    caller writes to it (`tells`)."""
    answered = referral.state == "accepted"
    move(REFERRAL, referral, "release", by=by)
    if not tells:
        return
    provider_id = db.session.get_one(Service, referral.service_id).provider_id
    words = letters.not_chosen(
        reference=referral.reference,
        school=by.organisation_name,
        answered=answered,
        address=address_of(portal_url, referral),
    )
    tell(words, referral, "not chosen", provider_id, "referral:answer", by)
