"""What a placement says of the free places of a service: that they were counted before it."""

from portal.agreements.models import PlacementAgreement
from portal.audit.services import Doer
from portal.directory.offer_services import note_placement


def when_agreement_begins(agreement: PlacementAgreement, *, by: Doer) -> None:
    """Whoever reads the free places reads that a child has come since."""
    note_placement(agreement.service_id)
