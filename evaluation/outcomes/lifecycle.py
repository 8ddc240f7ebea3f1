"""The states of a decision, and of the release of a round's letters."""

from portal.lifecycle import Lifecycle, move_of

_NOT_WAITING = "This decision is not waiting for approval any more. Reload the page to see where it stands."

# recommended: waits for a second person. approved: stands, until the round is released. returned: the
# approver asks for another look. reopened: the marks that it rests on have changed, so nobody may release it.
# told: the letter is out, and the admission waits for the end of a standstill, or for a challenge. released:
# the letter is out and the decision has taken effect. superseded: a new decision for the same tender and lot
# counts in its place. Of all others there is one at a time, and that is the decision that counts.
DECISION = Lifecycle(
    "decision",
    states=("recommended", "approved", "returned", "told", "released", "superseded"),
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
        move_of("tell", "approved", "told"),
        move_of("release", ("approved", "told"), "released"),
        move_of(
            "supersede",
            ("told", "released"),
            "superseded",
            refusal="This decision does not count any more, or is not out yet. Reload the page.",
        ),
    ),
)

# waiting: the window runs in which it can be cancelled. stopped: it could not go when the window was over.
RELEASE = Lifecycle(
    "outcome_release",
    states=("waiting", "cancelled", "stopped", "sent"),
    moves=(
        move_of("cancel", "waiting", "cancelled", stamp="cancelled"),
        move_of("stop", "waiting", "stopped"),
        move_of("send", "waiting", "sent"),
    ),
)
