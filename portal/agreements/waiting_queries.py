"""What waits because of agreements, read in one statement together with what waits because of referrals."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, exists, func, literal, select, true

from portal import clock
from portal.accounts.access import Actor
from portal.agreements.models import AgreementSignature, AgreementVersion, PlacementAgreement
from portal.agreements.queries import joined, provider, school
from portal.blocks import queries as blocks
from portal.call_offs import waiting_queries as call_offs
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.competitions import queries as competitions
from portal.database import db
from portal.directory.models import Service, Standing
from portal.directory.statuses import STATUSES, status_on
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import uk_date

_MOST_LISTED = 10


def waiting_for(viewer: Actor) -> Waiting:
    """What `portal.call_offs` says, and before it: agreements to sign, to write and to begin, purchases to
    answer, competitions to conclude; then what the other side has to sign. One statement."""
    values = {
        "agreements": _agreements(viewer),
        "purchases": _as_json(blocks.waiting_rows(viewer)),
        "competitions": _as_json(competitions.waiting_rows(viewer)),
    }
    asked_for = [value.label(name) for name, value in values.items() if value is not None]
    of_referrals = call_offs.waiting_statement(viewer)
    if not asked_for:
        return call_offs.waiting_for(viewer)
    if of_referrals is None:
        return _said(viewer, db.session.execute(select(*asked_for)).one()._mapping, Waiting())
    lines = of_referrals.subquery()
    one = select(literal(1)).subquery()
    rows = db.session.execute(
        select(*asked_for, *lines.c)
        .select_from(one)
        .outerjoin(lines, true())
        .order_by(lines.c.sent_at, lines.c.id)
    ).all()
    asked = [
        {name: value for name, value in row._mapping.items() if name not in values} for row in rows if row.id
    ]
    return _said(viewer, rows[0]._mapping, call_offs.waiting_of(viewer, asked))


def _said(viewer: Actor, found: Mapping[str, Any], others: Waiting) -> Waiting:
    words = [_words(viewer, row) for row in found.get("agreements") or []]
    return Waiting(
        now=(
            *(each for each in words if isinstance(each, Task)),
            *blocks.waiting_tasks(found.get("purchases") or []),
            *competitions.waiting_tasks(found.get("competitions") or []),
            *others.now,
        ),
        going_on=(*others.going_on, *(each for each in words if isinstance(each, GoingOn))),
    )


def _words(viewer: Actor, row: dict[str, Any]) -> Task | GoingOn:
    starts_on = date.fromisoformat(row["starts_on"]) if row["starts_on"] else None
    due = datetime.combine(starts_on, time(0, 0), clock.LONDON) if starts_on else None
    due_at = due if due and due > clock.now() else None
    reference, other, values = row["reference"], row["other"], {"agreement_id": row["id"]}
    closed = (
        ""
        if row["status"] == "admitted"
        else f"The provider on the register today: {STATUSES[row['status']].words.lower()}."
    )
    if row["what"] == "begin":
        return Task(
            f"Write the placement agreement with {other} (referral {reference}).",
            "Start the agreement",
            "agreements.begin",
            {"call_off_id": row["id"]},
            due_at=due_at,
            detail=closed,
        )
    if row["what"] == "sign":
        return Task(
            f"Read and sign placement agreement {reference} with {other}.",
            "Read and sign",
            "agreements.show",
            values,
            due_at=due_at,
            detail=_together(
                closed,
                ("The change counts from" if row["varies"] else "The first day is")
                + f" {uk_date(starts_on, weekday=True)}.",
            ),
        )
    if row["what"] == "write":
        return Task(
            f"Placement agreement {reference} with {other} is not out for signing yet.",
            "Finish it",
            "agreements.show",
            values,
            due_at=due_at,
            detail=_together(closed, row["reason"] and f"Version {row['number']}: {row['reason']}"),
        )
    return GoingOn(
        f"Placement agreement {reference}: {other} has to sign", "waiting", "agreements.show", values, closed
    )


def _together(*sentences: str | None) -> str:
    return " ".join(filter(None, sentences))


def _agreements(viewer: Actor) -> ColumnElement[Any] | None:
    """All that waits, as one JSON value; None for whoever neither writes nor signs."""
    if not viewer.may("agreement:sign"):
        return None
    side = "provider" if viewer.organisation_kind == "provider" else "school"
    parts = [_open(viewer, side)] + ([_to_begin(viewer)] if viewer.may("agreement:write") else [])
    return _as_json(parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0])


def _as_json(rows: Select[Any] | CompoundSelect[Any] | None) -> ColumnElement[Any] | None:
    """All rows of a statement as one JSON value; None for no statement."""
    if rows is None:
        return None
    found = rows.subquery()
    row = func.json_build_object(*(part for each in found.c for part in (each.key, each)))
    return select(func.json_agg(row)).select_from(found).scalar_subquery()


def _open(viewer: Actor, side: str) -> Select[Any]:
    """Versions that are written or out for signing, as the viewer's side has to do with them."""
    own = PlacementAgreement.school_id if side == "school" else PlacementAgreement.provider_id
    other = provider.name if side == "school" else school.name
    signed = exists().where(
        AgreementSignature.version_id == AgreementVersion.id, AgreementSignature.party == side
    )
    states = ("offered",) if side == "provider" else ("draft", "offered")
    return (
        joined(
            select(
                case((AgreementVersion.state == "draft", "write"), (signed, "wait"), else_="sign").label(
                    "what"
                ),
                PlacementAgreement.id,
                PlacementAgreement.reference,
                other.label("other"),
                AgreementVersion.number,
                AgreementVersion.reason,
                AgreementVersion.starts_on,
                PlacementAgreement.version_in_force.is_not(None).label("varies"),
                status_on(clock.today(), provider).label("status"),
            ).select_from(PlacementAgreement)
        )
        .join(AgreementVersion, AgreementVersion.agreement_id == PlacementAgreement.id)
        .where(own == viewer.organisation_id, AgreementVersion.state.in_(states))
        .order_by(AgreementVersion.starts_on, PlacementAgreement.id)
        .limit(_MOST_LISTED)
    )


def _to_begin(viewer: Actor) -> Select[Any]:
    """Choices whose child is known, and for which nobody has begun an agreement."""
    begun = exists().where(
        and_(PlacementAgreement.call_off_id == CallOff.id, PlacementAgreement.state != "cancelled")
    )
    return (
        select(
            literal("begin").label("what"),
            CallOff.id,
            Referral.reference,
            provider.name.label("other"),
            literal(0).label("number"),
            literal("").label("reason"),
            Referral.start_on.label("starts_on"),
            literal(False).label("varies"),
            status_on(clock.today(), provider).label("status"),
        )
        .join(Referral, Referral.id == CallOff.referral_id)
        .join(provider, provider.id == CallOff.provider_id)
        .join(Service, Service.id == CallOff.service_id)
        .join(Standing, Standing.id == Service.standing_id)
        .where(CallOff.school_id == viewer.organisation_id, CallOff.state == "chosen")
        .where(CallOff.child_id.is_not(None), ~begun)
        .order_by(CallOff.id)
        .limit(_MOST_LISTED)
    )
