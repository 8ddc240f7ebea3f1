"""Giving codes to the tenders of a round whose names are hidden."""

from secrets import SystemRandom

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.hidden_queries import codes_of
from evaluation.assignments.models import TenderCode
from portal.accounts.access import Actor
from portal.audit.services import record
from tender.applications.models import Application
from tender.frameworks.models import Round

# Without letters that look like a number or like each other.
LETTERS = "ABCDEFGHJKLMNPRTVWXYZ"
ROOM = 4  # so many times as many codes as tenders: nothing follows from which are not used


def give_codes(session: Session, round: Round, by: Actor) -> None:
    """Give every tender of a locked round that has none its code, at random, where names are hidden; inside
    the caller's transaction."""
    if not round.names_hidden:
        return
    given = codes_of(round.id)
    without = session.scalars(
        select(Application.id).where(
            Application.round_id == round.id,
            Application.state == "submitted",
            Application.id.not_in(given),
        )
    ).all()
    if not without:
        return
    highest = max(9, 1 + ROOM * (len(given) + len(without)) // len(LETTERS))
    free = {f"{letter}{number}" for letter in LETTERS for number in range(1, highest + 1)} - set(
        given.values()
    )
    chosen = SystemRandom().sample(sorted(free), len(without))
    session.add_all(
        TenderCode(application_id=application_id, round_id=round.id, code=code)
        for application_id, code in zip(without, chosen, strict=True)
    )
    session.flush()
    record("panel.give_codes", "round", round.id, by=by, tenders=len(without))
