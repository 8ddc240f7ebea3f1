"""The states of a letter. One that is withdrawn was held, went to nobody, and is kept as it was."""

from portal.lifecycle import Lifecycle, move_of

LETTER = Lifecycle(
    "letter",
    states=("held", "queued", "delivered", "failed", "withdrawn"),
    moves=(
        move_of("release", "held", "queued", stamp="released"),
        move_of("withdraw", "held", "withdrawn"),
        move_of("deliver", "queued", "delivered"),
        move_of("give_up", "queued", "failed"),
        move_of("retry", "failed", "queued"),
    ),
)
