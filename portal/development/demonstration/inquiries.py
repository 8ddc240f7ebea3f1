"""What the council asks a tenderer of the round that is being marked."""

import io
from datetime import datetime, timedelta

from sqlalchemy import select

from evaluation.inquiries.services import answer, ask, show
from portal import clock
from portal.accounts.access import Actor
from portal.clock import staged_at
from portal.database import db
from portal.development.demonstration.papers import paper
from tender.frameworks.models import Question, Round

ANSWERED = (
    "You write of “the workshop” and name two sites. Which of them do you mean?",
    "The workshop is the site at the canal. The other site is our office, where no child is taught.",
)
OPEN = "You write that a lead is “always on site”. Does that hold on Saturdays, too?"


def ask_tenderer(
    round: Round, tender: int, person: Actor, lead: Actor, portal_url: str, *, asked_at: datetime
) -> None:
    """Ask a tenderer twice: what was answered the evaluators may read, the other waits for its answer."""
    wanted = select(Question.id).where(Question.round_id == round.id, Question.code == "partnership")
    about = (db.session.scalars(wanted).one(), None)
    told = {"portal_url": portal_url}
    with staged_at(asked_at):
        inquiry_id = ask(application_id=tender, about=about, text=ANSWERED[0], days=5, by=lead, **told)
    with staged_at(asked_at + timedelta(days=1)):
        file = (io.BytesIO(paper("pdf", "Plan of the workshop")), "Plan of the workshop.pdf")
        given = {"text": ANSWERED[1], "files": [file], "arrived": clock.now()}
        answer(inquiry_id=inquiry_id, by=person, **given, **told)
    with staged_at(asked_at + timedelta(days=2)):
        show(inquiry_id=inquiry_id, by=lead)
    with staged_at(clock.now() - timedelta(hours=20)):
        ask(application_id=tender, about=about, text=OPEN, days=4, by=lead, **told)
