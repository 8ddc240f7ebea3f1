"""The states of a clarification."""

from portal.lifecycle import Lifecycle, move_of

ANSWERED = "This question has an answer already, or was withdrawn."

# waiting: asked, for the council to answer. published: everyone reads it with its answer. private: only its
# asker reads the answer. withdrawn: the asker took it back. left: the round closed without an answer, and the
# asker was told why.
CLARIFICATION = Lifecycle(
    "clarification",
    states=("waiting", "published", "private", "withdrawn", "left"),
    moves=(
        move_of("publish", "waiting", "published", stamp="answered", refusal=ANSWERED),
        move_of("answer_privately", "waiting", "private", stamp="answered", refusal=ANSWERED),
        move_of("leave", "waiting", "left", stamp="left", refusal=ANSWERED),
        # No stamp: the trail and the row say that it was withdrawn, not by whom.
        move_of("withdraw", "waiting", "withdrawn", refusal=ANSWERED),
    ),
)
