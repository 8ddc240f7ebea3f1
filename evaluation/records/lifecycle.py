"""The states of a record file."""

from portal.lifecycle import Lifecycle, move_of

_NOT_FAILED = "This file is not waiting to be tried again. Reload the page to see where it stands."

# waiting: for the worker. building: a worker is at it. ready: it may be fetched. failed: the page says why,
# and a person may let it be tried again. removed: swept after its days; what it was stays in the row.
RECORD_FILE = Lifecycle(
    "record_file",
    states=("waiting", "building", "ready", "failed", "removed"),
    moves=(
        move_of("take", "waiting", "building"),
        move_of("give_back", "building", "waiting"),
        move_of("finish", "building", "ready"),
        move_of("fail", "building", "failed"),
        move_of("try_again", "failed", "waiting", refusal=_NOT_FAILED),
        move_of("remove", ("ready", "failed"), "removed"),
    ),
)
