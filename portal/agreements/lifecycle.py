"""The states of a placement agreement."""

from portal.lifecycle import Lifecycle, move_of

AGREEMENT = Lifecycle(
    "placement_agreement",
    states=("draft", "signing", "in_force", "ended", "cancelled"),
    moves=(
        move_of(
            "offer",
            "draft",
            "signing",
            refusal="This agreement is out for signing already.",
        ),
        move_of("revise", "signing", "draft", refusal="This agreement cannot be changed now."),
        move_of(
            "begin",
            "signing",
            "in_force",
            refusal="This agreement is not out for signing.",
        ),
        move_of(
            "cancel",
            ("draft", "signing"),
            "cancelled",
            stamp="closed",
            refusal="This agreement is signed by both. It can be ended, not cancelled.",
        ),
        move_of("end", "in_force", "ended", stamp="closed", refusal="This agreement is not in force."),
    ),
)
