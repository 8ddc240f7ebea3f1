"""The states of a standing."""

from portal.lifecycle import Lifecycle, move_of

STANDING = Lifecycle(
    "standing",
    # conditional: admitted, but schools see nothing of it before every condition of the admission is met.
    states=("conditional", "admitted", "suspended", "removed"),
    moves=(
        move_of("confirm", "conditional", "admitted", refusal="This admission has no open condition."),
        move_of(
            "suspend",
            ("conditional", "admitted"),
            "suspended",
            refusal="Only an admitted provider can be suspended.",
        ),
        move_of("reinstate", "suspended", "admitted", refusal="This provider is not suspended."),
        move_of("reinstate_on_conditions", "suspended", "conditional"),
        move_of(
            "remove",
            ("conditional", "admitted", "suspended"),
            "removed",
            refusal="This provider is removed already.",
        ),
        # Through a later round, with a new decision.
        move_of("readmit", "removed", "admitted"),
        move_of("readmit_on_conditions", "removed", "conditional"),
        move_of("put_on_conditions", "admitted", "conditional"),
    ),
)
