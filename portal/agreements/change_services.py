"""Varying an agreement that is in force, dropping a variation, and giving an agreement up before it is."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements import letters, post
from portal.agreements.lifecycle import AGREEMENT
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.agreements.queries import days_agreed, terms_of
from portal.agreements.version_services import (
    locked,
    move_version,
    new_draft,
    next_number,
    own,
    said,
    withdraw_open,
)
from portal.audit.services import Doer, record
from portal.call_offs.models import CallOff
from portal.database import db, transaction
from portal.errors import Refusal
from portal.lifecycle import MoveRefused, move


def vary(*, agreement_id: int, reason: str, by: Actor) -> None:
    """Begin a variation of an agreement in force, as a draft that says the same, from the next Monday on.

    While the placement has not begun, the variation begins it anew: it can move the first day too. Raises
    `NotFound`, `MoveRefused` while it is not in force or a variation is open, `Refusal` without a reason.
    """
    reason = said(reason, "Say what you change, and why. The provider reads this.")
    with transaction() as session:
        agreement, version = own(agreement_id, by)
        if agreement.state != "in_force":
            raise MoveRefused("This agreement is not in force.")
        if version is not None:
            raise MoveRefused("A variation is open already. Finish it, or drop it, first.")
        counts = session.scalars(
            select(AgreementVersion).where(
                AgreementVersion.agreement_id == agreement_id,
                AgreementVersion.number == agreement.version_in_force,
            )
        ).one()
        first_day, _ = days_agreed(agreement_id)
        begun = first_day is not None and first_day <= clock.today()
        proposed = terms_of(counts)
        if begun:
            proposed = replace(proposed, starts_on=_counts_from(counts))
        new_draft(
            agreement,
            proposed,
            number=next_number(agreement),
            reason=reason,
            begins_anew=not begun,
            by=by,
        )
        record(
            "placement_agreement.vary", "placement_agreement", agreement.id, by=by,
            reference=agreement.reference,
        )  # fmt: skip


def _counts_from(before: AgreementVersion) -> date:
    """From when a change is proposed to count: today if it is a Monday, else the next one, within the term of
    the version that it follows."""
    today = clock.today()
    monday = today + timedelta(days=-today.weekday() % 7)
    return min(max(monday, before.starts_on), before.ends_on)


def drop(*, agreement_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """Drop a variation that is not agreed: what is in force counts.

    Raises `NotFound`, `MoveRefused`, and `Refusal` without a reason.
    """
    reason = said(reason, "Say why you drop it.")
    with transaction():
        agreement, version = own(agreement_id, by)
        if agreement.state != "in_force" or version is None:
            raise MoveRefused("There is no variation to drop.")
        was_offered = version.state == "offered"
        version.withdraw_note = reason
        move_version(version, "withdraw", agreement, by)
        if was_offered:
            words = letters.taken_back(
                reference=agreement.reference,
                school=by.organisation_name,
                address=post.address_of(portal_url, agreement),
            )
            post.write_to(agreement.provider_id, words, agreement, f"dropped {version.number}", by)


def cancel_agreement(*, agreement_id: int, reason: str, by: Actor) -> None:
    """Give up an agreement that is not in force. Raises `NotFound`, `MoveRefused`, and `Refusal` without a
    reason."""
    reason = said(reason, "Say why there will be no agreement.")
    with transaction():
        agreement, version = own(agreement_id, by)
        _cancel(agreement, version, reason, school=by.organisation_name, by=by)


def when_choice_is_cancelled(call_off: CallOff, *, by: Doer) -> None:
    """A choice that is cancelled takes the agreement that was being made with it; one in force must be ended
    first, which is a `Refusal`."""
    with transaction() as session:
        wanted = select(PlacementAgreement.id).where(
            PlacementAgreement.call_off_id == call_off.id, PlacementAgreement.state != "cancelled"
        )
        for agreement_id in session.scalars(wanted).all():
            agreement, version = locked(agreement_id)
            if agreement.state in ("draft", "signing"):
                school = session.get_one(Organisation, agreement.school_id)
                _cancel(
                    agreement,
                    version,
                    "The choice of this provider was cancelled.",
                    school=school.name,
                    by=by,
                )
            elif agreement.state == "in_force":
                raise Refusal("A placement agreement is in force. End it first, with its last day.")


def _cancel(
    agreement: PlacementAgreement, version: AgreementVersion | None, reason: str, *, school: str, by: Doer
) -> None:
    was_offered = _was_offered(agreement)
    agreement.closed_on, agreement.close_reason = clock.today(), reason
    move(AGREEMENT, agreement, "cancel", by=by, reference=agreement.reference)
    withdraw_open(agreement, version, by)
    if was_offered:
        words = letters.cancelled(reference=agreement.reference, school=school)
        post.write_to(agreement.provider_id, words, agreement, "cancelled", by)


def _was_offered(agreement: PlacementAgreement) -> bool:
    offered = select(AgreementVersion.id).where(
        AgreementVersion.agreement_id == agreement.id, AgreementVersion.offered_at.is_not(None)
    )
    return db.session.scalar(offered.limit(1)) is not None
