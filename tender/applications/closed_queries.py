"""Which tenders are closed to somebody of the council who reads others: for good, or until they declare."""

from collections.abc import Collection

from sqlalchemy import or_, select

from portal.accounts.access import Actor
from portal.database import db
from portal.errors import NotFound, Refusal
from tender.applications.access import barred, undeclared
from tender.applications.models import Application


class NotDeclaredYet(Refusal):
    """Somebody would open a tender of this round, or have a part in its decision, without having declared on
    its tenderer."""

    sentence = (
        "Say first whether you have a conflict of interest with this round's tenderers: there is one list "
        "for all of them."
    )

    def __init__(self, round_id: int) -> None:
        super().__init__()
        self.round_id = round_id


def closed_in(viewer: Actor, round_id: int) -> frozenset[int]:
    """The ids of a round's tenders that are closed to the viewer: a declared conflict of interest is why."""
    if not (closed := barred(viewer)):
        return frozenset()
    theirs = select(Application.id).where(
        Application.round_id == round_id, or_(*(Application.id.in_(each) for each in closed))
    )
    return frozenset(db.session.scalars(theirs))


def refuse_closed(viewer: Actor, application_id: int) -> None:
    """Raise `NotFound` where this tender is closed to the viewer, and `NotDeclaredYet`."""
    for closed in barred(viewer):
        theirs = select(Application.id).where(Application.id == application_id, Application.id.in_(closed))
        if db.session.execute(theirs).first():
            raise NotFound
    refuse_undeclared(viewer, [application_id])


def refuse_undeclared(viewer: Actor, application_ids: Collection[int]) -> None:
    """Raise `NotDeclaredYet` where the viewer has a part in the decision and has not declared on the provider
    of each of these tenders (Procurement Act 2023, section 83: whoever influences a decision)."""
    for rounds in undeclared(viewer):
        round_id = db.session.scalar(rounds.where(Application.id.in_(application_ids)).limit(1))
        if round_id is not None:
            raise NotDeclaredYet(round_id)
