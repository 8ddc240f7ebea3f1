"""Hours: cases are the council's whose framework admitted the provider; weeks are their school's."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import owner
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(
        thing(
            "registration case",
            "registration_case",
            ("open", "closed"),
            state="state",
            owners={"council": "council_id"},
            case_id="id",
        ),
        thing(
            "child with an agreement",
            "child JOIN placement_agreement ON placement_agreement.child_id = child.id",
            ("in_force",),
            state="placement_agreement.state",
            owners={"school": "child.school_id"},
            child_id="child.id",
        ),
    ),
    of_things={"registration case": owner, "child with an agreement": owner},
    only_while={"hours.close_case": frozenset({"open"})},
)
