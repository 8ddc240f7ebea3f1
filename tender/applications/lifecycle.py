"""The states of an application."""

from portal.lifecycle import Lifecycle, move_of

APPLICATION = Lifecycle(
    "application",
    states=("draft", "submitted"),
    moves=(
        move_of(
            "submit",
            "draft",
            "submitted",
            stamp="submitted",
            refusal="This application has been submitted already. Its receipt shows what we hold.",
        ),
        move_of(
            "withdraw",
            "submitted",
            "draft",
            refusal="This application is not submitted, so there is nothing to withdraw.",
        ),
    ),
)
