"""The states of a standing."""

from portal.lifecycle import Lifecycle, move_of

STANDING = Lifecycle(
    "standing",
    states=("admitted", "suspended", "removed"),
    moves=(
        move_of("suspend", "admitted", "suspended", refusal="Only an admitted provider can be suspended."),
        move_of("reinstate", "suspended", "admitted", refusal="This provider is not suspended."),
        move_of("remove", ("admitted", "suspended"), "removed", refusal="This provider is removed already."),
        # Through a later round, with a new decision.
        move_of("readmit", "removed", "admitted"),
    ),
)
