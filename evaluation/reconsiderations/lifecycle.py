"""The states of a proposal to make a decision anew."""

from portal.lifecycle import Lifecycle, move_of

_DECIDED = "This proposal does not wait any more. Reload the page to see what became of it."

# Each leads on from what was proposed; whoever wants it otherwise proposes again.
RECONSIDERATION = Lifecycle(
    "reconsideration",
    states=("proposed", "approved", "returned", "withdrawn"),
    moves=(
        move_of("approve", "proposed", "approved", stamp="decided", refusal=_DECIDED),
        move_of("return", "proposed", "returned", stamp="decided", refusal=_DECIDED),
        move_of("withdraw", "proposed", "withdrawn", stamp="decided", refusal=_DECIDED),
    ),
)
