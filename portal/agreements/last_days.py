"""The last day of a placement as it stands: what was agreed, or the day on which it was ended before."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import aliased

from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.call_offs.models import CallOff
from portal.database import db

IN_FORCE = (AgreementVersion.agreement_id == PlacementAgreement.id) & (
    AgreementVersion.number == PlacementAgreement.version_in_force
)
"""How the version that both have signed last is joined to its agreement."""


def counts(version: Any = AgreementVersion) -> ColumnElement[bool]:
    """Whether both have signed a version (or an alias of the table) and no later one has begun anew."""
    later = aliased(AgreementVersion)
    begun_anew = select(later.id).where(
        later.agreement_id == version.agreement_id,
        later.number > version.number,
        later.state == "agreed",
        later.begins_anew,
    )
    return and_(version.state == "agreed", ~begun_anew.exists())


def last_day() -> ColumnElement[date]:
    """In a statement over `PlacementAgreement` and the version of it that counts."""
    return case(
        (PlacementAgreement.state == "ended", PlacementAgreement.closed_on), else_=AgreementVersion.ends_on
    )


def agreed_choices(call_off_ids: Collection[int]) -> Collection[int]:
    """Those of these choices for which both have signed; whoever asks has seen to it that its reader may
    know."""
    return db.session.scalars(
        select(PlacementAgreement.call_off_id).where(
            PlacementAgreement.call_off_id.in_(call_off_ids),
            PlacementAgreement.state.in_(("in_force", "ended")),
        )
    ).all()


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
