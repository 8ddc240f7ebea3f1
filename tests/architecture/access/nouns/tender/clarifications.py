"""Questions about a round: the asker's and the council's."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner, published
from tests.architecture.access.things import COUNCIL, ROUNDS, thing

NOUN = Noun(
    things=(
        thing(
            "clarification",
            f"{ROUNDS} JOIN clarification ON clarification.round_id = round.id",
            ("waiting", "published"),
            state="clarification.state",
            owners={"provider": "clarification.organisation_id", **COUNCIL},
            clarification_id="clarification.id",
        ),
    ),
    of_things={"clarification": owner},
    shared={
        "clarifications.ask": (
            published,
            "Every provider may apply to a published round, ask about it and follow it.",
        )
    },
    only_while={
        **dict.fromkeys(
            ("clarifications.answer", "clarifications.withdraw", "clarifications.leave"),
            frozenset({"waiting"}),
        ),
        "clarifications.correct": frozenset({"published"}),
    },
)
