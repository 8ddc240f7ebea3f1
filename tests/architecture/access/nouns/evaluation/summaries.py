"""Assessment summaries: the round's council, once its panel marks."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, shown
from tests.architecture.access.things import OPENED


def marked_round(case: Case) -> str:
    """The round's council, and only once its panel marks."""
    return shown(case.own and case.state.split()[0] in OPENED[1:])


NOUN = Noun(
    of_routes={
        **dict.fromkeys(
            (
                "summaries.index",
                "summaries.draft",
                "summaries.offer_all",
                "summaries.approve_all",
                "summaries.show",
                "summaries.save",
                "summaries.approve",
                "summaries.send_back",
            ),
            marked_round,
        )
    }
)
