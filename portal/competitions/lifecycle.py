"""The states of a mini-competition."""

from portal.lifecycle import Lifecycle, move_of

COMPETITION = Lifecycle(
    "competition",
    states=("running", "opened", "awarded", "no_winner", "abandoned"),
    moves=(
        move_of("open", "running", "opened", stamp="opened", refusal="The answers have been opened already."),
        move_of(
            "award",
            "opened",
            "awarded",
            stamp="concluded",
            refusal="This competition is over, or its answers are not open yet.",
        ),
        move_of(
            "conclude",
            "opened",
            "no_winner",
            stamp="concluded",
            refusal="This competition is over, or its answers are not open yet.",
        ),
        move_of(
            "abandon",
            ("running", "opened"),
            "abandoned",
            stamp="concluded",
            refusal="This competition is over already.",
        ),
    ),
)
