"""An agreement under a lock, and its versions: what every service of this noun stands on."""

from sqlalchemy import func, select

from portal import clock
from portal.accounts.access import Actor
from portal.agreements.access import party_of
from portal.agreements.lifecycle import AGREEMENT, VERSION
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.agreements.queries import days_agreed, terms_of
from portal.agreements.terms import TERMS, Terms
from portal.audit.services import Doer
from portal.call_offs.models import CallOff
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from portal.web.filters import uk_date


def locked(agreement_id: int) -> tuple[PlacementAgreement, AgreementVersion | None]:
    """An agreement and its open version, locked until the commit; its call-off cannot be cancelled meanwhile.

    The call-off comes first, as for whoever cancels it: nobody waits in a circle. Raises `NotFound`.
    """
    session = db.session
    session.execute(
        select(CallOff)
        .join(PlacementAgreement, PlacementAgreement.call_off_id == CallOff.id)
        .where(PlacementAgreement.id == agreement_id)
        .with_for_update(read=True, of=CallOff)
        .execution_options(populate_existing=True)
    )
    agreement = session.get(PlacementAgreement, agreement_id, with_for_update=True, populate_existing=True)
    if agreement is None:
        raise NotFound()
    version = session.scalars(
        select(AgreementVersion)
        .where(
            AgreementVersion.agreement_id == agreement_id, AgreementVersion.state.in_(("draft", "offered"))
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    return agreement, version


def withdraw_open(agreement: PlacementAgreement, version: AgreementVersion | None, by: Doer) -> None:
    """An agreement that is over leaves nothing to be signed. Inside the caller's transaction."""
    if version is not None:
        move_version(version, "withdraw", agreement, by)


def own(agreement_id: int, by: Actor) -> tuple[PlacementAgreement, AgreementVersion | None]:
    """An agreement of the actor's own school, for who may write it, locked."""
    agreement, version = locked(agreement_id)
    party = party_of(by, school_id=agreement.school_id, provider_id=agreement.provider_id)
    if party != "school" or not by.may("agreement:write"):
        raise NotFound()
    return agreement, version


def write_anew(agreement: PlacementAgreement, version: AgreementVersion, reason: str, by: Actor) -> None:
    """What was offered stays as it was, withdrawn; another draft says the same, for this reason."""
    version.withdraw_note = reason
    move_version(version, "withdraw", agreement, by)
    if agreement.state == "signing":
        move(AGREEMENT, agreement, "revise", by=by, reference=agreement.reference)
    db.session.flush()
    new_draft(
        agreement,
        terms_of(version),
        number=next_number(agreement),
        reason=reason,
        begins_anew=version.begins_anew,
        by=by,
    )


def new_draft(
    agreement: PlacementAgreement,
    terms: Terms,
    *,
    number: int,
    reason: str,
    by: Actor,
    begins_anew: bool = False,
) -> None:
    assert by.person_id is not None
    db.session.add(
        AgreementVersion(
            **{name: getattr(terms, name) for name in TERMS}
            | {"sessions": list(terms.sessions), "reviews_on": list(terms.reviews_on)},
            agreement_id=agreement.id,
            number=number,
            reason=reason,
            begins_anew=begins_anew,
            made_at=clock.now(),
            made_by_id=by.person_id,
        )
    )
    db.session.flush()


def move_version(version: AgreementVersion, step: str, agreement: PlacementAgreement, by: Doer) -> None:
    move(VERSION, version, step, by=by, reference=agreement.reference, number=version.number)


def next_number(agreement: PlacementAgreement) -> int:
    highest = select(func.max(AgreementVersion.number)).where(AgreementVersion.agreement_id == agreement.id)
    return (db.session.scalar(highest) or 0) + 1


def not_begun(agreement: PlacementAgreement, version: AgreementVersion) -> None:
    """Raise `Refusal` for a version that begins anew what has begun meanwhile."""
    first_day, _ = days_agreed(agreement.id)
    if version.begins_anew and first_day and first_day <= clock.today():
        raise Refusal(
            f"The placement began on {uk_date(first_day)}, and this version would begin it anew. Drop it, and"
            " vary the agreement as it runs."
        )


def said(words: str, sentence: str) -> str:
    if not words.strip():
        raise Refusal(sentence, field="reason")
    return words.strip()
