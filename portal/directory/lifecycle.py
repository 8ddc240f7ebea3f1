"""The states of a standing."""

from portal.lifecycle import Lifecycle, move_of

STANDING = Lifecycle(
    "standing",
    # conditional: admitted, but schools see nothing of it before every condition of the admission is met.
    # suspended_new: children who are there stay, no new child comes; suspended: nobody is placed.
    states=("conditional", "admitted", "suspended_new", "suspended", "removed"),
    moves=(
        move_of("confirm", "conditional", "admitted", refusal="This admission has no open condition."),
        move_of(
            "suspend_new",
            "admitted",
            "suspended_new",
            refusal="Only an admitted provider can be suspended for new referrals.",
        ),
        # Children who were placed there may go there again.
        move_of("ease", "suspended", "suspended_new"),
        move_of(
            "suspend",
            ("conditional", "admitted", "suspended_new"),
            "suspended",
            refusal="Only an admitted provider can be suspended.",
        ),
        move_of(
            "reinstate", ("suspended_new", "suspended"), "admitted", refusal="This provider is not suspended."
        ),
        move_of("reinstate_on_conditions", ("suspended_new", "suspended"), "conditional"),
        move_of(
            "remove",
            ("conditional", "admitted", "suspended_new", "suspended"),
            "removed",
            refusal="This provider is removed already.",
        ),
        # Through a later round, with a new decision.
        move_of("readmit", "removed", "admitted"),
        move_of("readmit_on_conditions", "removed", "conditional"),
        move_of("put_on_conditions", "admitted", "conditional"),
    ),
)
