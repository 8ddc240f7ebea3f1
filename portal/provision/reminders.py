"""The weekly letter that asks each provider which places are free."""

from datetime import timedelta

from sqlalchemy import Text, cast, or_, select

from portal import clock
from portal.accounts.models import Organisation
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer
from portal.database import transaction
from portal.directory.models import Service, Standing
from portal.directory.queries import live_condition
from portal.mail.models import Letter
from portal.provision.letters import ask_for_places
from portal.worker import HOUR, Job

AT_MOST = 200  # services a round
CONFIRMED_LATELY = timedelta(days=6)


def ask_which_places_are_free(*, portal_url: str, by: Doer) -> int:
    """Write this week's letters about live services whose places nobody confirmed lately; return how many.

    One letter a week for each person who keeps the page. Run as often as you like: whoever has been written
    to this week is passed over.
    """
    today = clock.today()
    year, number, _ = today.isocalendar()
    week, written = f"{year}-{number:02}", 0
    with transaction() as session:
        asked = (
            select(Letter.id)
            .where(Letter.subject_type == "service", Letter.subject_id == cast(Service.id, Text))
            .where(Letter.key.contains(f":{week}:"))
            .exists()
        )
        due = session.execute(
            select(Service.id, Service.title, Service.provider_id)
            .join(Standing, Standing.id == Service.standing_id)
            .join(Organisation, Organisation.id == Service.provider_id)
            .where(live_condition(today), ~asked)
            .where(
                or_(
                    Service.places_confirmed_at.is_(None),
                    Service.places_confirmed_at < clock.now() - CONFIRMED_LATELY,
                )
            )
            .order_by(Service.id)
            .limit(AT_MOST)
            .with_for_update(of=Service, skip_locked=True)
        ).all()
        for service in due:
            for person in members_with_permission(service.provider_id, "service:edit"):
                written += ask_for_places(
                    person,
                    service_id=service.id,
                    title=service.title,
                    week=week,
                    provider_id=service.provider_id,
                    portal_url=portal_url,
                    by=by,
                )
    return written


ASKING_FOR_PLACES = Job(
    "ask which places are free",
    lambda settings, by: ask_which_places_are_free(portal_url=settings.public_url, by=by),
    pause=HOUR,
    delay=120,
)
