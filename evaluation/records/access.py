"""Who may have which record of a round, and when."""

from evaluation.records.models import KINDS
from portal.accounts.access import Actor
from portal.errors import Conflict

READ, DISCLOSE = "record:read", "record:disclose"


class NotAllLocked(Conflict):
    """A record would show an evaluator's marks to others while somebody still marks."""

    sentence = (
        "The records of a round are there once every evaluator has locked their marks for every tender. "
        "Until then nobody sees another's marks, and no file may show them."
    )


class HasConflict(Conflict):
    """The viewer declared a conflict with a provider of the round, and a record tells of all of them."""

    sentence = (
        "You declared a conflict of interest with a provider of this round, and its records tell of every "
        "provider. Ask a colleague who declared none."
    )


def kinds_for(viewer: Actor) -> tuple[str, ...]:
    """The kinds of file that the viewer's roles let them have."""
    return tuple(kind for kind in KINDS if viewer.may(DISCLOSE if kind == "disclosure" else READ))
