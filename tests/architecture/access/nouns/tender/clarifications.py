"""Questions about a round: the asker's and the council's."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, published, shown
from tests.architecture.access.things import COUNCIL, ROUNDS, thing


def spoken_for(case: Case) -> str:
    """The council's whose round it is, once it is published."""
    return shown(case.own and case.state != "draft")


def read_by_everyone(case: Case) -> str:
    """The council's whose round it is, and only what is published."""
    return shown(case.own and case.state == "published")


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
    of_routes={"clarifications.own": spoken_for, "clarifications.correct": read_by_everyone},
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
    },
)
