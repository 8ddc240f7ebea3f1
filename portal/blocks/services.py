"""Proposing, answering and ending block purchases, and taking a place from one.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.blocks import letters
from portal.blocks.lifecycle import BLOCK
from portal.blocks.models import PlaceBlock
from portal.blocks.queries import open_to, taken_today
from portal.blocks.terms import Terms
from portal.call_offs.models import CallOff
from portal.call_offs.queries import routes_open_for
from portal.call_offs.services import call_off
from portal.commissioning.models import PRICE_UNITS, Referral
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.offer import SESSIONS, in_week_order
from portal.directory.services import require_admitted
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.mail.words import Words
from portal.web.filters import plural, uk_date
from portal.web.words import count_words

MOST_PLACES = 99
LONGEST_REASON = 150  # words


class NothingFree(Conflict):
    """Somebody else took the last place."""

    sentence = "No place is free in this block any more. Choose another one, or another route."


def propose(*, service_id: int, terms: Terms, portal_url: str, by: Actor) -> PlaceBlock:
    """Ask a provider to sell places of a service that can be found today.

    The same terms proposed twice, while the provider has not answered, are one purchase. Raises `NotFound`,
    `portal.directory.services.NotAdmitted`, and `Refusal` with the field.
    """
    if not by.may("block:buy"):
        raise NotFound()
    check_terms(terms)
    with transaction() as session:
        buyer = select(Organisation.id).where(Organisation.id == by.organisation_id)
        session.execute(buyer.with_for_update(key_share=True))  # the other click of two waits
        if known := _proposed(service_id, terms, by):
            return known  # a second click
        service = require_admitted(service_id)
        if "block" not in routes_open_for(service_id):
            raise Refusal("The framework of this service opens no block purchase.")
        block = PlaceBlock(
            buyer_id=by.organisation_id,
            provider_id=service.provider_id,
            service_id=service_id,
            places=terms.places,
            sessions=in_week_order(terms.sessions),
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            price=terms.price,
            price_unit=terms.price_unit,
            reason=terms.reason.strip(),
            proposed_at=clock.now(),
            proposed_by_id=by.person_id,
        )
        session.add(block)
        session.flush()
        record("place_block.propose", "place_block", block.id, by=by, service=service_id, places=terms.places)
        words = letters.proposed(
            buyer=by.organisation_name,
            service=service.title,
            places=plural(terms.places, "place"),
            address=_address(portal_url, block),
        )
        _tell(words, block, "proposed", block.provider_id, "block:answer", by)
    return block


def answer(*, block_id: int, agree: bool, note: str, portal_url: str, by: Actor) -> None:
    """Agree to a purchase, or refuse it with the reason.

    Raises `NotFound`, `MoveRefused`, `NotAdmitted` where the provider may take no children now, and `Refusal`
    for a refusal without a reason, and for a yes to days that have passed.
    """
    if not agree and not note.strip():
        raise Refusal("Say why you refuse.", field="note")
    with transaction() as session:
        block = _locked(session, block_id)
        if not by.may("block:answer") or block.provider_id != by.organisation_id:
            raise NotFound()
        if (block.state, block.answer) == ("agreed" if agree else "refused", note.strip()):
            return  # a second click
        service = session.get_one(Service, block.service_id)
        if BLOCK.allows("agree", block.state):
            block.answer = note.strip()
            if agree:
                _refuse_past(block)
                require_admitted(block.service_id)
        move(BLOCK, block, "agree" if agree else "refuse", by=by)
        words = letters.answered(
            provider=by.organisation_name, service=service.title, agreed=agree,
            address=_address(portal_url, block),
        )  # fmt: skip
        _tell(words, block, "answered", block.buyer_id, "block:buy", by)


def close(*, block_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Take a proposal back, or end a purchase; children who were placed from it stay as agreed.

    Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason.
    """
    if not reason.strip():
        raise Refusal("Say why. The provider reads it.", field="reason")
    with transaction() as session:
        block = _locked(session, block_id)
        if not by.may("block:buy") or block.buyer_id != by.organisation_id:
            raise NotFound()
        if (block.state in ("withdrawn", "ended"), block.close_reason) == (True, reason.strip()):
            return  # a second click
        ended = block.state == "agreed"
        if block.state in ("proposed", "agreed"):
            block.close_reason = reason.strip()
        move(BLOCK, block, "end" if ended else "withdraw", by=by)
        service = session.get_one(Service, block.service_id)
        words = letters.closed(
            buyer=by.organisation_name, service=service.title, ended=ended,
            address=_address(portal_url, block),
        )  # fmt: skip
        _tell(words, block, "closed", block.provider_id, "block:answer", by)


