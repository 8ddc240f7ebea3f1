"""Changing a framework and its lots, and adding a lot.

What a published round rests on can be changed too, because schemes do change; but then with a reason, which
stays in the trail beside what stood before.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks.models import Framework, Lot
from tender.frameworks.queries import is_published
from tender.frameworks.refusals import ReferenceTaken
from tender.frameworks.services import LotDetails, check_lot, lot_columns


def edit_framework(
    *,
    by: Actor,
    framework_id: int,
    reference: str,
    title: str,
    buyer_name: str,
    legal_regime: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    value_amount: Decimal | None = None,
    first_awarded_on: date | None = None,
    opened_by_two: bool = True,
    needs_certificate: bool = True,
    passed_conditions_stand: bool = False,
    reason: str = "",
) -> None:
    """Change what is known of a framework. Nothing changed leaves no line.

    Raises `NotFound`, `ReferenceTaken`, and `Refusal` for a term that ends before it starts (field `ends_on`)
    and for no reason once a round is published (field `reason`).
    """
    if ends_on <= starts_on:
        raise Refusal("The framework must end after it starts.", field="ends_on")
    wanted = {
        "reference": reference,
        "title": title,
        "buyer_name": buyer_name,
        "legal_regime": legal_regime,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "value_amount": value_amount,
        "first_awarded_on": first_awarded_on,
        "opened_by_two": opened_by_two,
        "needs_certificate": needs_certificate,
        "passed_conditions_stand": passed_conditions_stand,
    }
    with transaction() as session:
        framework = _locked(session, framework_id, by)
        taken = select(Framework.id).where(
            Framework.council_id == framework.council_id,
            Framework.reference == reference,
            Framework.id != framework_id,
        )
        if (existing := session.scalar(taken)) is not None:
            raise ReferenceTaken(reference, existing)
        changed = _put(framework, wanted)
        if changed:
            _check_reason(reason, is_published(framework_id))
            record("framework.edit", "framework", framework_id, by=by, reason=reason.strip(), **changed)


def add_lot(*, by: Actor, framework_id: int, details: LotDetails, reason: str = "") -> int:
    """Add a lot behind the others and return its id; the next rounds can offer it.

    Raises `NotFound`, and `Refusal` for a number that another lot has (field `number`), for conditions
    without sense, and for no reason once a round is published.
    """
    check_lot(details)
    with transaction() as session:
        framework = _locked(session, framework_id, by)
        _check_number(session, framework_id, details.number)
        _check_reason(reason, is_published(framework_id))
        last = session.scalar(select(func.max(Lot.position)).where(Lot.framework_id == framework_id)) or 0
        lot = Lot(framework_id=framework.id, position=last + 1, **lot_columns(details))
        session.add(lot)
        session.flush()
        record(
            "framework.add_lot",
            "framework",
            framework_id,
            by=by,
            lot=lot.id,
            number=lot.number,
            reason=reason.strip(),
        )
    return lot.id


def edit_lot(*, by: Actor, framework_id: int, lot_id: int, details: LotDetails, reason: str = "") -> None:
    """Change a lot's number, title and conditions. Nothing changed leaves no line. Raises as `add_lot` does,
    the reason being asked once a round that offers this very lot is published."""
    check_lot(details)
    with transaction() as session:
        _locked(session, framework_id, by)
        lot = session.scalar(
            select(Lot).where(Lot.id == lot_id, Lot.framework_id == framework_id).with_for_update()
        )
        if lot is None:
            raise NotFound()
        _check_number(session, framework_id, details.number, other_than=lot_id)
        changed = _put(lot, lot_columns(details))
        if changed:
            _check_reason(reason, is_published(framework_id, lot_id))
            record(
                "framework.edit_lot",
                "framework",
                framework_id,
                by=by,
                lot=lot_id,
                reason=reason.strip(),
                **changed,
            )


def _locked(session: Session, framework_id: int, by: Actor) -> Framework:
    framework = session.scalar(
        select(Framework)
        .where(Framework.id == framework_id, Framework.council_id == by.organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if framework is None or not by.may("framework:manage"):
        raise NotFound()
    return framework


def _put(row: Framework | Lot, wanted: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Write what differs; return it for the trail, as it was and as it is."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for name, value in wanted.items():
        standing = getattr(row, name)
        if standing != value:
            before[name], after[name] = _told(standing), _told(value)
            setattr(row, name, value)
    return {"before": before, "after": after} if after else {}


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _check_number(session: Session, framework_id: int, number: str, other_than: int | None = None) -> None:
    same = select(Lot.id).where(
        Lot.framework_id == framework_id,
        Lot.number == number,
        Lot.id.is_distinct_from(other_than),
    )
    if session.scalar(same) is not None:
        raise Refusal(f"Another lot has the number {number}. Give this one its own.", field="number")


def _check_reason(reason: str, published: bool) -> None:
    if published and not reason.strip():
        raise Refusal(
            "Say why this changes. A round is published with it, so the reason stays in the trail.",
            field="reason",
        )
