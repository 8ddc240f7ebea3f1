"""Letters to schools when the standing of a provider changes that has a child of theirs, or that they ask.

The moves of the directory and of organisations, the closings of `portal.standings`, and the beginning and end
of an exclusion (`evaluation.exclusions`) are listened to (`portal/app.py`); the letters join the same
transaction. Names of children stand in none of them: a placement and a referral are known by their
references.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import ColumnElement, and_, or_, select

from portal import clock
from portal.accounts.letters import write_to_members
from portal.accounts.models import Organisation
from portal.agreements import provider_letters
from portal.agreements.last_days import IN_FORCE, last_day
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.agreements.provider_letters import Concern
from portal.audit.services import Doer
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.statuses import status_on
from portal.mail.words import Words
from portal.standings.queries import StandingLine, words_for_schools
from portal.web.addresses import portal_url


def _when_standing_moves(step: str, standing: Standing, *, by: Doer) -> None:
    """Tell every school with a child there, or with an open question, what the standing is now."""
    db.session.flush()
    status = _status_of(standing.id)
    said = words_for_schools(standing.id, step) if step in provider_letters.BY_HAND else ""
    for school_id, concern in _concerned(Service.standing_id == standing.id).items():
        words = provider_letters.standing_changed(concern, step=step, status=status, said=said)
        _write(words, school_id, "standing", standing.id, f"{step}:{clock.now().isoformat()}", by)


def tell_of_exclusion(standing_id: int, by: Doer) -> None:
    """Tell the same schools that the council excludes a provider, or does so no longer. One that is off its
    lot was told so, and neither changes anything for a child."""
    status = _status_of(standing_id)
    if status == "removed":
        return
    for school_id, concern in _concerned(Service.standing_id == standing_id).items():
        words = provider_letters.exclusion_changed(concern, status=status)
        _write(words, school_id, "standing", standing_id, f"exclusion:{clock.now().isoformat()}", by)


def _status_of(standing_id: int) -> str:
    """What a standing is worth today: a key of `STATUSES`."""
    return db.session.scalars(
        select(status_on(clock.today()))
        .select_from(Standing)
        .join(Organisation, Organisation.id == Standing.provider_id)
        .where(Standing.id == standing_id)
    ).one()


def _when_organisation_moves(step: str, organisation: Organisation, *, by: Doer) -> None:
    """The same where the council deactivates a provider as a whole, or brings it back."""
    for school_id, concern in _concerned(Service.provider_id == organisation.id).items():
        words = provider_letters.organisation_changed(concern, step=step)
        _write(words, school_id, "organisation", organisation.id, f"{step}:{clock.now().isoformat()}", by)


WHEN_STANDING_MOVES: Mapping[str, Callable[..., None]] = {
    step: partial(_when_standing_moves, step) for step in provider_letters.STEPS
}
"""By the directory's move, what listens to it."""
WHEN_ORGANISATION_MOVES: Mapping[str, Callable[..., None]] = {
    step: partial(_when_organisation_moves, step) for step in ("deactivate", "reactivate")
}


def when_standing_lapses(line: StandingLine, by: Doer) -> None:
    """Tell the same schools that a standing has closed to new children by itself."""
    for school_id, concern in _concerned(Service.standing_id == line.id).items():
        words = provider_letters.standing_lapsed(
            concern, state=line.state, open_until=line.open_until, term_over=line.open_until == line.ends_on
        )
        _write(words, school_id, "standing", line.id, f"lapsed:{line.open_until}", by)


def _concerned(services: ColumnElement[bool]) -> dict[int, Concern]:
    """By school, what it has with these services: placements until their last day, choices, offers that it
    can still choose, and referrals that wait for an answer. One statement."""
    chosen = and_(CallOff.request_id == Referral.request_id, CallOff.state == "chosen")
    rows = db.session.execute(
        select(
            Referral.school_id,
            Referral.reference,
            Referral.id.label("referral_id"),
            Referral.state,
            Service.title,
            Organisation.name,
            CallOff.id.label("call_off_id"),
            PlacementAgreement.id.label("agreement_id"),
            PlacementAgreement.reference.label("agreement"),
            AgreementVersion.id.label("version_id"),
        )
        .join(Service, Service.id == Referral.service_id)
        .join(Organisation, Organisation.id == Service.provider_id)
        .outerjoin(CallOff, chosen)
        .outerjoin(
            PlacementAgreement,
            and_(PlacementAgreement.call_off_id == CallOff.id, PlacementAgreement.state != "cancelled"),
        )
        .outerjoin(AgreementVersion, IN_FORCE)
        .where(services)
        .where(
            or_(
                Referral.state == "sent",
                and_(Referral.state == "accepted", CallOff.id.is_(None)),
                and_(
                    CallOff.referral_id == Referral.id,
                    or_(AgreementVersion.id.is_(None), last_day() >= clock.today()),
                ),
            )
        )
        .order_by(Referral.id)
    ).all()
    found: dict[int, Concern] = {}
    titles: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.title not in titles[row.school_id]:
            titles[row.school_id].append(row.title)
        concern = found.setdefault(row.school_id, Concern(row.name, titles[row.school_id]))
        referral = f"referral {row.reference}"
        if row.version_id:
            concern.placed.append(_line(f"{row.agreement}, {referral}", f"agreements/{row.agreement_id}"))
        elif row.agreement_id:
            concern.chosen.append(_line(f"{row.agreement}, {referral}", f"agreements/{row.agreement_id}"))
        elif row.call_off_id:
            concern.chosen.append(_line(referral, f"choices/{row.call_off_id}"))
        else:
            offers = concern.offers if row.state == "accepted" else concern.asked
            offers.append(_line(referral, f"referrals/{row.referral_id}"))
    return found


def _line(what: str, path: str) -> str:
    return f"- {what}: {portal_url()}/{path}"


def _write(words: Words, school_id: int, subject: str, subject_id: int, event: str, by: Doer) -> None:
    write_to_members(
        school_id,
        "referral:read",
        words,
        key=f"{subject}:{subject_id}:{event}:{school_id}",
        subject_type=subject,
        subject_id=subject_id,
        by=by,
    )
