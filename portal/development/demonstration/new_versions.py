"""How the questions of the open round changed, and how they are about to change again."""

from dataclasses import replace
from datetime import timedelta

from portal.clock import now, staged_at
from portal.development.demonstration import voices
from portal.development.demonstration.people import Company
from tender.frameworks.models import Round
from tender.packs.amendment_services import change_question, publish_amendment
from tender.packs.amendments import amendment_for


def new_questions(round: Round, company: Company, portal_url: str) -> None:
    """The second version of the open round's questions, and a third that is being prepared."""
    with staged_at(now() - timedelta(hours=26)):
        _reword(round, company, "finance", voices.FINANCE)
        publish_amendment(
            round_id=round.id,
            reason=voices.WHY_ANEW,
            seen=amendment_for(company.lead, round.id).fingerprint,
            portal_url=portal_url,
            by=company.lead,
        )
    with staged_at(now() - timedelta(hours=3)):
        _reword(round, company, "ico_number", voices.ICO_NUMBER)


def _reword(round: Round, company: Company, code: str, text: str) -> None:
    asked = amendment_for(company.lead, round.id).pack.question(code)
    reworded = replace(asked, text=text)
    change_question(round_id=round.id, code=code, asked=reworded, seen=asked.fingerprint, by=company.lead)
