"""Which tenders are closed to somebody of the council who reads others: for good, or until they declare."""

from collections.abc import Collection

from sqlalchemy import or_, select

from portal.accounts.access import Actor
from portal.database import db
from portal.errors import NotFound, Refusal
from tender.applications.access import barred, is_opened, undeclared
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import round_for


class NotDeclaredYet(Refusal):
    """Somebody would read who tendered in this round, open a tender or have a part in its decision, without
    having declared on its tenderers."""

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
    refuse_barred(viewer, application_id)
    refuse_undeclared(viewer, [application_id])


def refuse_barred(viewer: Actor, application_id: int) -> None:
    """Raise `NotFound` where a conflict closes this tender to the viewer, who has declared on all of its
    round."""
    for closed in barred(viewer):
        theirs = select(Application.id).where(Application.id == application_id, Application.id.in_(closed))
        if db.session.execute(theirs).first():
            raise NotFound


def refuse_undeclared(viewer: Actor, application_ids: Collection[int]) -> None:
    """Raise `NotDeclaredYet` where the viewer has a part in the decision and has not declared on the provider
    of each of these tenders (Procurement Act 2023, section 83: whoever influences a decision)."""
    for rounds in undeclared(viewer):
        round_id = db.session.scalar(rounds.where(Application.id.in_(application_ids)).limit(1))
        if round_id is not None:
            raise NotDeclaredYet(round_id)


def round_with_tenderers(viewer: Actor, round_id: int) -> RoundFacts:
    """A round of the viewer's council, for a page that names who tendered, once the tender box is open.

    Raises `NotFound`, and `NotDeclaredYet` until they have declared on all of them: names stand on the list
    on which that is done, and nowhere before it.
    """
    facts = round_for(viewer, round_id)
    if is_opened(facts.state):
        refuse_undeclared_in(viewer, round_id)
    return facts


def refuse_undeclared_in(viewer: Actor, round_id: int) -> None:
    """As `refuse_undeclared`, of all tenders of a round."""
    for rounds in undeclared(viewer):
        if db.session.execute(rounds.where(Application.round_id == round_id).limit(1)).first():
            raise NotDeclaredYet(round_id)
