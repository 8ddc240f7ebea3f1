"""The states of an inquiry."""

from portal.lifecycle import Lifecycle, move_of

_OVER = "This question has an answer already, or was withdrawn. Reload the page to see which."

# asked: the tenderer can answer until the deadline. answered: as it was answered, for good. withdrawn: the
# council needs no answer any more. Whether the time is over follows from the clock.
INQUIRY = Lifecycle(
    "inquiry",
    states=("asked", "answered", "withdrawn"),
    moves=(
        move_of("answer", "asked", "answered", stamp="answered", refusal=_OVER),
        move_of("withdraw", "asked", "withdrawn", stamp="withdrawn", refusal=_OVER),
    ),
)
