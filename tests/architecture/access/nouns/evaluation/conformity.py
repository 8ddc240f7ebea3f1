"""Conditions: the round's council, once the box is open."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import judged_round, judged_tender
from tests.architecture.access.things import (
    APPLICATIONS,
    COUNCIL,
    OPENED,
    PHASE,
    TENDER,
    TENDER_STATES,
    thing,
)

NOUN = Noun(
    things=(
        thing(
            "tender",
            APPLICATIONS,
            TENDER_STATES,
            state=TENDER,
            owners=COUNCIL,
            round_id="round.id",
            application_id="application.id",
        ),
        thing(
            "condition of a tender",
            f"{APPLICATIONS} JOIN conformity_check ON conformity_check.application_id = application.id",
            OPENED,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            check_id="conformity_check.id",
        ),
    ),
    of_things={"tender": judged_tender, "condition of a tender": judged_round},
    only_while={
        **dict.fromkeys(
            ("conformity.run", "conformity.start_marking", "conformity.decide"), frozenset({"opened"})
        )
    },
)
