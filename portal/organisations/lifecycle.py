"""The states of an invitation and of a request to join. That an invitation ran out follows from the time."""

from portal.lifecycle import Lifecycle, move_of

INVITATION = Lifecycle(
    "invitation",
    states=("sent", "accepted", "revoked"),
    moves=(
        move_of("accept", "sent", "accepted", stamp="accepted", refusal="This invitation was used already."),
        move_of("revoke", "sent", "revoked", refusal="This invitation was used or withdrawn already."),
    ),
)

JOIN_REQUEST = Lifecycle(
    "join_request",
    states=("asked", "approved", "declined", "withdrawn"),
    moves=(
        move_of(
            "approve", "asked", "approved", stamp="answered", refusal="This request is answered already."
        ),
        move_of(
            "decline", "asked", "declined", stamp="answered", refusal="This request is answered already."
        ),
        move_of("withdraw", "asked", "withdrawn", refusal="This request is answered already."),
    ),
)