def take_place(
    *,
    block_id: int,
    referral_id: int,
    reason: str,
    pupil_preference: str,
    parent_preference: str,
    portal_url: str,
    by: Actor,
) -> CallOff:
    """Choose the offer of a referral by a place that was bought before.

    Raises `NotFound`, `NothingFree`, and what `portal.call_offs.services.call_off` raises.
    """
    with transaction() as session:
        referral = session.get(Referral, referral_id)
        if referral is None or referral.school_id != by.organisation_id or not by.may("referral:send"):
            raise NotFound()
        block = _locked(session, block_id)
        known = session.scalar(
            select(CallOff.id).where(
                CallOff.referral_id == referral_id, CallOff.block_id == block_id, CallOff.state == "chosen"
            )
        )
        if known is None:
            if block.service_id != referral.service_id:
                raise NotFound()
            if session.scalar(select(taken_today(block_id))) >= block.places:
                raise NothingFree()
            if block_id not in {each.id for each in open_to(by, referral.service_id)}:
                raise NotFound()
        return call_off(
            referral_id=referral_id,
            route="block",
            reason=reason,
            pupil_preference=pupil_preference,
            parent_preference=parent_preference,
            block_id=block_id,
            portal_url=portal_url,
            by=by,
        )


def _refuse_past(block: PlaceBlock) -> None:
    """Raise `Refusal` where days of a purchase have passed before anybody agreed to it."""
    if block.starts_on >= clock.today():
        return
    over = block.ends_on < clock.today()
    passed = f"ended on {uk_date(block.ends_on)}" if over else f"began on {uk_date(block.starts_on)}"
    raise Refusal(
        f"The term of this purchase {passed}, before you answered: nobody can sell days that have passed. "
        "Refuse it, and ask the buyer to propose days to come.",
        field="decision",
    )


def free_after(*, call_off_id: int, last_day: date | None) -> None:
    """Note the last day on which a choice takes its place (None: no end is known), in the caller's
    transaction. For the room of agreements."""
    choice = db.session.get(CallOff, call_off_id, with_for_update=True)
    if choice and choice.block_id:
        choice.block_until = last_day


def check_terms(terms: Terms) -> None:
    """Raise `Refusal`, with the form's field, for terms to which nobody could agree."""
    if not 1 <= terms.places <= MOST_PLACES:
        raise Refusal(f"Buy 1 to {MOST_PLACES} places.", field="places")
    if not terms.sessions or not set(terms.sessions) <= set(SESSIONS):
        raise Refusal("Choose the half days of each place.", field="sessions")
    if terms.starts_on < clock.today():
        raise Refusal("The first day must not be in the past.", field="starts_on")
    if terms.ends_on <= terms.starts_on:
        raise Refusal("The last day must be after the first.", field="ends_on")
    if terms.price <= 0 or terms.price_unit not in PRICE_UNITS:
        raise Refusal("Enter a price of more than £0.", field="price")
    if not terms.reason.strip():
        raise Refusal("Say why you buy in advance.", field="reason")
    if (count := count_words(terms.reason)) > LONGEST_REASON:
        raise Refusal(f"This is {count} words. The limit is {LONGEST_REASON}.", field="reason")


def _proposed(service_id: int, terms: Terms, by: Actor) -> PlaceBlock | None:
    """What the buyer has proposed in exactly these terms, and is not answered."""
    return db.session.scalar(
        select(PlaceBlock).where(
            PlaceBlock.buyer_id == by.organisation_id,
            PlaceBlock.service_id == service_id,
            PlaceBlock.state == "proposed",
            PlaceBlock.places == terms.places,
            PlaceBlock.sessions == in_week_order(terms.sessions),
            PlaceBlock.starts_on == terms.starts_on,
            PlaceBlock.ends_on == terms.ends_on,
            PlaceBlock.price == terms.price,
            PlaceBlock.price_unit == terms.price_unit,
            PlaceBlock.reason == terms.reason.strip(),
        )
    )


def _locked(session: Session, block_id: int) -> PlaceBlock:
    block = session.get(PlaceBlock, block_id, with_for_update=True, populate_existing=True)
    if block is None:
        raise NotFound()
    return block


def _address(portal_url: str, block: PlaceBlock) -> str:
    return f"{portal_url}/blocks/{block.id}"


def _tell(
    words: Words, block: PlaceBlock, event: str, organisation_id: int, permission: str, by: Actor
) -> None:
    write_to_members(
        organisation_id,
        permission,
        words,
        key=f"place_block:{block.id}:{event}",
        subject_type="place_block",
        subject_id=block.id,
        by=by,
    )
