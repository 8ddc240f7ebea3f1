"""The states of a legal hold."""

from portal.lifecycle import Lifecycle, move_of

LEGAL_HOLD = Lifecycle(
    "legal_hold",
    states=("in_force", "lifted"),
    moves=(
        move_of("lift", "in_force", "lifted", stamp="lifted", refusal="This hold has been lifted already."),
    ),
)
