"""What a provider reads once a mini-competition is decided: how its own answer was judged.

Its points with their reasons, its total and rank; of the offer that came first the total, and the points for
what was marked. So far goes an assessment summary, which a supplier has of its own tender and of the most
advantageous one (Procurement Act 2023, section 50); it is for tenders, and the portal does the same for a
call-off. Points that would give a price away, the words of another answer and who came first stay out: the
last would say where the child is. Of the others that were not chosen it reads nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, false, select

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.competitions.models import Competition, Entry
from portal.competitions.queries import OpenedAnswer, answers_in, facts_of, ranking_of
from portal.competitions.ranking import Place
from portal.database import db
from portal.directory.models import Service
from portal.errors import NotFound


@dataclass(frozen=True, slots=True)
class Result:
    """A provider's own answer with its marks and its place. `first` is the place of the offer that was
    chosen, None where that is its own or every answer was below a minimum; `ranked` is how many had a
    rank."""

    referral_id: int
    reference: str
    school: str
    decided_at: datetime
    conclusion: str
    answer: OpenedAnswer
    place: Place
    first: Place | None
    ranked: int

    @property
    def came_first(self) -> bool:
        """Whether its own offer was chosen."""
        return self.first is None and self.ranked > 0


def result_for(viewer: Actor, entry_id: int) -> Result:
    """How an answer of the viewer's provider fared.

    Raises `NotFound` while the competition is not decided, and for anyone else's.
    """
    row = db.session.execute(
        _decided(viewer)
        .add_columns(
            Entry.competition_id,
            Entry.referral_id,
            Referral.reference,
            Organisation.name.label("school"),
        )
        .where(Entry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    competition = facts_of(row.competition_id)
    answers = {each.entry_id: each for each in answers_in(competition)}
    places = {place.entry_id: place for place in ranking_of(competition, list(answers.values()))}
    assert competition.concluded_at  # of one that is decided, by its constraint
    chosen = db.session.scalar(
        select(CallOff.referral_id)
        .where(CallOff.request_id == competition.request_id, CallOff.route == "mini_competition")
        .where(CallOff.chosen_at >= competition.concluded_at)
        .order_by(CallOff.id)
        .limit(1)
    )
    first = next((each.entry_id for each in answers.values() if each.referral_id == chosen), None)
    return Result(
        referral_id=row.referral_id,
        reference=row.reference,
        school=row.school,
        decided_at=competition.concluded_at,
        conclusion=competition.conclusion,
        answer=answers[entry_id],
        place=places[entry_id],
        first=places[first] if first not in (None, entry_id) else None,
        ranked=sum(1 for place in places.values() if place.rank),
    )


def judged_answer(viewer: Actor, referral_id: int) -> int | None:
    """The answer to a referral of the viewer's provider of which there is such a result, the newest. One
    statement, and none for whoever answers no referrals."""
    if not viewer.may("referral:answer"):
        return None
    mine = _decided(viewer).where(Entry.referral_id == referral_id)
    return db.session.scalar(mine.order_by(Entry.id.desc()).limit(1))


def _decided(viewer: Actor) -> Select[Any]:
    """The answers of the viewer's provider that were judged in a competition which is decided."""
    mine = Service.provider_id == viewer.organisation_id if viewer.may("referral:answer") else false()
    return (
        select(Entry.id)
        .join(Competition, Competition.id == Entry.competition_id)
        .join(Referral, Referral.id == Entry.referral_id)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Competition.school_id)
        .where(mine, Competition.state.in_(("awarded", "no_winner")), Entry.submitted_at.is_not(None))
        .where(Referral.state.in_(("accepted", "not_chosen")))
    )
