"""The states of a change to a standing."""

from portal.lifecycle import Lifecycle, move_of

CHANGE = Lifecycle(
    "standing_change",
    # Only a removal is ever proposed; what one person may decide is made at once.
    states=("proposed", "made", "returned"),
    moves=(
        move_of(
            "make",
            "proposed",
            "made",
            stamp="decided",
            refusal="This proposal has been decided already.",
        ),
        move_of(
            "return",
            "proposed",
            "returned",
            stamp="decided",
            refusal="This proposal has been decided already.",
        ),
    ),
)
