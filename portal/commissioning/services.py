"""Sending, answering and withdrawing referrals.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

import secrets
from dataclasses import asdict, fields
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer, record
from portal.commissioning import letters
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import NeedProfile
from portal.commissioning.requests import note_refusal, request_of
from portal.commissioning.windows import answer_by
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.models import Service
from portal.directory.offer import NEEDS
from portal.directory.services import require_admitted
from portal.errors import NotFound, Refusal
from portal.finding.services import note_met
from portal.lifecycle import move
from portal.mail.services import remove_letters_about, write_letter

# Without look-alikes, so that a reference can be read out on the telephone.
_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXYZ"


class IdentifiesTheChild(Refusal):
    """Something that was typed could say who the child is. `problems` has a sentence for each field."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        field, sentence = next(iter(problems.items()))
        super().__init__(sentence, field=field)


def check_profile(profile: NeedProfile) -> None:
    """Raise `IdentifiesTheChild` for the fields that could, `Refusal` for what no provider could answer."""
    texts = {f.name: getattr(profile, f.name) for f in fields(profile) if f.type is str}
    problems = {name: sentence for name, text in texts.items() if (sentence := identifier_in(text))}
    if problems:
        raise IdentifiesTheChild(problems)
    if not 1 <= profile.year_group <= 13:
        raise Refusal("Choose a year group from 1 to 13.", field="year_group")
    if not 1 <= profile.days_a_week <= 5:
        raise Refusal("Choose 1 to 5 days a week.", field="days_a_week")
    if not set(profile.needs) <= set(NEEDS):
        raise Refusal("Choose needs from the list.", field="needs")
    if profile.start_wanted_on < clock.today():
        raise Refusal("The day you want the child to start must not be in the past.", field="start_wanted_on")
    if not profile.need_summary.strip():
        raise Refusal("Say what the child needs.", field="need_summary")
    if not profile.strengths.strip():
        raise Refusal("Say what the child is good at and enjoys.", field="strengths")


def send_referral(
    *,
    service_id: int,
    profile: NeedProfile,
    token: UUID,
    portal_url: str,
    by: Actor,
    request_id: UUID | None = None,
) -> Referral:
    """Send one child's profile to one service and write to the people there who answer referrals.

    With the `request_id` of an earlier referral of the same school it is about the same child.
    The same `token` sent again gives the referral that it made. Raises `NotFound` and
    `portal.directory.services.NotAdmitted` for a service that cannot be found today, and what `check_profile`
    raises.
    """
    if not by.may("referral:send"):
        raise NotFound()
    with transaction() as session:
        if sent := _sent_with(token, by):
            return sent
        check_profile(profile)
        service = require_admitted(service_id)
        sent_at = clock.now()
        until = answer_by(sent_at, urgent=profile.urgent)
        new_id = session.scalar(
            insert(Referral)
            .values(
                **asdict(profile) | {"needs": list(profile.needs)},
                reference=_free_reference(),
                token=token,
                request_id=request_of(request_id, by),
                school_id=by.organisation_id,
                service_id=service_id,
                state="sent",
                sent_at=sent_at,
                answer_by=until,
                sent_by_id=by.person_id,
            )
            .on_conflict_do_nothing(index_elements=["token"])
            .returning(Referral.id)
        )
        if new_id is None:  # the other click of two was quicker
            return _require(_sent_with(token, by))
        referral = session.get_one(Referral, new_id)
        record(
            "referral.send", "referral", referral.id, by=by, reference=referral.reference, service=service_id
        )
        words = letters.referral_sent(
            reference=referral.reference,
            school=by.organisation_name,
            service=service.title,
            year_group=profile.year_group,
            urgent=profile.urgent,
            answer_by=until,
            address=_address(portal_url, referral),
        )
        _write(words, referral, "sent", service.provider_id, "referral:answer", by)
    return referral


