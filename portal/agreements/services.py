"""Writing an agreement: starting it from a call-off, its terms, offering it, taking it back, sending it back.

Signing and ending are in `signing_services`, variations in `change_services`. `portal_url` is the
address under which people reach the portal, for the links in letters.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from portal import clock
from portal.accounts.access import Actor
from portal.agreements import letters, post
from portal.agreements.lifecycle import AGREEMENT
from portal.agreements.models import PlacementAgreement
from portal.agreements.prefill_queries import choice_for, first_terms, reviews_between
from portal.agreements.queries import agreement_for, days_agreed, terms_of
from portal.agreements.terms import Terms, content_of, missing, sha256_of
from portal.agreements.version_services import (
    locked,
    move_version,
    new_draft,
    not_begun,
    own,
    said,
    write_anew,
)
from portal.audit.services import record
from portal.blocks.queries import bought_for
from portal.call_offs.bought import Bought
from portal.call_offs.models import CallOff
from portal.commissioning.provider_standing import NOT_IN_FORCE, require_open
from portal.database import db, transaction
from portal.directory.offer import in_week_order
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from portal.web.filters import money, plural, uk_date


class NotReady(Refusal):
    """Something is missing before a version can be offered. `problems` has (step, sentence) for each."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(problems[0][1])


def start_agreement(*, call_off_id: int, by: Actor) -> int:
    """Begin the agreement of a call-off with what is known, and return its id; begun twice, it is one.

    Raises `NotFound` for another school's call-off, `Refusal` for one that was cancelled.
    """
    with transaction() as session:
        choice = choice_for(by, call_off_id)
        call_off = session.get_one(CallOff, call_off_id, with_for_update=True, populate_existing=True)
        begun = select(PlacementAgreement.id).where(
            PlacementAgreement.call_off_id == call_off_id, PlacementAgreement.state != "cancelled"
        )
        if (found := session.scalar(begun)) is not None:
            return found
        if call_off.state != "chosen":
            raise Refusal("This choice was cancelled. Choose a provider first.")
        assert by.organisation_id is not None and by.person_id is not None
        agreement = PlacementAgreement(
            reference=_reference(choice.reference),
            call_off_id=call_off_id,
            school_id=by.organisation_id,
            provider_id=choice.provider_id,
            service_id=choice.service_id,
            made_at=clock.now(),
            made_by_id=by.person_id,
        )
        session.add(agreement)
        session.flush()
        new_draft(agreement, first_terms(by, choice), number=1, reason="", by=by)
        record(
            "placement_agreement.start", "placement_agreement", agreement.id, by=by,
            reference=agreement.reference, call_off=call_off_id,
        )  # fmt: skip
    return agreement.id


def save_terms(*, agreement_id: int, values: Mapping[str, Any], seen: str, by: Actor) -> None:
    """Keep some of the terms of the draft. `seen` is the `digest_of` what the page showed of them.

    Raises `NotFound` for who may not write, `MoveRefused` when it is not a draft, `Conflict` when somebody
    else saved meanwhile, and `Refusal` with the field for days that cannot be.
    """
    with transaction():
        agreement, version = own(agreement_id, by)
        if version is None or version.state != "draft":
            raise MoveRefused("This agreement is not being written. Take it back, or vary it, to change it.")
        began_on, counts_from = (None, None) if version.begins_anew else days_agreed(agreement.id)
        before = terms_of(version, began_on)
        changed = {name: value for name, value in values.items() if getattr(before, name) != value}
        if not changed:
            return
        if digest_of(before, values) != seen:
            raise Conflict(
                "A colleague has saved this page meanwhile. Compare it in another window, then"
                " save again to keep what you typed."
            )
        for name, value in changed.items():
            setattr(version, name, value)
        if {"starts_on", "ends_on"} & set(changed) and "reviews_on" not in values:
            version.reviews_on = _reviews_within(before, terms_of(version, began_on))
        now = terms_of(version, began_on)
        _check(now)
        if counts_from and now.starts_on < counts_from:
            raise Refusal(
                f"What is in force counts from {uk_date(counts_from)}. A change counts from then at the"
                " earliest.",
                field="starts_on",
            )
        _check_bought(now, bought_for(by, agreement.call_off_id))
        record(
            "agreement_version.save", "agreement_version", version.id, by=by,
            reference=agreement.reference, number=version.number, fields=sorted(changed),
        )  # fmt: skip


def digest_of(terms: Terms, names: Any) -> str:
    """What tells that these fields have changed since a page was drawn."""
    return sha256_of([{name: repr(getattr(terms, name)) for name in sorted(names)}])


def offer(*, agreement_id: int, portal_url: str, by: Actor) -> None:
    """Offer the draft for signing: from now on it says for good what it says.

    Raises `NotFound`, `MoveRefused`, `NotReady`, `Refusal` while nobody has said who the child is or once the
    choice was cancelled, `NotAdmitted` and `Excluded` (`portal.commissioning.provider_standing`).
    """
    with transaction() as session:
        agreement, version = own(agreement_id, by)
        if version is None:
            raise MoveRefused("There is nothing to offer.")
        if version.state == "offered":
            return  # a second click
        not_begun(agreement, version)
        terms = terms_of(version, None if version.begins_anew else days_agreed(agreement.id)[0])
        if problems := list(missing(terms).values()):
            raise NotReady(problems)
        call_off = session.get_one(CallOff, agreement.call_off_id)
        if call_off.state != "chosen":
            raise Refusal("This choice was cancelled, so its agreement cannot be signed.")
        if call_off.child_id is None:
            raise Refusal("Say who the child is first. Nobody signs for a child whom nobody has named.")
        _check_bought(terms, bought_for(by, agreement.call_off_id))
        first = agreement.version_in_force is None
        if first:
            require_open(agreement.service_id, therefore=NOT_IN_FORCE)
        agreement.child_id = call_off.child_id
        facts = agreement_for(by, agreement_id)
        version.content = content_of(facts.parties, version.number, version.reason, terms)
        version.sha256 = sha256_of(version.content)
        move_version(version, "offer", agreement, by)
        if first:
            move(AGREEMENT, agreement, "offer", by=by, reference=agreement.reference)
        words = letters.offered(
            reference=agreement.reference,
            school=by.organisation_name,
            starts_on=version.starts_on,
            variation=not first,
            address=post.address_of(portal_url, agreement),
        )
        post.write_to(agreement.provider_id, words, agreement, f"offered {version.number}", by)


