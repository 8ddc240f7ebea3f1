"""Agreements that are signed by both, with the child, the referral and the choice before them.

Rows are written as they are: what leads to a signed agreement is tested in its own rooms.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from portal import clock
from portal.accounts.access import Actor
from portal.agreements.models import PARTIES, AgreementSignature, AgreementVersion, PlacementAgreement
from portal.call_offs.models import CallOff
from portal.children.models import Child
from portal.children.sealing import seal
from portal.database import db, transaction
from portal.directory.models import Service
from portal.directory.offer import SESSIONS
from tests.factories.commissioning import a_referral

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
            upn_digest=hashlib.sha256(upn.encode()).digest() if upn else None,
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
    **profile: Any,
) -> PlacementAgreement:
    """A placement of a child with a service, from today for 28 days, in these sessions of 2.5 hours."""
    child = child or a_child(school)
    referral = a_referral(service, school, **profile)
    now, by = clock.now(), school.person_id
    places = {
        "school_id": school.organisation_id,
        "provider_id": service.provider_id,
        "service_id": service.id,
    }
    with transaction() as session:
        call_off = CallOff(
            request_id=uuid4(), referral_id=referral.id, child_id=child.id, route="direct_award",
            reason="Near the child's home.", chosen_at=now, chosen_by_id=by, **places,
        )  # fmt: skip
        session.add(call_off)
        session.flush()
        agreement = PlacementAgreement(
            reference=f"A-{call_off.id}", call_off_id=call_off.id, child_id=child.id,
            state="in_force" if signed else "signing", version_in_force=1 if signed else None,
            made_at=now, made_by_id=by, **places,
        )  # fmt: skip
        session.add(agreement)
        session.flush()
        starts_on = starts_on or clock.today()
        add_version(agreement, sessions, starts_on, ends_on or starts_on + timedelta(days=27), signed=signed)
    return agreement


def add_version(
    agreement: PlacementAgreement,
    sessions: Sequence[str],
    starts_on: date,
    ends_on: date,
    number: int = 1,
    signed: bool = True,
) -> None:
    """A version of an agreement, signed by both or by neither."""
    with transaction() as session:
        version = AgreementVersion(
            agreement_id=agreement.id, number=number, reason="" if number == 1 else "More hours.",
            starts_on=starts_on, ends_on=ends_on, site="1 Mill Lane", sessions=list(sessions),
            session_hours=Decimal("2.5"), price=Decimal(95), price_unit="day", notice_days=5,
            made_at=clock.now(), made_by_id=agreement.made_by_id,
        )  # fmt: skip
        session.add(version)
        session.flush()
        session.add_all(
            AgreementSignature(
                version_id=version.id, party=party, signed_as="Invented Person", sha256="0" * 64,
                signed_at=clock.now(), signed_by_id=agreement.made_by_id,
            )
            for party in PARTIES if signed
        )  # fmt: skip


def all_rows(model: Any) -> list[Any]:
    """Every row of a table, read anew."""
    db.session.expire_all()
    return list(db.session.query(model))
