"""What becomes of letters when the council ends a round without an outcome: none goes."""

from sqlalchemy import select

from evaluation.outcomes.letter_queries import letters_of
from evaluation.outcomes.lifecycle import RELEASE
from evaluation.outcomes.release_services import waiting_to_go
from portal.audit.services import Doer
from portal.database import db
from portal.lifecycle import move
from portal.mail.models import Letter
from portal.mail.services import withdraw_letter
from tender.frameworks.models import Round


def when_round_ends(round: Round, *, by: Doer) -> None:
    """Cancel a release whose window runs, and take back every letter that is held. What was written is kept.
    The caller holds the round's row."""
    db.session.flush()
    release = waiting_to_go(round.id)
    if release is not None:
        with db.session.no_autoflush:
            move(RELEASE, release, "cancel", by=by, round=round.id)
    held = [row["id"] for row in letters_of(round.id) if row["state"] == "held"]
    for letter in db.session.scalars(
        select(Letter).where(Letter.id.in_(held)).order_by(Letter.id).with_for_update()
    ):
        withdraw_letter(letter, by=by)
