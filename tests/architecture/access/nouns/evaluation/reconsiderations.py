"""New decisions after an upheld challenge: the round's council."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import APPLICATIONS, COUNCIL, thing

NOUN = Noun(
    things=(
        thing(
            "new decision",
            f"{APPLICATIONS} JOIN reconsideration ON reconsideration.application_id = application.id",
            ("proposed", "approved", "returned", "withdrawn"),
            state="reconsideration.state",
            owners=COUNCIL,
            reconsideration_id="reconsideration.id",
        ),
        thing(
            "decision that an upheld challenge is about",
            f"{APPLICATIONS} JOIN decision ON decision.application_id = application.id "
            "AND decision.state = 'released' JOIN challenge ON challenge.round_id = round.id "
            "AND challenge.finding IN ('upheld', 'partly_upheld') "
            "AND coalesce(challenge.lot_id, decision.lot_id) = decision.lot_id",
            ("released",),
            state="decision.state",
            owners=COUNCIL,
            challenge_id="challenge.id",
            application_id="application.id",
            lot_id="decision.lot_id",
        ),
    ),
    of_things={"new decision": owner, "decision that an upheld challenge is about": owner},
    only_while={
        **dict.fromkeys(
            ("reconsiderations.approve", "reconsiderations.send_back", "reconsiderations.withdraw"),
            frozenset({"proposed"}),
        ),
    },
)
