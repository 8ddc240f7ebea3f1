"""The states of a call-off."""

from portal.lifecycle import Lifecycle, move_of

CALL_OFF = Lifecycle(
    "call_off",
    states=("chosen", "cancelled"),
    moves=(
        move_of(
            "cancel",
            "chosen",
            "cancelled",
            stamp="cancelled",
            refusal="This choice was cancelled already.",
        ),
    ),
)
