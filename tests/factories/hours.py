"""Placements with the hours that a test wants, signed by both.

They come about by the services that the pages use; then days and half days are set as if that had been
agreed, since nobody may agree on days that have passed.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.agreements.change_services import vary
from portal.children.models import Child
from portal.children.sealing import digest, seal
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.offer import SESSIONS
from portal.hours.queries import case_for, facts_on
from portal.hours.services import close_case
from tests.factories.accounts import a_person
from tests.factories.agreements import Placement, a_draft

FULL = tuple(SESSIONS)
"""All ten sessions: 25 hours."""


def a_child(school: Actor, upn: str = "", **facts: Any) -> Child:
    """A child of a school; with the same `upn` it is the same child at every school."""
    with transaction() as session:
        child = Child(
            school_id=school.organisation_id,
            name_sealed=seal("Jamie Invented-Example"),
            born_on_sealed=seal("2012-03-04"),
            upn_sealed=seal(upn) if upn else None,
            upn_digest=digest(upn) if upn else None,
            entered_at=clock.now(),
            entered_by_id=school.person_id,
            **facts,
        )
        session.add(child)
    return child


def hours_agreed(
    service: Service,
    school: Actor,
    sessions: Sequence[str] = FULL,
    *,
    child: Child | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    signed: bool = True,
    year_group: int = 9,
    **said: Any,
) -> Placement:
    """A placement of a child with a service, from today for 28 days, in these sessions of 2.5 hours, with
    what else its agreement says."""
    provider = a_person(db.session.get_one(Organisation, service.provider_id), "administrator")
    placement = a_draft(named=False, service=service, provider=provider, school=school)
    _now(
        "UPDATE call_off SET child_id = :child WHERE id = :choice",
        child=(child or a_child(school)).id,
        choice=placement.call_off_id,
    )
    _now(
        "UPDATE referral SET year_group = :year FROM call_off"
        " WHERE referral.id = referral_id AND call_off.id = :choice",
        year=year_group,
        choice=placement.call_off_id,
    )
    if said:
        placement.save(**said)
    placement.offer()
    if signed:
        both_sign(placement)
    starts_on = starts_on or clock.today()
    _set(placement, 1, sessions, starts_on, ends_on or starts_on + timedelta(days=27))
    return placement


def varied(
    placement: Placement, sessions: Sequence[str], starts_on: date, ends_on: date, *, signed: bool = True
) -> None:
    """Another version of a placement, signed by both or by neither."""
    vary(agreement_id=placement.id, reason="More hours.", by=placement.school)
    placement.save(starts_on=clock.today() + timedelta(days=14), ends_on=clock.today() + timedelta(days=60))
    placement.offer()
    if signed:
        both_sign(placement)
    _set(placement, 2, sessions, starts_on, ends_on)


def closed(case_id: int, officer: Actor, finding: str = "reduced", note: str = "Seen.") -> None:
    """Close a case over what its page shows."""
    case = case_for(officer, case_id)
    seen = facts_on(case.shown_day, provider_id=case.provider_id, child_id=case.child_id)
    close_case(case_id=case_id, finding=finding, note=note, seen=seen, by=officer)


def all_rows(model: Any) -> list[Any]:
    """Every row of a table, read anew."""
    db.session.expire_all()
    return list(db.session.query(model))


def both_sign(placement: Placement) -> None:
    """Both sign what is out for signing."""
    placement.sign(placement.school)
    placement.sign(placement.provider)


def _set(placement: Placement, number: int, sessions: Sequence[str], starts_on: date, ends_on: date) -> None:
    _now(
        "UPDATE agreement_version SET sessions = :sessions, session_hours = 2.5, starts_on = :first,"
        " ends_on = :last WHERE agreement_id = :agreement AND number = :number",
        sessions=list(sessions),
        first=starts_on,
        last=ends_on,
        agreement=placement.id,
        number=number,
    )


def _now(statement: str, **values: Any) -> None:
    """Change a row past what keeps it."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values)
        session.execute(text("SET LOCAL session_replication_role = origin"))
    db.session.expire_all()
