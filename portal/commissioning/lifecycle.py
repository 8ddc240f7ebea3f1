"""The states of a referral."""

from portal.lifecycle import Lifecycle, move_of

REFERRAL = Lifecycle(
    "referral",
    states=("sent", "accepted", "declined", "withdrawn", "not_chosen"),
    moves=(
        move_of(
            "accept", "sent", "accepted", stamp="answered", refusal="This referral has been answered already."
        ),
        move_of(
            "decline",
            "sent",
            "declined",
            stamp="answered",
            refusal="This referral has been answered already.",
        ),
        move_of(
            "take_back",
            "accepted",
            "declined",
            stamp="answered",
            refusal="There is no offer of yours to take back any more.",
        ),
        move_of(
            "withdraw",
            "sent",
            "withdrawn",
            stamp="withdrawn",
            refusal="This referral has been answered, so it cannot be withdrawn. Speak to the provider.",
        ),
        move_of(
            "release",
            ("sent", "accepted"),
            "not_chosen",
            stamp="released",
            refusal="This referral is not open any more.",
        ),
    ),
)
