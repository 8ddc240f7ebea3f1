"""The conflicts assessment of a round."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import NOT_FOUND, Case, council_round


def conflicts_assessment(case: Case) -> str:
    """The council reads assessments of conflicts; whoever prepares the round writes them."""
    if case.changes and not case.may("framework:manage"):
        return NOT_FOUND
    return council_round(case)


NOUN = Noun(of_routes={"conflicts.show": conflicts_assessment})
