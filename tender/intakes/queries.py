"""Reading the intakes of a framework."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.database import db
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.queries import intakes_of


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `intakes`, where the framework is always open."""
    return {"intakes": intakes_of(facts.framework_id) if facts.always_open else ()}


def cut_offs_of(facts: RoundFacts) -> Sequence[datetime]:
    """The cut-offs that a draft plans after its own close. The caller got `facts` by `round_for`."""
    return db.session.scalars(select(Round.later_cut_offs).where(Round.id == facts.id)).one()
