"""The states of a letter."""

from portal.lifecycle import Lifecycle, move_of

LETTER = Lifecycle(
    "letter",
    states=("held", "queued", "delivered", "failed"),
    moves=(
        move_of("release", "held", "queued", stamp="released"),
        move_of("deliver", "queued", "delivered"),
        move_of("give_up", "queued", "failed"),
        move_of("retry", "failed", "queued"),
    ),
)
