"""Published packs that change."""

from dataclasses import replace
from typing import Any

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tender.packs.amendment_services import change_question, publish_amendment
from tender.packs.amendments import amendment_for
from tender.packs.blank import blank_question
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_procurement_lead

REASON = "The question named a document that no longer exists."


def prepare(subject: Round, code: str, by: Actor, **words: Any) -> None:
    """Prepare other words, or another weight, for a question of a published round."""
    asked = amendment_for(by, subject.id).pack.question(code)
    changed = replace(asked, **words)
    change_question(by=by, round_id=subject.id, code=code, asked=changed, seen=asked.fingerprint)


def publish(subject: Round, by: Actor, reason: str = REASON) -> int:
    """Publish what is prepared; the number of the version."""
    seen = amendment_for(by, subject.id).fingerprint
    return publish_amendment(by=by, round_id=subject.id, reason=reason, seen=seen, portal_url=PORTAL_URL)


def reword(subject: Round, code: str, text: str = "Asked in other words?", by: Actor | None = None) -> int:
    """Publish a version in which this question reads otherwise; return its number."""
    by = by or a_procurement_lead(subject)
    prepare(subject, code, by, text=text)
    return publish(subject, by)


def a_new_question(subject: Round, by: Actor, kind: str = "yes_no", **words: Any) -> Any:
    """A question of this kind for the end of the directory's section, not added yet."""
    pack = amendment_for(by, subject.id).pack
    written = {"title": "First aid", "text": "Is somebody trained in first aid?", "judged_as": "information"}
    return replace(blank_question(pack, "listing", kind), rule=None, **{**written, **words})
