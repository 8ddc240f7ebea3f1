"""What the law says of a framework: its kind's rules, what else applies, and what to ask a lawyer about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from tender.frameworks.kept_notice import reread
from tender.frameworks.models import Framework
from tender.regimes.reference import Duty, Kind, reference
from tender.regimes.warnings import LegalWarning, Terms, warnings_for


@dataclass(frozen=True, slots=True)
class Legal:
    """For the pages of a framework: the rules of its kind, further duties, and warnings as of today."""

    rule: Kind
    duties: tuple[Duty, ...]
    warnings: tuple[LegalWarning, ...]


def legal_of(framework: Framework, openings: Sequence[datetime]) -> Legal:
    """What holds for a framework whose rounds open at these moments."""
    noticed_at = reread(framework.notice).published_at if framework.notice else None
    terms = Terms(
        framework.legal_regime,
        framework.kind,
        framework.starts_on,
        framework.ends_on,
        framework.first_awarded_on,
        clock.london(noticed_at).date() if noticed_at else None,
        framework.value_amount,
        framework.cpv_codes,
        [clock.london(moment).date() for moment in openings],
        framework.call_off_routes,
    )
    known = reference()
    return Legal(
        known.kinds[framework.legal_regime, framework.kind],
        known.duties_of(framework.legal_regime, framework.kind),
        warnings_for(terms, clock.today()),
    )
