"""Telling everyone that a round ends without an outcome: applicants what becomes of what they wrote, then the
others."""

from collections import defaultdict

from sqlalchemy import select

from portal.audit.services import Doer
from portal.database import db, transaction
from tender.applications.models import Application
from tender.followers.letters import withdrawn_title, withdrawn_words
from tender.followers.services import tell_everyone
from tender.frameworks.withdrawal_services import WithdrawnRound


def tell_of_withdrawal(withdrawn: WithdrawnRound, *, portal_url: str, by: Doer) -> None:
    """Write to the people of each application, and then to whoever follows; nobody twice."""
    facts = withdrawn.facts
    letter = {
        "round_id": facts.id,
        "event": f"withdrawal:{facts.id}",
        "title": withdrawn_title(withdrawn),
        "signed": facts.buyer_name,
        "by": by,
    }
    applications: dict[str, list[int]] = defaultdict(list)
    with transaction():
        found = select(Application.state, Application.id).where(Application.round_id == facts.id)
        for state, application_id in db.session.execute(found.order_by(Application.id)):
            applications[state].append(application_id)
        for state, ids in applications.items():
            lines = withdrawn_words(withdrawn, state, portal_url)
            tell_everyone(**letter, lines=lines, applications=ids)
        tell_everyone(**letter, lines=withdrawn_words(withdrawn, None, portal_url))
