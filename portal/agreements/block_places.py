"""Until when a placement takes the place of a block purchase from which its child was placed."""

from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.audit.services import Doer
from portal.blocks.services import free_after
from portal.database import db


def when_version_is_agreed(version: AgreementVersion, *, by: Doer) -> None:
    """The place is taken until the last day that both have agreed."""
    agreement = db.session.get_one(PlacementAgreement, version.agreement_id)
    free_after(call_off_id=agreement.call_off_id, last_day=version.ends_on)


def when_agreement_ends(agreement: PlacementAgreement, *, by: Doer) -> None:
    """The place is free after the last day, and nobody has to wait for the day that was agreed."""
    free_after(call_off_id=agreement.call_off_id, last_day=agreement.closed_on)
