"""Letters to schools when the standing of a provider changes that has a child of theirs, or that they ask.

The directory's moves and the closings of `portal.standings` are listened to (`portal/app.py`); the letters
join the same transaction. Names of children stand in none of them: a referral is known by its reference.
"""

from collections import defaultdict

from sqlalchemy import or_, select

from portal import clock
from portal.accounts.letters import write_to_members
from portal.accounts.models import Organisation
from portal.audit.services import Doer
from portal.commissioning.letters import provider_changed, provider_closed
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service, Standing
from portal.mail.words import Words
from portal.standings.queries import StandingLine, words_for_schools

LIVE_DAYS = 400
"""A child counts as placed for so long after the agreed start: a school year and a little more."""


def when_standing_moves(standing: Standing, *, by: Doer) -> None:
    """Tell every school with a child there, or with an open question, what the standing is now."""
    said = words_for_schools(standing.id)
    for school_id, (provider, service, placed, asked) in _concerned(standing.id).items():
        words = provider_changed(
            provider=provider, service=service, state=standing.state, said=said, placed=placed, asked=asked
        )
        _write(words, school_id, standing.id, f"{standing.state}:{clock.now().isoformat()}", by)


def when_standing_lapses(line: StandingLine, by: Doer) -> None:
    """Tell the same schools that a standing has closed to new children by itself."""
    for school_id, (provider, service, placed, asked) in _concerned(line.id).items():
        words = provider_closed(
            provider=provider,
            service=service,
            open_until=line.open_until,
            term_over=line.open_until == line.ends_on,
            placed=placed,
            asked=asked,
        )
        _write(words, school_id, line.id, f"lapsed:{line.open_until}", by)


def _concerned(standing_id: int) -> dict[int, tuple[str, str, list[str], list[str]]]:
    """By school: the names of provider and service, and the references of children placed and asked for."""
    rows = db.session.execute(
        select(Referral.school_id, Referral.reference, Referral.state, Service.title, Organisation.name)
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .where(Service.standing_id == standing_id)
        .where(
            or_(
                Referral.state == "sent",
                (Referral.state == "accepted") & (clock.today() - Referral.start_on <= LIVE_DAYS),
            )
        )
        .order_by(Referral.id)
    )
    found: dict[int, tuple[str, str, list[str], list[str]]] = {}
    references: dict[tuple[int, str], list[str]] = defaultdict(list)
    for school_id, reference, state, service, provider in rows:
        references[school_id, state].append(reference)
        found[school_id] = (
            provider,
            service,
            references[school_id, "accepted"],
            references[school_id, "sent"],
        )
    return found


def _write(words: Words, school_id: int, standing_id: int, event: str, by: Doer) -> None:
    write_to_members(
        school_id,
        "referral:read",
        words,
        key=f"standing:{standing_id}:{event}:{school_id}",
        subject_type="standing",
        subject_id=standing_id,
        by=by,
    )
