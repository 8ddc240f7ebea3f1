"""What waits of a school's own checks: before the child goes to the provider that is chosen for it."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.call_offs.models import CallOff
from portal.commissioning.check_queries import fresh_checks
from portal.commissioning.models import Referral
from portal.commissioning.own_checks import OWN_CHECKS
from portal.database import db
from portal.directory.models import Service
from portal.tasks import Task, Waiting

STARTED_SINCE = timedelta(days=14)
"""How long after a child was to start the home page still speaks of checks that are missing."""
_MOST_LISTED = 5


def waiting_for(viewer: Actor) -> Waiting:
    """Children for whom a provider is chosen, who start soon or just have, and of whose provider the school's
    checks are not all fresh."""
    if not viewer.may("check:sign"):
        return Waiting()
    today = clock.today()
    fresh = fresh_checks(Referral.school_id, Service.provider_id)
    rows = db.session.execute(
        select(Referral.reference, Referral.start_on, Organisation.name, Service.id, fresh.label("fresh"))
        .select_from(CallOff)
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(CallOff.school_id == viewer.organisation_id, CallOff.state == "chosen")
        .where(Referral.start_on >= today - STARTED_SINCE)
        .where(fresh < len(OWN_CHECKS))
        .order_by(Referral.start_on, Referral.id)
        .limit(_MOST_LISTED)
    ).all()
    return Waiting(
        now=tuple(
            Task(
                f"Before a child goes to {row.name} (referral {row.reference}), check the provider "
                "yourselves.",
                "Sign your checks",
                "school_checks.show",
                {"service_id": row.id},
                due_at=datetime.combine(row.start_on, time(0, 0), clock.LONDON),
                detail=f"{row.fresh} of {len(OWN_CHECKS)} of your own checks are in date.",
            )
            for row in rows
        )
    )
