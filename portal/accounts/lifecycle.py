"""The states of an organisation: the council looks at each before it deals with anybody else."""

from portal.lifecycle import Lifecycle, move_of

ORGANISATION = Lifecycle(
    "organisation",
    states=("waiting", "checked", "refused", "deactivated"),
    moves=(
        move_of(
            "check",
            ("waiting", "refused"),
            "checked",
            stamp="checked",
            refusal="This organisation is checked already, or it is deactivated.",
        ),
        move_of("refuse", "waiting", "refused", refusal="This organisation does not wait for a check."),
        move_of("ask_again", "refused", "waiting", refusal="Your organisation waits for its check already."),
        move_of(
            "deactivate",
            "checked",
            "deactivated",
            refusal="Only an organisation that has passed the check can be deactivated.",
        ),
        move_of("reactivate", "deactivated", "checked", refusal="This organisation is not deactivated."),
    ),
)
