"""Answering a referral: an offer, a refusal, or an offer taken back.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.commissioning import letters
from portal.commissioning.choices import choice_of
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import PRICE_UNITS, Referral
from portal.commissioning.offers import Offer, check_offer, check_price
from portal.commissioning.requests import note_refusal
from portal.commissioning.telling import address_of, locked_referral, tell
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.services import require_admitted
from portal.errors import Conflict, NotFound, Refusal
from portal.finding.services import note_met
from portal.lifecycle import move


class TakenUp(Conflict):
    """The school has chosen the offer."""

    sentence = (
        "Your offer has been chosen, so it stands. If you cannot take the child, speak to the commissioner "
        "today: it can cancel its choice."
    )


class InCompetition(Conflict):
    """Its answer is sealed, and given elsewhere."""

    sentence = (
        "This referral is answered in its mini-competition. You find the page of your answer on the referral."
    )


def accept_referral(*, referral_id: int, offer: Offer, portal_url: str, by: Actor) -> None:
    """Say yes, with what is offered.

    Raises `NotFound` for another provider's, `MoveRefused` when it is answered or over, `NotAdmitted` when
    the provider may not take children now, `InCompetition`, and what `check_offer` and `check_price` raise.
    """
    offer = offer.tidy
    check_offer(offer)
    with transaction():
        referral, provider = _received(referral_id, by)
        if _offered(referral) == (offer.start_on, offer.sessions, offer.price, offer.unit):
            return  # a second click
        if REFERRAL.allows("accept", referral.state):
            require_admitted(referral.service_id)
        if referral.competition_id:
            raise InCompetition()
        offer_on(referral, offer, by=by)
        words = letters.referral_accepted(
            reference=referral.reference,
            provider=provider.name,
            year_group=referral.year_group,
            start_on=offer.start_on,
            address=address_of(portal_url, referral),
        )
        tell(words, referral, "accepted", referral.school_id, "referral:send", by)


def offer_on(referral: Referral, offer: Offer, *, by: Actor) -> None:
    """Let an offer that was checked stand on a locked referral, inside the caller's transaction.

    Raises `MoveRefused` when it is answered or over.
    """
    service = db.session.get_one(Service, referral.service_id)
    referral.offered_price_reason = check_price(offer, service)
    referral.start_on, referral.answer_note = offer.start_on, offer.note
    referral.offered_sessions = list(offer.sessions)
    referral.offered_price, referral.offered_unit = offer.price, offer.unit
    move(
        REFERRAL,
        referral,
        "accept",
        by=by,
        start_on=offer.start_on.isoformat(),
        sessions=list(offer.sessions),
        price=f"{offer.price} for {PRICE_UNITS[offer.unit]}",
    )
    note_met(referral.request_id)


def decline_referral(*, referral_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Say no, with the reason. Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say why, so that the commissioner knows where else to look.", field="decline_reason")
    with transaction():
        referral, provider = _received(referral_id, by)
        if (referral.state, referral.decline_reason) == ("declined", reason.strip()):
            return  # a second click
        referral.decline_reason = reason.strip()
        move(REFERRAL, referral, "decline", by=by)
        note_refusal(referral)
        words = letters.referral_declined(
            reference=referral.reference,
            provider=provider.name,
            year_group=referral.year_group,
            address=address_of(portal_url, referral),
        )
        tell(words, referral, "declined", referral.school_id, "referral:send", by)


def take_offer_back(*, referral_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Say no after all, while the school has not chosen. What was offered stays in the trail.

    Raises `NotFound`, `MoveRefused`, `Refusal` without a reason, and `TakenUp` once it was chosen.
    """
    if not reason.strip():
        raise Refusal("Say why, so that the commissioner knows where else to look.", field="decline_reason")
    with transaction():
        referral, provider = _received(referral_id, by)
        if (referral.state, referral.decline_reason) == ("declined", reason.strip()):
            return  # a second click
        choice = choice_of(referral.request_id)
        if choice and choice.referral_id == referral_id:
            raise TakenUp()
        referral.decline_reason, referral.start_on = reason.strip(), None
        referral.offered_sessions, referral.offered_price, referral.offered_unit = [], None, ""
        referral.offered_price_reason = referral.answer_note = ""
        move(REFERRAL, referral, "take_back", by=by)
        note_refusal(referral)
        words = letters.offer_taken_back(
            reference=referral.reference,
            provider=provider.name,
            year_group=referral.year_group,
            address=address_of(portal_url, referral),
        )
        tell(words, referral, "taken back", referral.school_id, "referral:send", by)


def _offered(referral: Referral) -> tuple[object, ...]:
    """What stands as offered; nothing that equals an offer while there is none."""
    if referral.state != "accepted":
        return ()
    return referral.start_on, referral.offered_sessions, referral.offered_price, referral.offered_unit


def _received(referral_id: int, by: Actor) -> tuple[Referral, Organisation]:
    """A referral to the actor's own organisation, locked, and that organisation."""
    referral = locked_referral(referral_id)
    provider = db.session.scalars(
        select(Organisation)
        .join(Service, Service.provider_id == Organisation.id)
        .where(Service.id == referral.service_id)
    ).one()
    if not by.may("referral:answer") or provider.id != by.organisation_id:
        raise NotFound()
    return referral, provider
