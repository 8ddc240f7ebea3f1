"""Signing an agreement, which brings it into force and tells the council; ending it before its last day."""

from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements import letters, post
from portal.agreements.access import party_of
from portal.agreements.lifecycle import AGREEMENT, VERSION
from portal.agreements.models import PARTIES, AgreementSignature, AgreementVersion, PlacementAgreement
from portal.agreements.version_services import locked, not_begun, withdraw_open
from portal.audit.services import record
from portal.call_offs.models import CallOff
from portal.commissioning.provider_standing import NOT_IN_FORCE, require_open
from portal.database import db, transaction
from portal.directory.models import Service, Standing
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from tender.frameworks.models import Lot

CHANGED = "What you read is not what is out for signing now. Read it again before you sign."
RECORDED_LATE = timedelta(days=31)
"""How long ago the last day may have been when somebody records that a placement has ended."""


def sign(*, agreement_id: int, number: int, sha256: str, signed_as: str, portal_url: str, by: Actor) -> bool:
    """Sign a version for the actor's organisation, over the SHA-256 of what they read; return whether the
    agreement is in force now. A second click, or a second person of the same party, signs nothing more.

    At the second signature the standing and the exclusion of the provider are looked at, unless a variation
    adds nothing; then the agreement is in force, and both parties and the council are told. Raises
    `NotFound`, `Conflict` when something else is out for signing, `NotAdmitted`, `Excluded`, and `Refusal`
    without the signer's role or when the choice was cancelled.
    """
    if not signed_as.strip():
        raise Refusal("Enter your role, such as Headteacher.", field="signed_as")
    with transaction() as session:
        agreement, version = locked(agreement_id)
        party = party_of(by, school_id=agreement.school_id, provider_id=agreement.provider_id)
        if party not in PARTIES or not by.may("agreement:sign"):
            raise NotFound()
        if (
            version is None
            or version.state != "offered"
            or (version.number, version.sha256) != (number, sha256)
        ):
            if _has_signed(agreement_id, number, sha256, party):
                return agreement.version_in_force == number  # a second click, after the other party's
            raise Conflict(CHANGED)
        if _signers(version) & {party}:
            return False
        call_off = session.get_one(CallOff, agreement.call_off_id)
        if call_off.state != "chosen":
            raise Refusal("This choice was cancelled, so its agreement cannot be signed.")
        assert by.person_id is not None
        session.add(
            AgreementSignature(
                version_id=version.id,
                party=party,
                name=by.name,
                signed_as=signed_as.strip(),
                sha256=sha256,
                signed_at=clock.now(),
                signed_by_id=by.person_id,
            )
        )
        session.flush()
        record(
            "placement_agreement.sign", "placement_agreement", agreement.id, by=by,
            reference=agreement.reference, number=number, party=party, sha256=sha256,
        )  # fmt: skip
        if _signers(version) != set(PARTIES):
            _ask_the_other(agreement, version, party, portal_url, by)
            return False
        _bring_into_force(agreement, version, portal_url, by)
    return True


def end_agreement(*, agreement_id: int, last_day: date, reason: str, portal_url: str, by: Actor) -> None:
    """End an agreement in force before its last day, for either party.

    The other party and the council are told. The days of notice are not enforced: a child who is not safe
    leaves at once. Raises `NotFound`, `MoveRefused`, and `Refusal` with the field for a day that cannot be
    or without a reason.
    """
    if not reason.strip():
        raise Refusal("Say why the placement ends early.", field="reason")
    with transaction() as session:
        agreement, version = locked(agreement_id)
        party = party_of(by, school_id=agreement.school_id, provider_id=agreement.provider_id)
        if party not in PARTIES or not by.may("agreement:sign") or _hidden_from(party, agreement):
            raise NotFound()
        if (agreement.state, agreement.closed_on) == ("ended", last_day):
            return  # a second click
        if agreement.state == "in_force":
            counts = _in_force(agreement)
            earliest = clock.today() - RECORDED_LATE
            if not earliest <= last_day <= counts.ends_on:
                raise Refusal(
                    "The last day must not be more than 31 days ago, nor after the last day that was agreed.",
                    field="last_day",
                )
            agreement.closed_on, agreement.close_reason = last_day, reason.strip()
        move(
            AGREEMENT, agreement, "end", by=by,
            reference=agreement.reference, party=party, last_day=last_day.isoformat(),
        )  # fmt: skip
        withdraw_open(agreement, version, by)
        session.flush()
        words = letters.ended(
            reference=agreement.reference,
            by_whom=by.organisation_name,
            last_day=last_day,
            address=post.address_of(portal_url, agreement),
        )
        other = agreement.provider_id if party == "school" else agreement.school_id
        post.write_to(other, words, agreement, "ended", by)
        post.write_to_council(words, agreement, "ended", by)


