"""Tenderers of whom somebody at the council has looked at every exclusion ground."""

from typing import Any

from evaluation.exclusions.parts import parts_of
from evaluation.exclusions.services import Finding, record_finding
from portal import clock
from portal.database import db
from tender.frameworks.models import Framework
from tests.factories.evaluation import Evaluation

LOOKED_AT = "The tender's declarations, Companies House and the debarment list, for all named in the tender."


def a_finding(result: str = "nothing_found", **said: Any) -> Finding:
    """What somebody found today; `said` replaces or adds to it."""
    facts: dict[str, Any] = {"looked_at": LOOKED_AT, "reasons": "Nothing speaks against them."}
    return Finding(**{"result": result, "checked_on": clock.today(), **facts, **said})


def a_ground(excludes: bool = True, ground: str = "tax_offences") -> Finding:
    """A mandatory ground that applies."""
    return a_finding(
        "ground_applies",
        ground=ground,
        self_cleaning="They dismissed who did it, paid, and are audited twice a year.",
        excludes=excludes,
        heard="Written to on 2 March; it answered on 9 March that it had paid." if excludes else "",
        reasons="The conviction is of last year." if excludes else "It is spent, and cannot happen again.",
    )


def clear(evaluation: Evaluation) -> None:
    """Let the lead find nothing against any tenderer of a round, in every part that its law asks for."""
    law = db.session.get_one(Framework, evaluation.round.framework_id).legal_regime
    for application_id in evaluation.applications:
        record_finding(
            application_id=application_id,
            parts=[part.code for part in parts_of(law)],
            found=a_finding(),
            seen={},
            by=evaluation.lead,
        )


def exclude(evaluation: Evaluation, application: int = 0, ground: str = "pcr_insolvency") -> None:
    """Let the lead find a discretionary ground for which a tenderer is excluded, after nothing was found."""
    record_finding(
        application_id=evaluation.applications[application],
        parts=["discretionary"],
        found=a_ground(ground=ground),
        seen={"discretionary": 1},
        by=evaluation.lead,
    )
