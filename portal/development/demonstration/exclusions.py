"""The exclusion checks of the demonstration's tenderers."""

from sqlalchemy import select

from evaluation.exclusions.parts import parts_of
from evaluation.exclusions.services import Finding, record_finding
from portal import clock
from portal.accounts.access import Actor
from portal.database import db
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

LOOKED_AT = (
    "The declarations, the share code's information, Companies House and the debarment list, for the "
    "tenderer and everybody whom it names."
)


def find_nothing(round: Round, lead: Actor, *, but: int = 0) -> None:
    """Let the lead find nothing against the tenderers of a round; the last `but` of them wait."""
    law = db.session.get_one(Framework, round.framework_id).legal_regime
    tenderers = db.session.scalars(
        select(Application.id)
        .where(Application.round_id == round.id, Application.state == "submitted")
        .order_by(Application.id)
    ).all()
    for application_id in tenderers[: len(tenderers) - but]:
        record_finding(
            application_id=application_id,
            parts=[part.code for part in parts_of(law)],
            found=Finding("nothing_found", clock.today(), LOOKED_AT, "No entry and no ground was found."),
            seen={},
            by=lead,
        )
