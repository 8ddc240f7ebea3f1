"""By what the portal knows a provider."""

from sqlalchemy.orm import Session

from evaluation.masking.queries import mask_of
from evaluation.masking.words import HIDDEN
from portal.directory.models import Site
from tests.factories.directory import a_service


def test_sites_and_subcontractors_are_hidden_too(session: Session) -> None:
    service = a_service()
    session.add(
        Site(
            service_id=service.id,
            position=1,
            kind="subcontracted",
            address="9 Weir Lane, Salford",
            postcode="M5 9YY",
            run_by="Tidewater Boats Ltd",
        )
    )
    session.flush()
    mask, _ = mask_of(service.provider_id, round_id=0)
    assert mask.hide("With Tidewater Boats at 9 Weir Lane, m59yy.").count(HIDDEN) == 3
    assert mask_of(a_service().provider_id, round_id=0)[0].hide("At 9 Weir Lane.") == "At 9 Weir Lane."
