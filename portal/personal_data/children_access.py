"""What the portal holds on a child that a school has named, as a file to hand over to whoever may ask."""

from typing import Any

from sqlalchemy import Select, func, select

from portal import clock
from portal.accounts.models import Organisation
from portal.agreements.access import COMMISSIONERS
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.audit.models import AuditLine
from portal.audit.services import Doer
from portal.call_offs.models import CallOff
from portal.children.kinds import FILE_KINDS
from portal.children.models import ChildFile
from portal.children.subject_queries import child_for_subject_access
from portal.commissioning.models import Referral
from portal.database import db
from portal.personal_data.plain import rows
from portal.storage.models import Document


def about_child(about: str, school: str, *, by: Doer) -> dict[str, Any] | None:
    """Everything about the child with this name or UPN of the school of this name; None where there is none.

    Who reads so is written down. Of files the kind, day and SHA-256: the school hands over what they hold.
    """
    school_id = db.session.scalar(
        select(Organisation.id).where(
            func.lower(Organisation.name) == school.strip().lower(),
            Organisation.kind.in_(COMMISSIONERS),
        )
    )
    found = school_id and child_for_subject_access(school_id=school_id, about=about, by=by)
    if not found:
        return None
    choices = select(CallOff.id).where(CallOff.child_id == found.child_id)
    referrals = select(CallOff.referral_id).where(CallOff.child_id == found.child_id)
    return {
        "made_at": clock.now().isoformat(),
        "child": {
            "id": found.child_id,
            "name": found.name,
            "born_on": found.born_on.isoformat(),
            "upn": found.upn_in_words,
            "has_ehcp": found.has_ehcp,
            "looked_after": found.looked_after,
        },
        "choices": rows(_choices(found.child_id)),
        "referrals": rows(select(*Referral.__table__.columns).where(Referral.id.in_(referrals))),
        "agreements": rows(_agreements(found.child_id)),
        "files": [{**row, "kind": FILE_KINDS[row["kind"]]} for row in rows(_files(choices))],
        "trail": rows(
            select(AuditLine.at, AuditLine.actor_name, AuditLine.action)
            .where(AuditLine.subject_type == "child", AuditLine.subject_id == str(found.child_id))
            .order_by(AuditLine.id)
        ),
    }


def _choices(child_id: int) -> Select[Any]:
    return (
        select(
            Referral.reference,
            Organisation.name.label("provider"),
            *(
                getattr(CallOff, name)
                for name in (
                    *("state", "route", "reason", "pupil_preference", "parent_preference"),
                    *("chosen_at", "cancelled_at", "cancel_reason"),
                )
            ),
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(Organisation, Organisation.id == CallOff.provider_id)
        .where(CallOff.child_id == child_id)
        .order_by(CallOff.id)
    )


def _agreements(child_id: int) -> Select[Any]:
    return (
        select(
            PlacementAgreement.reference,
            PlacementAgreement.state,
            *(column for column in AgreementVersion.__table__.columns if column.name != "id"),
        )
        .join(PlacementAgreement, PlacementAgreement.id == AgreementVersion.agreement_id)
        .where(PlacementAgreement.child_id == child_id)
        .order_by(PlacementAgreement.id, AgreementVersion.number)
    )


def _files(choices: Select[Any]) -> Select[Any]:
    return (
        select(ChildFile.kind, ChildFile.added_at, Document.size, Document.sha256)
        .join(Document, Document.id == ChildFile.document_id)
        .where(ChildFile.call_off_id.in_(choices))
        .order_by(ChildFile.id)
    )
