"""Sending referrals, one or several of the same child at once, withdrawing and erasing them.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

import secrets
from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.commissioning import letters
from portal.commissioning.lifecycle import REFERRAL
from portal.commissioning.models import Referral
from portal.commissioning.need_profile import EHC_PLANS, SEXES, NeedProfile, too_few_alike
from portal.commissioning.offers import days_of
from portal.commissioning.requests import asked_and_open, note_refusal, request_of
from portal.commissioning.telling import address_of, locked_referral, tell
from portal.commissioning.windows import answer_by, windows_in_force
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.models import Service
from portal.directory.offer import NEEDS, SESSIONS, in_week_order
from portal.directory.queries import service_named
from portal.directory.services import NotAdmitted, require_admitted
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.mail.services import remove_letters_about
from portal.web.filters import plural

# Without look-alikes, so that a reference can be read out on the telephone.
_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXYZ"
MOST_ASKED = 8
"""So many services are asked for a child in one step: each of them keeps a place in mind until it hears."""


class AskedAlready(Conflict):
    """The same service was asked for the same child, and that referral is not over."""


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
    if not set(profile.needs) <= set(NEEDS):
        raise Refusal("Choose needs from the list.", field="needs")
    _check_when(profile)
    _check_who(profile)
    if not profile.need_summary.strip():
        raise Refusal("Say what the child needs.", field="need_summary")
    if not profile.strengths.strip():
        raise Refusal("Say what the child is good at and enjoys.", field="strengths")


def _check_when(profile: NeedProfile) -> None:
    if not 1 <= profile.days_a_week <= 5:
        raise Refusal("Choose 1 to 5 days a week.", field="days_a_week")
    if not set(profile.sessions_wanted) <= set(SESSIONS):
        raise Refusal("Choose half days from the table.", field="sessions_wanted")
    if profile.sessions_wanted and (days := days_of(profile.sessions_wanted)) != profile.days_a_week:
        raise Refusal(
            f"You ask for {plural(profile.days_a_week, 'day')} a week, and ticked half days on"
            f" {plural(days, 'day')}. Change one of the two.",
            field="sessions_wanted",
        )
    if profile.start_wanted_on < clock.today():
        raise Refusal("The day you want the child to start must not be in the past.", field="start_wanted_on")


def _check_who(profile: NeedProfile) -> None:
    if profile.ehc_plan not in EHC_PLANS:
        raise Refusal("Say whether the child has an education, health and care plan.", field="ehc_plan")
    if profile.sex not in ("", *SEXES):
        raise Refusal("Choose girl or boy, or leave it out.", field="sex")
    if sentence := too_few_alike(profile):
        raise Refusal(sentence, field="sex")


def send_referral(
    *,
    service_id: int,
    profile: NeedProfile,
    token: UUID,
    portal_url: str,
    by: Actor,
    request_id: UUID | None = None,
    competing_until: datetime | None = None,
) -> Referral:
    """Send one child's profile to one service and write to the people there who answer referrals.

    With the `request_id` of an earlier referral of the same school it is about the same child. In a
    mini-competition it is answered until `competing_until`, its close.
    The same `token` sent again gives the referral that it made. Raises `NotFound` and
    `portal.directory.services.NotAdmitted` for a service that cannot be found today, `AskedAlready`, and what
    `check_profile` and `request_of` raise.
    """
    if not by.may("referral:send"):
        raise NotFound()
    with transaction() as session:
        if sent := _sent_with(token, by):
            return sent
        check_profile(profile)
        request = request_of(request_id, by)
        service = require_admitted(service_id)
        if service_id in asked_and_open(request):
            raise AskedAlready(
                f"{_name_of(service_id)} has been asked for this child already, and that referral is open.",
                field="services",
            )
        sent_at = clock.now()
        until = competing_until or answer_by(sent_at, urgent=profile.urgent, **windows_in_force())
        new_id = session.scalar(
            insert(Referral)
            .values(
                **asdict(profile)
                | {"needs": list(profile.needs), "sessions_wanted": in_week_order(profile.sessions_wanted)},
                reference=_free_reference(),
                token=token,
                request_id=request,
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
            competing=competing_until is not None,
            address=address_of(portal_url, referral),
        )
        tell(words, referral, "sent", service.provider_id, "referral:answer", by)
    return referral


def send_referrals(
    *,
    service_ids: Collection[int],
    profile: NeedProfile,
    token: UUID,
    portal_url: str,
    by: Actor,
    request_id: UUID | None = None,
) -> list[Referral]:
    """Ask several services for the same child in one step: all of them, or none.

    Each gets a referral of its own, with its own window, and answers for itself (`send_referral`, which says
    what is raised). Of each, the same `token` gives the referral that it made. Raises `Refusal` for nobody,
    or for more than `MOST_ASKED`.
    """
    asked = sorted(set(service_ids))
    if not 1 <= len(asked) <= MOST_ASKED:
        raise Refusal(f"Choose 1 to {MOST_ASKED} services to ask.", field="services")
    sent: list[Referral] = []
    with transaction():
        for service_id in asked:
            try:
                referral = send_referral(
                    service_id=service_id,
                    profile=profile,
                    token=uuid5(token, str(service_id)),
                    portal_url=portal_url,
                    by=by,
                    request_id=sent[0].request_id if sent else request_id,
                )
            except NotAdmitted as refusal:
                raise NotAdmitted(f"{_name_of(service_id)}: {refusal.sentence}", field="services") from None
            sent.append(referral)
    return sent


def withdraw_referral(*, referral_id: int, portal_url: str, by: Actor) -> None:
    """Take back a referral that nobody answered yet. Raises `NotFound` and `MoveRefused`."""
    with transaction() as session:
        referral = locked_referral(referral_id)
        if not by.may("referral:send") or referral.school_id != by.organisation_id:
            raise NotFound()
        if referral.state == "withdrawn":
            return  # a second click
        move(REFERRAL, referral, "withdraw", by=by)
        if referral.answer_by and clock.now() >= referral.answer_by:
            note_refusal(referral)
        words = letters.referral_withdrawn(
            reference=referral.reference,
            school=by.organisation_name,
            year_group=referral.year_group,
            address=address_of(portal_url, referral),
        )
        service = session.get_one(Service, referral.service_id)
        tell(words, referral, "withdrawn", service.provider_id, "referral:answer", by)


def erase_referral(referral_id: int, *, by: Doer) -> None:
    """Remove a referral, with all that it says of the child, and the letters about it. Raises `NotFound`."""
    with transaction() as session:
        referral = locked_referral(referral_id)
        remove_letters_about("referral", referral_id)
        record("referral.erase", "referral", referral_id, by=by, reference=referral.reference)
        session.delete(referral)


def blank_referral(referral_id: int, *, by: Doer) -> None:
    """Erase all that a referral says of the child, and the letters about it. Its row stays, since a choice
    names it. Raises `NotFound`."""
    with transaction():
        referral = locked_referral(referral_id)
        remove_letters_about("referral", referral_id)
        for field in fields(NeedProfile):
            if field.type is str:
                setattr(referral, field.name, "")
        referral.needs, referral.sessions_wanted = [], []
        referral.answer_note = referral.offered_price_reason = ""
        record("referral.blank", "referral", referral_id, by=by, reference=referral.reference)


def _name_of(service_id: int) -> str:
    """Provider and service: services of several providers are often called the same."""
    service = service_named(service_id)
    return f"{service.provider_name}, {service.title}"


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