def take_back(*, agreement_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Take back what is out for signing and go on writing: signatures under it count for nothing.

    Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason.
    """
    reason = said(reason, "Say what you change, and why. The provider reads this.")
    with transaction():
        agreement, version = own(agreement_id, by)
        if version is None or version.state != "offered":
            raise MoveRefused("This agreement is not out for signing any more. Open it again.")
        write_anew(agreement, version, reason, by)
        words = letters.taken_back(
            reference=agreement.reference,
            school=by.organisation_name,
            address=post.address_of(portal_url, agreement),
        )
        post.write_to(agreement.provider_id, words, agreement, f"taken back {version.number}", by)


def send_back(*, agreement_id: int, number: int, note: str, portal_url: str, by: Actor) -> None:
    """The provider asks for a change instead of signing: the school goes on writing, with its note.

    Raises `NotFound`, `MoveRefused` when that version is not out for signing, `Refusal` without a note.
    """
    note = said(note, "Say what should be changed.")
    with transaction():
        agreement, version = locked(agreement_id)
        if agreement.provider_id != by.organisation_id or not by.may("agreement:sign"):
            raise NotFound()
        if version is None or version.number != number:
            raise MoveRefused("This version is not out for signing any more. Open the agreement again.")
        if version.state != "offered":
            raise NotFound()  # the school's draft
        write_anew(agreement, version, note, by)
        words = letters.sent_back(
            reference=agreement.reference,
            provider=by.organisation_name,
            address=post.address_of(portal_url, agreement),
        )
        post.write_to(agreement.school_id, words, agreement, f"sent back {version.number}", by)


def _reviews_within(before: Terms, now: Terms) -> list[date]:
    """The reviews once the term is another: proposed anew if they were as proposed, else those that fit."""
    if list(before.reviews_on) == reviews_between(before.first_day, before.ends_on):
        return reviews_between(now.first_day, now.ends_on) if now.first_day <= now.ends_on else []
    return [day for day in before.reviews_on if now.first_day <= day <= now.ends_on]


def _reference(referral_reference: str) -> str:
    """That of the referral, with P for placement; numbered where an earlier agreement was cancelled."""
    reference = "P" + referral_reference.removeprefix("R")
    taken = select(func.count()).where(
        (PlacementAgreement.reference == reference) | PlacementAgreement.reference.startswith(f"{reference}-")
    )
    earlier = db.session.scalar(taken) or 0
    return f"{reference}-{earlier + 1}" if earlier else reference


def _check(terms: Terms) -> None:
    """Raise `Refusal` with the field for terms that contradict themselves."""
    if terms.ends_on < terms.starts_on:
        raise Refusal(
            "The last day must not be before the day from which the change counts."
            if terms.began_on
            else "The last day must not be before the first day.",
            field="ends_on",
        )
    if terms.longest_weeks is not None and terms.weeks > terms.longest_weeks:
        raise Refusal(
            f"From the first day to the last are {plural(terms.weeks, 'week')}, and it may last at most"
            f" {plural(terms.longest_weeks, 'week')}. Choose an earlier last day, or agree a longer period.",
            field="longest_weeks",
        )
    if in_week_order(terms.sessions) != list(terms.sessions):
        raise Refusal("Choose half days from the list.", field="sessions")
    if not all(terms.first_day <= day <= terms.ends_on for day in terms.reviews_on):
        raise Refusal(
            "Every review must be between the first and the last day of the placement.", field="reviews_on"
        )


def _check_bought(terms: Terms, bought: Bought | None) -> None:
    """Raise `Refusal` with the field for terms that are not those of the place that was bought. A
    variation that counts once the purchase is over is on terms of its own."""
    if bought is None or (terms.began_on and terms.starts_on > bought.ends_on):
        return
    if not set(terms.sessions) <= set(bought.sessions):
        raise Refusal(
            f"The place that was bought has these half days: {bought.session_names}. Choose among them. For "
            "other half days, choose a provider by another route.",
            field="sessions",
        )
    if terms.starts_on < bought.starts_on:
        raise Refusal(
            f"The place was bought from {uk_date(bought.starts_on)} on. Choose that day or a later one.",
            field="starts_on",
        )
    if terms.ends_on > bought.ends_on:
        after = uk_date(bought.ends_on + timedelta(days=1))
        raise Refusal(
            f"The place was bought until {uk_date(bought.ends_on)}: let this version end by then. For the"
            " child to stay longer, vary the agreement once it has begun. A variation that counts from"
            f" {after} or later is on terms of its own: you agree on price and half days, and you pay.",
            field="ends_on",
        )
    if (terms.price, terms.price_unit) != (bought.price, bought.price_unit):
        raise Refusal(
            f"The place was bought for {money(bought.price)} {bought.unit}, without VAT. Leave the price as"
            " it was bought.",
            field="price",
        )
