"""Who reads of the child of a choice: its school's people, and the chosen provider's while it stands."""

from sqlalchemy import ColumnElement, false, or_

from portal.accounts.access import Actor
from portal.call_offs.models import CallOff


def readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun, over `CallOff`. Nobody at the council, at another school or another provider."""
    if not viewer.may("child:read"):
        return false()
    return or_(
        CallOff.school_id == viewer.organisation_id,
        (CallOff.provider_id == viewer.organisation_id) & (CallOff.state == "chosen"),
    )
