"""The states of an assignment."""

from portal.lifecycle import Lifecycle, move_of

ACTIVE = ("assigned", "accepted", "locked")
"""The states in which an assignment counts: its evaluator has marked the tender, or is still to do so."""

ASSIGNMENT = Lifecycle(
    "assignment",
    states=("assigned", "accepted", "conflicted", "declined", "locked"),
    moves=(
        # Whoever has declined may think better of it.
        move_of("accept", ("assigned", "declined"), "accepted", stamp="declared"),
        move_of("declare_conflict", ("assigned", "accepted", "declined"), "conflicted", stamp="declared"),
        move_of("waive_conflict", "conflicted", "accepted"),
        move_of(
            "decline",
            ("assigned", "accepted"),
            "declined",
            stamp="declined",
            refusal="A tender can be handed back until its marks are locked.",
        ),
        move_of("ask_again", "declined", "assigned"),
        move_of(
            "lock",
            "accepted",
            "locked",
            stamp="locked",
            refusal="You can lock your marks once, after you have declared that you have no conflict.",
        ),
        move_of("return", "locked", "accepted", stamp="returned"),
    ),
)
