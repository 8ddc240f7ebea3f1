"""The states of a block purchase."""

from portal.lifecycle import Lifecycle, move_of

BLOCK = Lifecycle(
    "place_block",
    states=("proposed", "agreed", "refused", "withdrawn", "ended"),
    moves=(
        move_of(
            "agree", "proposed", "agreed", stamp="answered", refusal="This purchase is answered already."
        ),
        move_of(
            "refuse", "proposed", "refused", stamp="answered", refusal="This purchase is answered already."
        ),
        move_of(
            "withdraw",
            "proposed",
            "withdrawn",
            stamp="closed",
            refusal="This purchase is answered, so it cannot be taken back. You can end it.",
        ),
        move_of(
            "end", "agreed", "ended", stamp="closed", refusal="Only a purchase that is agreed can be ended."
        ),
    ),
)
