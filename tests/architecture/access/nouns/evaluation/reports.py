"""Award data: the round's council."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, shown


def released_round(case: Case) -> str:
    """The round's council, once its letters are out."""
    return shown(case.own and case.state == "released")


NOUN = Noun(of_routes=dict.fromkeys(("reports.awards", "reports.awards_json"), released_round))
