"""The states of a decision."""

from portal.lifecycle import Lifecycle, move_of

_NOT_WAITING = "This decision is not waiting for approval any more. Reload the page to see where it stands."

# recommended: waits for a second person. approved: stands, until the round is released. returned: the
# approver asks for another look. reopened: the marks that it rests on have changed, so nobody may release it.
DECISION = Lifecycle(
    "decision",
    states=("recommended", "approved", "returned", "released"),
    moves=(
        move_of("recommend", ("returned", "recommended"), "recommended", stamp="recommended"),
        move_of(
            "approve",
            "recommended",
            "approved",
            stamp="approved",
            refusal=_NOT_WAITING,
        ),
        move_of(
            "return",
            "recommended",
            "returned",
            stamp="returned",
            refusal=_NOT_WAITING,
        ),
        move_of("reopen", ("recommended", "approved"), "returned", stamp="returned"),
        move_of("release", "approved", "released"),
    ),
)
