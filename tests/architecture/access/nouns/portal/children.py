"""Who a child is: of the school that named it, and of the provider that it chose while the choice stands."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import Case, shown
from tests.architecture.access.things import thing

BOTH_SIDES = {"provider": "call_off.provider_id", "school": "call_off.school_id"}
STATES = ("chosen", "cancelled")


def child_of_a_choice(case: Case) -> str:
    """Its school always, its provider while the choice stands; never anybody else."""
    return shown(case.own and (case.viewer.kind == "school" or case.state == "chosen"))


def while_it_stands(case: Case) -> str:
    """What a school says and gives, as long as somebody may read it."""
    return shown(case.own and case.state == "chosen")


NOUN = Noun(
    things=(
        thing(
            "child of a choice",
            "call_off",
            STATES,
            state="call_off.state",
            owners=BOTH_SIDES,
            call_off_id="call_off.id",
        ),
        thing(
            "file about a child",
            "call_off JOIN child_file ON child_file.call_off_id = call_off.id",
            STATES,
            state="call_off.state",
            owners=BOTH_SIDES,
            call_off_id="call_off.id",
            file_id="child_file.id",
        ),
    ),
    named_by=dict.fromkeys(
        ("children.show", "children.identify", "children.add_file", "children.log"), ("child of a choice",)
    ),
    of_things={"child of a choice": child_of_a_choice, "file about a child": child_of_a_choice},
    of_routes=dict.fromkeys(
        ("children.identify", "children.add_file", "children.remove_file"), while_it_stands
    ),
)
