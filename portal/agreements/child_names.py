"""Who the child of an agreement is, for whoever may read that: the one place that asks `portal.children`."""

from portal.accounts.access import Actor
from portal.children.queries import names_for


def child_named(viewer: Actor, call_off_id: int) -> str | None:
    """The child's name for this reader, the reading logged; None for who may not read it."""
    return names_for(viewer, [call_off_id]).get(call_off_id)
