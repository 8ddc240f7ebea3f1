"""The states of a certificate."""

from portal.lifecycle import Lifecycle, move_of

CERTIFICATE = Lifecycle(
    "certificate",
    states=("asked", "given", "void"),
    moves=(
        move_of(
            "give",
            "asked",
            "given",
            stamp="given",
            refusal="This application is certified already, or has changed since it was.",
        ),
        move_of(
            "void",
            ("asked", "given"),
            "void",
            stamp="voided",
            refusal="This certificate no longer stands.",
        ),
    ),
)
