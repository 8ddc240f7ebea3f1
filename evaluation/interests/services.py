"""Declaring and taking back one's own interests."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from evaluation.interests.models import KINDS, Interest
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal

MOST = 50
LONGEST = 200


class InterestRefused(Refusal):
    """The interest says nothing, too much, or is one too many."""


def declare_interest(*, kind: str, organisation_name: str, by: Actor) -> None:
    """Keep that `by` has to do with an organisation; said twice, it is kept once.

    Raises `InterestRefused` with the sentence for the page.
    """
    name = " ".join(organisation_name.split())
    if kind not in KINDS:
        raise InterestRefused("Choose what you have to do with it.", field="kind")
    if not name or len(name) > LONGEST:
        raise InterestRefused(
            f"Enter the organisation's name, in at most {LONGEST} characters.", field="organisation_name"
        )
    with transaction() as session:
        own = select(func.count()).where(Interest.person_id == by.person_id)
        if (session.scalar(own) or 0) >= MOST:
            raise InterestRefused(f"You have declared {MOST} interests. Remove one that has ended first.")
        new = session.scalar(
            insert(Interest)
            .values(person_id=by.person_id, kind=kind, organisation_name=name, declared_at=clock.now())
            .on_conflict_do_nothing()
            .returning(Interest.id)
        )
        if new is not None:
            record("interest.declare", "person", by.person_id, by=by, kind=kind, organisation=name)


def take_interest_back(*, interest_id: int, by: Actor) -> None:
    """Forget an interest of one's own that has ended or was a mistake. Raises `NotFound`."""
    with transaction() as session:
        gone = session.execute(
            delete(Interest)
            .where(Interest.id == interest_id, Interest.person_id == by.person_id)
            .returning(Interest.kind, Interest.organisation_name)
        ).one_or_none()
        if gone is None:
            raise NotFound
        record("interest.take_back", "person", by.person_id, by=by, kind=gone[0], organisation=gone[1])
