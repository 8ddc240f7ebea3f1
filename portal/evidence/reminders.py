"""Letters about documents that run out: 30 days, 7 days before, and on the last day, once each."""

from datetime import timedelta

from sqlalchemy import case, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer
from portal.database import transaction
from portal.evidence.letters import send_reminder
from portal.evidence.models import RULES, Evidence, EvidenceReminder, EvidenceVersion
from portal.evidence.queries import is_newest
from portal.worker import Job

AT_MOST = 200  # documents a round
LATE = timedelta(days=7)
"""How long after its last day a document is still written about, should nobody have run this in time."""


def remind(*, portal_url: str, by: Doer) -> int:
    """Write the letters that are due today and return how many. Run as often as you like.

    Of several rules that have passed (a document that was added late) only the nearest counts. Each letter
    leaves a row in the ledger, in the same transaction.
    """
    today, written = clock.today(), 0
    with transaction() as session:
        days_left = EvidenceVersion.expires_on - literal(today)
        rule = case(*((days_left <= rule, rule) for rule in sorted(RULES)))
        sent = exists().where(
            EvidenceReminder.evidence_version_id == EvidenceVersion.id,
            EvidenceReminder.expires_on == EvidenceVersion.expires_on,
            EvidenceReminder.rule == rule,
        )
        due = session.execute(
            select(
                EvidenceVersion.id,
                EvidenceVersion.evidence_id,
                EvidenceVersion.expires_on,
                Evidence.title,
                Evidence.provider_id,
                rule.label("rule"),
            )
            .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
            .where(EvidenceVersion.expires_on.between(today - LATE, today + timedelta(days=max(RULES))))
            .where(is_newest(), ~sent)
            .order_by(EvidenceVersion.expires_on, EvidenceVersion.id)
            .limit(AT_MOST)
            .with_for_update(of=EvidenceVersion, skip_locked=True)
        ).all()
        for row in due:
            for person in members_with_permission(row.provider_id, "evidence:edit"):
                session.execute(
                    insert(EvidenceReminder)
                    .values(
                        evidence_version_id=row.id,
                        expires_on=row.expires_on,
                        rule=row.rule,
                        person_id=person["person_id"],
                        sent_at=clock.now(),
                    )
                    .on_conflict_do_nothing()
                )
                send_reminder(
                    version_id=row.id,
                    evidence_id=row.evidence_id,
                    title=row.title,
                    expires_on=row.expires_on,
                    rule=row.rule,
                    today=today,
                    provider_id=row.provider_id,
                    person_id=person["person_id"],
                    name=person["name"],
                    email=person["email"],
                    portal_url=portal_url,
                    by=by,
                )
                written += 1
    return written


REMINDERS = Job(
    "remind of evidence that runs out",
    lambda settings, by: remind(portal_url=settings.public_url, by=by),
    pause=60 * 60,
    delay=60,
)
