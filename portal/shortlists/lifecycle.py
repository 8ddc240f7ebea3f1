"""The states of a shortlist."""

from portal.lifecycle import Lifecycle, move_of

SHORTLIST = Lifecycle(
    "shortlist",
    states=("draft", "closed"),
    moves=(
        move_of(
            "close",
            "draft",
            "closed",
            stamp="closed",
            refusal="This shortlist is signed. Nothing in it can be changed.",
        ),
    ),
)
