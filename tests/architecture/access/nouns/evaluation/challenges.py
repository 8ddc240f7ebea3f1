"""Complaints and challenges: the round's council."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import judged_round, owner
from tests.architecture.access.things import COUNCIL, ROUNDS, thing

NOUN = Noun(
    things=(
        thing(
            "challenge",
            f"{ROUNDS} JOIN challenge ON challenge.round_id = round.id",
            ("open", "answered"),
            state="challenge.state",
            owners=COUNCIL,
            challenge_id="challenge.id",
        ),
    ),
    of_things={"challenge": owner},
    of_routes={**dict.fromkeys(("challenges.index", "challenges.record"), judged_round)},
    only_while={
        "challenges.answer": frozenset({"open"}),
        "challenges.find": frozenset({"answered"}),
    },
)
