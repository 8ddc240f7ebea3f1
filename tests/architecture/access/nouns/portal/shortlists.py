"""Shortlists: of the school that keeps them; neither providers nor the council reads them."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, owner, shown
from tests.architecture.access.things import thing

DRAFT = frozenset({"draft"})


def evidence(case: Case) -> str:
    """Its own school, once it is signed."""
    return shown(case.own and case.state == "closed")


NOUN = Noun(
    things=(
        thing(
            "shortlist",
            "shortlist",
            ("draft", "closed"),
            state="shortlist.state",
            owners={"school": "shortlist.school_id"},
            shortlist_id="shortlist.id",
        ),
    ),
    of_things={"shortlist": owner},
    of_routes={"shortlists.pdf": evidence, "shortlists.record": evidence},
    drawn_while=dict.fromkeys(("shortlists.sign", "shortlists.ask_to_remove"), DRAFT),
    only_while=dict.fromkeys(("shortlists.decide", "shortlists.close", "shortlists.remove"), DRAFT),
)