def _hidden_from(party: str, agreement: PlacementAgreement) -> bool:
    """The provider does not learn of a draft, nor of what became of it."""
    return party == "provider" and agreement.state not in ("signing", "in_force", "ended")


def _bring_into_force(
    agreement: PlacementAgreement, version: AgreementVersion, portal_url: str, by: Actor
) -> None:
    """Both have signed: look at the provider once more, tell everybody. Inside the signer's transaction."""
    not_begun(agreement, version)
    before = _in_force(agreement) if agreement.version_in_force else None
    if before is None or _adds(before, version):
        require_open(agreement.service_id, therefore=NOT_IN_FORCE)
    agreement.version_in_force = version.number
    if before is None:
        move(AGREEMENT, agreement, "begin", by=by, reference=agreement.reference)
    move(VERSION, version, "agree", by=by, reference=agreement.reference, number=version.number)
    db.session.flush()
    school, provider, lot = _names(agreement)
    address, event = post.address_of(portal_url, agreement), f"agreed {version.number}"
    facts = {
        "reference": agreement.reference,
        "starts_on": version.starts_on,
        "variation": before is not None,
    }
    post.write_to(
        agreement.school_id, letters.agreed(**facts, other=provider, address=address), agreement, event, by
    )
    post.write_to(
        agreement.provider_id, letters.agreed(**facts, other=school, address=address), agreement, event, by
    )
    notice = letters.placed(**facts, school=school, provider=provider, lot=lot, address=address)
    post.write_to_council(notice, agreement, event, by)


def _adds(before: AgreementVersion, version: AgreementVersion) -> bool:
    """Whether a variation gives the provider more than it has: more days, hours, or another place."""
    return (
        version.ends_on > before.ends_on
        or version.starts_on < before.starts_on
        or len(version.sessions) * version.session_hours > len(before.sessions) * before.session_hours
        or version.site != before.site
    )


def _ask_the_other(
    agreement: PlacementAgreement, version: AgreementVersion, party: str, portal_url: str, by: Actor
) -> None:
    words = letters.signed_by_one(
        reference=agreement.reference,
        signer=by.organisation_name,
        address=post.address_of(portal_url, agreement),
    )
    other = agreement.provider_id if party == "school" else agreement.school_id
    post.write_to(other, words, agreement, f"signed {version.number}", by)


def _in_force(agreement: PlacementAgreement) -> AgreementVersion:
    return db.session.scalars(
        select(AgreementVersion).where(
            AgreementVersion.agreement_id == agreement.id,
            AgreementVersion.number == agreement.version_in_force,
        )
    ).one()


def _signers(version: AgreementVersion) -> set[str]:
    parties = select(AgreementSignature.party).where(AgreementSignature.version_id == version.id)
    return set(db.session.scalars(parties))


def _has_signed(agreement_id: int, number: int, sha256: str, party: str) -> bool:
    """Whether the party has signed exactly this."""
    signed = (
        select(AgreementSignature.id)
        .join(AgreementVersion, AgreementVersion.id == AgreementSignature.version_id)
        .where(AgreementVersion.agreement_id == agreement_id, AgreementVersion.number == number)
        .where(AgreementVersion.state == "agreed", AgreementSignature.sha256 == sha256)
        .where(AgreementSignature.party == party)
    )
    return db.session.scalar(signed) is not None


def _names(agreement: PlacementAgreement) -> tuple[str, str, str]:
    """The names of school, provider and lot."""
    session = db.session
    lot = session.execute(
        select(Lot.number, Lot.title)
        .join(Standing, Standing.lot_id == Lot.id)
        .join(Service, Service.standing_id == Standing.id)
        .where(Service.id == agreement.service_id)
    ).one()
    return (
        session.get_one(Organisation, agreement.school_id).name,
        session.get_one(Organisation, agreement.provider_id).name,
        f"lot {lot.number}, {lot.title}",
    )
