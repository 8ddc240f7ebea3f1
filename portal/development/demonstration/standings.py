"""What has become of the invented providers since they were admitted: evidence, a suspension, a removal.

The provider that people sign in as has been suspended and reinstated; one of its documents runs out soon, and
a renewed one waits to be checked. Of three others one has let its evidence run out, one takes no new
children, and of one a removal is proposed.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Row, func, select

from portal.accounts.access import Actor
from portal.accounts.queries import actor_by_email
from portal.clock import now, staged_at, today
from portal.commissioning.models import Referral
from portal.database import db
from portal.development.demonstration.people import Company
from portal.directory.models import SearchRow, Service, Standing
from portal.standings.evidence_queries import kinds_of, to_check
from portal.standings.evidence_services import ask_for_evidence, check_document
from portal.standings.services import Intended, answer, change

QUALITY = "quality@council.example.org"
_ASKED = ("public_liability", "employers_liability")
_RUN_OUT = "professional_indemnity"


def keep_standings(company: Company, portal_url: str) -> None:
    """Ask for evidence on every lot, check what came, and let a few standings change."""
    officer = actor_by_email(QUALITY)
    people = {person.organisation_id: person for _, person in company.providers}
    found = _open_standings()
    admitted = company.providers[0][1]
    _suspended_once(_standing_of(admitted), portal_url, officer)
    for lot_id in sorted({row.lot_id for row in found}):
        with staged_at(now() - timedelta(days=3)):
            ask_for_evidence(
                lot_id=lot_id, kinds=_ASKED, applies_from=today() + timedelta(days=48), by=officer
            )
    _check_all_but_the_newest(portal_url, officer)
    known = {person.organisation_id for _, person in company.providers[:3]}
    spare = [row for row in found if row.provider_id not in known]
    _run_out(spare, officer)
    others = [row for row in spare if _is_open(row.standing_id)][-2:]
    if len(others) == 2:
        _suspended_now(others[0].standing_id, people[others[0].provider_id], portal_url, officer)
        _removal(others[1].standing_id, people[others[1].provider_id], portal_url, officer)


def _open_standings() -> Sequence[Row[tuple[int, int, int]]]:
    """Standings that schools find, without those to which a child is referred: (id, provider, lot)."""
    return db.session.execute(
        select(Standing.id.label("standing_id"), Standing.provider_id, Standing.lot_id)
        .join(Service, Service.standing_id == Standing.id)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .where(~select(Referral.id).where(Referral.service_id == Service.id).exists())
        .order_by(Standing.id)
    ).all()


def _standing_of(provider: Actor) -> int:
    return (
        db.session.scalars(
            select(Standing.id).where(Standing.provider_id == provider.organisation_id).order_by(Standing.id)
        ).first()
        or 0
    )


def _is_open(standing_id: int) -> bool:
    return bool(db.session.scalar(select(Standing.open_until >= today()).where(Standing.id == standing_id)))


def _suspended_once(standing_id: int, portal_url: str, officer: Actor) -> None:
    begun = Intended(
        "suspend_new",
        "quality",
        "Two visits in a row found no plan for the afternoon groups.",
        "Afternoon groups had no plan. Ask to see one.",
        review_on=today() - timedelta(days=10),
        invited_on=today() - timedelta(days=50),
    )
    ended = Intended(
        "reinstate", "resolved", "A visit found plans for every group, and children who knew them."
    )
    steps = ((40, begun), (12, ended))
    for days, intended in steps:
        with staged_at(now() - timedelta(days=days)):
            change(standing_id=standing_id, intended=intended, portal_url=portal_url, by=officer)


def _check_all_but_the_newest(portal_url: str, officer: Actor) -> None:
    waiting, _ = to_check(officer)
    for document in waiting[:-2]:
        check_document(
            document_id=document.document_id,
            accepted=True,
            note="Confirmed with the insurer by telephone.",
            seen_expires_on=document.facts.expires_on,
            portal_url=portal_url,
            by=officer,
        )


def _run_out(spare: Sequence[Row[tuple[int, int, int]]], officer: Actor) -> None:
    """The lot with fewest providers has asked for one document more for a while, and nobody has shown it."""
    if not spare:
        return
    fewest = db.session.execute(
        select(Standing.lot_id)
        .where(Standing.lot_id.in_({row.lot_id for row in spare}))
        .group_by(Standing.lot_id)
        .order_by(func.count(), Standing.lot_id)
        .limit(1)
    ).scalar_one()
    with staged_at(now() - timedelta(days=60)):
        ask_for_evidence(
            lot_id=fewest,
            kinds={*kinds_of(fewest), _RUN_OUT},
            applies_from=today() + timedelta(days=50),
            by=officer,
        )


def _suspended_now(standing_id: int, provider: Actor, portal_url: str, officer: Actor) -> None:
    with staged_at(now() - timedelta(days=26)):
        change_id = change(
            standing_id=standing_id,
            intended=Intended(
                "suspend_new",
                "safeguarding",
                "The record of staff checks was not complete when we asked for it.",
                "Staff checks are being confirmed one by one. Ask who will be with your pupil.",
                review_on=today() + timedelta(days=30),
                representations_by=today() + timedelta(days=14),
                uninvited_because="New children were to start on Monday with adults not yet checked.",
            ),
            portal_url=portal_url,
            by=officer,
        )
    with staged_at(now() - timedelta(days=20)):
        answer(
            change_id=change_id,
            text="Two references came late. Both people worked with a second adult until they were there.",
            portal_url=portal_url,
            by=provider,
        )


def _removal(standing_id: int, provider: Actor, portal_url: str, officer: Actor) -> None:
    with staged_at(now() - timedelta(days=9)):
        change_id = change(
            standing_id=standing_id,
            intended=Intended(
                "remove",
                "contract",
                "No child has been taken for a year, and three letters were not answered.",
                representations_by=today() + timedelta(days=14),
            ),
            portal_url=portal_url,
            by=officer,
        )
    with staged_at(now() - timedelta(days=2)):
        answer(
            change_id=change_id,
            text="Our office moved and the letters went to the old address. We would like to stay.",
            portal_url=portal_url,
            by=provider,
        )
