"""The states of an assessment summary."""

from portal.lifecycle import Lifecycle, move_of

_NOT_WAITING = "This summary is not waiting for approval any more. Reload the page to see where it stands."

# draft: being written. offered: waits for a second person. approved: what the letter carries; writing in it
# again reopens it.
SUMMARY = Lifecycle(
    "assessment_summary",
    states=("draft", "offered", "approved"),
    moves=(
        move_of(
            "offer",
            "draft",
            "offered",
            refusal="This summary has been sent for approval already.",
        ),
        move_of("approve", "offered", "approved", stamp="approved", refusal=_NOT_WAITING),
        move_of("return", "offered", "draft", stamp="returned", refusal=_NOT_WAITING),
        move_of("reopen", ("offered", "approved"), "draft"),
    ),
)
