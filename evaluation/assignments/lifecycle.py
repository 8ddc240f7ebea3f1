"""The states of an assignment."""

from portal.lifecycle import Lifecycle, move_of

ASSIGNMENT = Lifecycle(
    "assignment",
    states=("assigned", "accepted", "conflicted", "locked"),
    moves=(
        move_of("accept", "assigned", "accepted", stamp="declared"),
        move_of("declare_conflict", ("assigned", "accepted"), "conflicted", stamp="declared"),
        move_of(
            "lock",
            "accepted",
            "locked",
            stamp="locked",
            refusal="You can lock your marks once, after you have declared that you have no conflict.",
        ),
    ),
)
