"""Which tenders of a round are closed to somebody of the council who reads the others."""

from sqlalchemy import or_, select

from portal.accounts.access import Actor
from portal.database import db
from portal.errors import NotFound
from tender.applications.access import barred
from tender.applications.models import Application


def closed_in(viewer: Actor, round_id: int) -> frozenset[int]:
    """The ids of a round's tenders that are closed to the viewer: a declared conflict of interest is why."""
    if not (closed := barred(viewer)):
        return frozenset()
    theirs = select(Application.id).where(
        Application.round_id == round_id, or_(*(Application.id.in_(each) for each in closed))
    )
    return frozenset(db.session.scalars(theirs))


def refuse_closed(viewer: Actor, application_id: int) -> None:
    """Raise `NotFound` where this tender is closed to the viewer."""
    for closed in barred(viewer):
        theirs = select(Application.id).where(Application.id == application_id, Application.id.in_(closed))
        if db.session.execute(theirs).first():
            raise NotFound
