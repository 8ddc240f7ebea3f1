"""Letters about referrals that wait: to the provider before its window ends, to both sides when it is
over."""

from datetime import timedelta

from sqlalchemy import case, literal, select

from portal import clock
from portal.accounts.models import Organisation
from portal.audit.services import Doer, record
from portal.commissioning import letters
from portal.commissioning.models import Referral
from portal.commissioning.telling import tell
from portal.database import transaction
from portal.directory.models import Service
from portal.worker import Job

LATE = timedelta(days=7)
"""How long after the end of a window it is still written about, should nobody have run this in time."""
AT_MOST = 100  # referrals a round


def remind(*, portal_url: str, by: Doer) -> int:
    """Write the letters that are due now and return of how many referrals. Run as often as you like.

    The first is due when half of the window is over, the second at its end; the later one stands for both.
    """
    now = clock.now()
    with transaction() as session:
        # As long ago as it is to the end: half of the window.
        half_over = literal(now) - Referral.sent_at >= Referral.answer_by - literal(now)
        due = case((Referral.answer_by <= literal(now), 2), (half_over, 1), else_=0)
        rows = session.execute(
            select(Referral, Service.title, Service.provider_id, Organisation.name)
            .join(Service, Service.id == Referral.service_id)
            .join(Organisation, Organisation.id == Referral.school_id)
            .where(Referral.state == "sent", Referral.answer_by > now - LATE, Referral.reminders < due)
            .order_by(Referral.answer_by, Referral.id)
            .limit(AT_MOST)
            .with_for_update(of=Referral, skip_locked=True)
        ).all()
        for referral, service, provider_id, school in rows:
            assert referral.answer_by
            over = referral.answer_by <= now
            referral.reminders = 2 if over else 1
            event = f"reminder:{referral.reminders}"
            words = letters.answer_awaited(
                reference=referral.reference,
                school=school,
                service=service,
                year_group=referral.year_group,
                answer_by=referral.answer_by,
                over=over,
                address=f"{portal_url}/referrals/{referral.id}",
            )
            tell(words, referral, event, provider_id, "referral:answer", by)
            if over:
                to_school = letters.not_answered(
                    reference=referral.reference,
                    service=service,
                    year_group=referral.year_group,
                    answer_by=referral.answer_by,
                    address=f"{portal_url}/referrals/{referral.id}",
                )
                tell(to_school, referral, event, referral.school_id, "referral:send", by)
            record("referral.remind", "referral", referral.id, by=by, over=over)
    return len(rows)


ANSWERS = Job(
    "remind of referrals that wait",
    lambda settings, by: remind(portal_url=settings.public_url, by=by),
    pause=60,
)
