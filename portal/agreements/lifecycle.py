"""The states of a placement agreement, and of each of its versions."""

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

VERSION = Lifecycle(
    "agreement_version",
    states=("draft", "offered", "agreed", "withdrawn"),
    moves=(
        move_of(
            "offer",
            "draft",
            "offered",
            stamp="offered",
            refusal="This version is out for signing already.",
        ),
        move_of(
            "agree",
            "offered",
            "agreed",
            stamp="agreed",
            refusal="This version is not out for signing any more. Open the agreement again.",
        ),
        move_of(
            "withdraw",
            ("draft", "offered"),
            "withdrawn",
            stamp="withdrawn",
            refusal="This version is not open any more. Open the agreement again.",
        ),
    ),
)