def accept_referral(*, referral_id: int, start_on: date, note: str, portal_url: str, by: Actor) -> None:
    """Say yes, with the day on which the child can start.

    Raises `NotFound` for another provider's, `MoveRefused` when it is answered or withdrawn, `NotAdmitted`
    when the provider may not take children now, and `Refusal` for a day in the past.
    """
    if start_on < clock.today():
        raise Refusal("The start date must not be in the past.", field="start_on")
    with transaction():
        referral, provider = _received(referral_id, by)
        if (referral.state, referral.start_on) == ("accepted", start_on):
            return  # a second click
        if REFERRAL.allows("accept", referral.state):
            require_admitted(referral.service_id)
        referral.start_on, referral.answer_note = start_on, note.strip()
        move(REFERRAL, referral, "accept", by=by, start_on=start_on.isoformat())
        note_met(referral.request_id)
        words = letters.referral_accepted(
            reference=referral.reference,
            provider=provider.name,
            year_group=referral.year_group,
            start_on=start_on,
            address=_address(portal_url, referral),
        )
        _write(words, referral, "accepted", referral.school_id, "referral:send", by)


def decline_referral(*, referral_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Say no, with the reason. Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason."""
    if not reason.strip():
        raise Refusal("Say why, so that the school knows where else to look.", field="decline_reason")
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
            address=_address(portal_url, referral),
        )
        _write(words, referral, "declined", referral.school_id, "referral:send", by)


def withdraw_referral(*, referral_id: int, portal_url: str, by: Actor) -> None:
    """Take back a referral that nobody answered yet. Raises `NotFound` and `MoveRefused`."""
    with transaction() as session:
        referral = _locked(referral_id)
        if not by.may("referral:send") or referral.school_id != by.organisation_id:
            raise NotFound()
        if referral.state == "withdrawn":
            return  # a second click
        move(REFERRAL, referral, "withdraw", by=by)
        words = letters.referral_withdrawn(
            reference=referral.reference,
            school=by.organisation_name,
            year_group=referral.year_group,
            address=_address(portal_url, referral),
        )
        service = session.get_one(Service, referral.service_id)
        _write(words, referral, "withdrawn", service.provider_id, "referral:answer", by)


def erase_referral(referral_id: int, *, by: Doer) -> None:
    """Remove a referral, with all that it says of the child, and the letters about it. Raises `NotFound`."""
    with transaction() as session:
        referral = _locked(referral_id)
        remove_letters_about("referral", referral_id)
        record("referral.erase", "referral", referral_id, by=by, reference=referral.reference)
        session.delete(referral)


def _sent_with(token: UUID, by: Actor) -> Referral | None:
    return db.session.scalar(
        select(Referral).where(Referral.token == token, Referral.school_id == by.organisation_id)
    )


def _require(referral: Referral | None) -> Referral:
    if referral is None:
        raise NotFound()
    return referral


def _free_reference() -> str:
    """A reference that no referral has: R- and five signs by chance, out of 20 million."""
    while True:
        reference = "R-" + "".join(secrets.choice(_ALPHABET) for _ in range(5))
        if db.session.scalar(select(Referral.id).where(Referral.reference == reference)) is None:
            return reference


def _locked(referral_id: int) -> Referral:
    return _require(db.session.get(Referral, referral_id, with_for_update=True, populate_existing=True))


def _received(referral_id: int, by: Actor) -> tuple[Referral, Organisation]:
    """A referral to the actor's own organisation, locked, and that organisation."""
    referral = _locked(referral_id)
    provider = db.session.scalars(
        select(Organisation)
        .join(Service, Service.provider_id == Organisation.id)
        .where(Service.id == referral.service_id)
    ).one()
    if not by.may("referral:answer") or provider.id != by.organisation_id:
        raise NotFound()
    return referral, provider


def _address(portal_url: str, referral: Referral) -> str:
    return f"{portal_url}/referrals/{referral.id}"


def _write(
    words: letters.Words, referral: Referral, event: str, organisation_id: int, permission: str, by: Actor
) -> None:
    """A letter to everybody of an organisation who holds the permission."""
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
