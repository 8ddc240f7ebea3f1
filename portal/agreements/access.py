"""Who reads an agreement, for whom somebody signs, and what they may do with it."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from portal.accounts.access import Actor
from portal.agreements.models import AgreementVersion, PlacementAgreement
from tender.frameworks.models import Framework

COMMISSIONERS = ("school", "council")
"""Kinds of organisations that place children."""
_WAS_OFFERED = (
    exists(select(AgreementVersion.id))
    .where(AgreementVersion.agreement_id == PlacementAgreement.id, AgreementVersion.offered_at.is_not(None))
    .correlate(PlacementAgreement)
)


def readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun, over `PlacementAgreement` and the `Framework` of its service.

    The school always, or the council where it places a child itself; the provider from the first offer on,
    and not what was cancelled: it has no part in that child any more. The council's quality officers from
    the moment at which both have signed.
    """
    if viewer.may("agreement:read") and viewer.organisation_kind in COMMISSIONERS:
        return or_(PlacementAgreement.school_id == viewer.organisation_id, placed_and_read_by(viewer))
    if viewer.may("agreement:read") and viewer.organisation_kind == "provider":
        return and_(
            PlacementAgreement.provider_id == viewer.organisation_id,
            PlacementAgreement.state != "cancelled",
            _WAS_OFFERED,
        )
    return placed_and_read_by(viewer)


def placed_and_read_by(viewer: Actor) -> ColumnElement[bool]:
    """Agreements that are or were in force, for the council whose framework they are under."""
    if not viewer.may("placement:read"):
        return false()
    return and_(
        or_(PlacementAgreement.state == "in_force", PlacementAgreement.state == "ended"),
        Framework.council_id == viewer.organisation_id,
    )


def party_of(viewer: Actor, *, school_id: int, provider_id: int) -> str:
    """'school' (whoever commissions) or 'provider': for whom the viewer acts in this agreement; '' for anyone
    else, the council's officers who only read what was agreed included."""
    if not viewer.may("agreement:read"):
        return ""
    if viewer.organisation_id == school_id:
        return "school"
    return "provider" if viewer.organisation_id == provider_id else ""
