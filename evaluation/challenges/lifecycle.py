"""The states of a challenge."""

from portal.lifecycle import Lifecycle, move_of

CHALLENGE = Lifecycle(
    "challenge",
    states=("open", "answered"),
    moves=(
        move_of(
            "answer",
            "open",
            "answered",
            stamp="answered",
            refusal="This has been answered already. What was answered stands below.",
        ),
    ),
)
