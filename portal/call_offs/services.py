"""Choosing one provider for one child, and cancelling a choice.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.accounts.models import Organisation, Person
from portal.audit.services import record
from portal.call_offs import letters
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.call_offs.queries import routes_open_for
from portal.call_offs.routes import ROUTES
from portal.commissioning.models import Referral
from portal.commissioning.release_services import lock_request, release
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.services import require_admitted
from portal.errors import Conflict, NotFound, Refusal
from portal.finding.services import note_met
from portal.lifecycle import move
from portal.mail.words import Words
from portal.web.filters import uk_datetime
from portal.web.words import count_words

LONGEST_REASON = 200  # words
LONGEST_PREFERENCE = 100  # words


class ChosenAlready(Conflict):
    """A colleague was first."""


class OfferGone(Conflict):
    """What was to be chosen is no offer any more."""

    sentence = (
        "This provider’s offer no longer stands: it was taken back, or the referral is over. Choose "
        "another, or ask others."
    )


Guard = Callable[[UUID, str], object]
_guards: list[Guard] = []


def check_choices_with(guard: Guard) -> None:
    """Let a higher room raise what forbids a choice: called with the request and the route, inside the
    transaction, with the request's referrals locked."""
    if guard not in _guards:
        _guards.append(guard)


def call_off(
    *,
    referral_id: int,
    route: str,
    reason: str,
    pupil_preference: str,
    parent_preference: str,
    block_id: int | None = None,
    portal_url: str,
    by: Actor,
) -> CallOff:
    """Choose the provider of an accepted referral, by a route that its framework opens; let the others go.

    A place that was bought before comes with its `block_id`.

    Whoever was asked is written to; those that were not chosen read nothing more of the child from the commit
    on. The same person's second click gives the choice that it made. Raises `NotFound` for another school's,
    `ChosenAlready` where a colleague was first, `OfferGone`, `NotAdmitted` when the provider may not take
    children now, and `Refusal` with the field for a closed route, a missing reason, a user choice without
    anybody's preference, and words that could say who the child is.
    """
    words = {
        "reason": reason.strip(),
        "pupil_preference": pupil_preference.strip(),
        "parent_preference": parent_preference.strip(),
    }
    _check(route, words)
    with transaction() as session:
        request_id = session.scalar(
            select(Referral.request_id).where(
                Referral.id == referral_id, Referral.school_id == by.organisation_id
            )
        )
        if request_id is None:
            raise NotFound()
        referrals = lock_request(request_id, by)
        if standing := _standing(referrals):
            if (standing.referral_id, standing.chosen_by_id) == (referral_id, by.person_id):
                return standing
            raise ChosenAlready(_who_was_first(standing))
        for guard in _guards:
            guard(request_id, route)
        chosen = next(each for each in referrals if each.id == referral_id)
        if chosen.state != "accepted":
            raise OfferGone()
        service = require_admitted(chosen.service_id)
        if route not in routes_open_for(service.id):
            raise Refusal(f"The framework does not open this route: {ROUTES[route].lower()}.", field="route")
        choice = CallOff(
            request_id=request_id,
            referral_id=chosen.id,
            school_id=chosen.school_id,
            provider_id=service.provider_id,
            service_id=service.id,
            route=route,
            block_id=block_id,
            **words,
            chosen_at=clock.now(),
            chosen_by_id=by.person_id,
        )
        session.add(choice)
        session.flush()
        record(
            "call_off.choose", "call_off", choice.id, by=by, referral=chosen.reference, route=route,
            service=service.id,
        )  # fmt: skip
        for other in referrals:
            if other is not chosen and other.state in ("sent", "accepted"):
                release(other, portal_url=portal_url, by=by)
        note_met(request_id)
        _tell(
            letters.chosen(
                reference=chosen.reference,
                school=by.organisation_name,
                service=service.title,
                address=f"{portal_url}/choices/{choice.id}",
            ),
            choice,
            "chosen",
            by,
        )
    return choice


def cancel_call_off(*, call_off_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Choose nobody after all: the provider that was chosen reads nothing more of the child, and the school
    can ask others for it.

    Raises `NotFound`, `Refusal` without a reason, and what those raise who listen to the move because
    something rests on the choice already (`CALL_OFF.subscribe("cancel", …)`).
    """
    reason = reason.strip()
    _check_words(reason, LONGEST_REASON, "cancel_reason", "Say why you cancel the choice.")
    with transaction() as session:
        known = session.execute(
            select(CallOff.request_id).where(
                CallOff.id == call_off_id, CallOff.school_id == by.organisation_id
            )
        ).one_or_none()
        if known is None:
            raise NotFound()
        referrals = lock_request(known.request_id, by)
        choice = session.get_one(CallOff, call_off_id, with_for_update=True, populate_existing=True)
        if choice.state == "cancelled":
            return  # a second click
        choice.cancel_reason = reason
        move(CALL_OFF, choice, "cancel", by=by)
        chosen = next(each for each in referrals if each.id == choice.referral_id)
        release(chosen, portal_url=portal_url, by=by, tells=False)
        _tell(
            letters.cancelled(
                reference=chosen.reference,
                school=by.organisation_name,
                address=f"{portal_url}/referrals/{chosen.id}",
            ),
            choice,
            "cancelled",
            by,
        )


def _check(route: str, words: Mapping[str, str]) -> None:
    if route not in ROUTES:
        raise Refusal("Choose how you choose.", field="route")
    _check_words(words["reason"], LONGEST_REASON, "reason", "Say why you choose this provider.")
    for name in ("pupil_preference", "parent_preference"):
        _check_words(words[name], LONGEST_PREFERENCE, name)
    if route == "user_choice" and not (words["pupil_preference"] or words["parent_preference"]):
        raise Refusal(
            "Say what the child or the parents chose: this route rests on it.", field="pupil_preference"
        )


def _check_words(text: str, most: int, field: str, missing: str = "") -> None:
    if missing and not text:
        raise Refusal(missing, field=field)
    if (words := count_words(text)) > most:
        raise Refusal(f"This is {words} words. The limit is {most}.", field=field)
    if sentence := identifier_in(text):
        raise Refusal(sentence, field=field)


def _standing(referrals: Sequence[Referral]) -> CallOff | None:
    return db.session.scalar(
        select(CallOff).where(CallOff.request_id == referrals[0].request_id, CallOff.state == "chosen")
    )


def _who_was_first(standing: CallOff) -> str:
    row = db.session.execute(
        select(Organisation.name, Person.name)
        .select_from(CallOff)
        .join(Organisation, Organisation.id == CallOff.provider_id)
        .join(Person, Person.id == CallOff.chosen_by_id)
        .where(CallOff.id == standing.id)
    ).one()
    return (
        f"{row[1]} chose {row[0]} for this child at {uk_datetime(standing.chosen_at)}. Your choice was not "
        "kept. To choose another, cancel that one first."
    )


def _tell(words: Words, choice: CallOff, event: str, by: Actor) -> None:
    """A letter to everybody of the provider who answers referrals."""
    write_to_members(
        choice.provider_id,
        "referral:answer",
        words,
        key=f"call_off:{choice.id}:{event}",
        subject_type="referral",
        subject_id=choice.referral_id,
        by=by,
    )
