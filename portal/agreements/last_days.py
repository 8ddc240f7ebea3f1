"""The last day of a placement as it stands: what was agreed, or the day on which it was ended before."""

from datetime import date

from sqlalchemy import ColumnElement, case, select

from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.call_offs.models import CallOff

IN_FORCE = (AgreementVersion.agreement_id == PlacementAgreement.id) & (
    AgreementVersion.number == PlacementAgreement.version_in_force
)
"""How the version that both have signed last is joined to its agreement."""


def last_day() -> ColumnElement[date]:
    """In a statement over `PlacementAgreement` and the version of it that counts."""
    return case(
        (PlacementAgreement.state == "ended", PlacementAgreement.closed_on), else_=AgreementVersion.ends_on
    )


def last_day_of_choice() -> ColumnElement[date]:
    """In a statement over `CallOff`: null where both have not signed, or have not signed yet."""
    return (
        select(last_day())
        .select_from(PlacementAgreement)
        .join(AgreementVersion, IN_FORCE)
        .where(PlacementAgreement.call_off_id == CallOff.id)
        .correlate(CallOff)
        .scalar_subquery()
    )
