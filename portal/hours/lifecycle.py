"""The states of a registration case."""

from portal.lifecycle import Lifecycle, move_of

REGISTRATION_CASE = Lifecycle(
    "registration_case",
    states=("open", "closed"),
    moves=(
        move_of(
            "close",
            "open",
            "closed",
            stamp="closed",
            refusal="This case has been closed already. What was found stands on its page.",
        ),
    ),
)
