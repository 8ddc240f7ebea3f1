"""What a school checks of a provider itself before a child goes there, and how long a check is fresh.

The duty stays with the school, whatever the council has checked (Keeping children safe in education, on
alternative provision: written confirmation that the safeguarding checks have been made). No statute gives a
period: the council sets how long each is fresh (`period_of`), and a school's own policy may be stricter.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """One kind of check: its title, and what to look at."""

    title: str
    hint: str


OWN_CHECKS: Mapping[str, OwnCheck] = {
    "visit": OwnCheck("A visit to the site", "Go there while children are there. Say what you saw."),
    "registration": OwnCheck(
        "Registration as a school",
        "Look it up in Get Information about Schools, or say why the provider need not be registered.",
    ),
    "insurance": OwnCheck("Insurance", "See the certificate. Say which one, and until when it is valid."),
    "safeguarding": OwnCheck(
        "Written confirmation of the safeguarding checks",
        "The provider confirms in writing that everybody who works with the child has been checked. Say "
        "where you keep it.",
    ),
}


def period_of(kind: str) -> str:
    """The name of the period (`portal.settings.periods`) for which a check of this kind is fresh, in days."""
    return f"fresh_days_{kind}"
