"""Changing a framework and its lots, and adding a lot.

What a published round rests on can be changed too, because schemes do change; but then with a reason, which
stays in the trail beside what stood before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.frameworks.facts import LotFacts
from tender.frameworks.models import ROUTES_AT_FIRST, Framework, Lot, Round
from tender.frameworks.queries import is_published, lot_for, rounds_offering, rounds_under_way
from tender.frameworks.refusals import ReferenceTaken
from tender.frameworks.services import LotDetails, check_lot, check_term, in_order, lot_columns

# What a round is applied to, opened and judged under. Applicants were told it when the round was published.
RULES = ("legal_regime", "kind", "opened_by_two", "needs_certificate", "passed_conditions_stand")
ASSESSED = ("closed", "opened", "marking", "decided")
# What applicants are judged by; a lot's name and the price from which new rounds start are not.
CONDITIONS = set(LotDetails.__dataclass_fields__) - {"number", "title", "price_ceiling", "price_unit"}


@dataclass(frozen=True, slots=True)
class ChangedLot:
    """A lot that published rounds offer, before and after a change, and why it changed."""

    before: LotFacts
    after: LotFacts
    reason: str


@dataclass(frozen=True, slots=True)
class ChangedTerm:
    """The term of a framework with published rounds (from, to), before and after a change, and why."""

    framework_id: int
    before: tuple[date, date]
    after: tuple[date, date]
    reason: str


Listener = Callable[..., None]
_listeners: list[Listener] = []
_term_listeners: list[Listener] = []


def when_lot_changes(*listeners: Listener) -> None:
    """Call `listener(change, portal_url=..., by=...)` inside the transaction of every later change to a lot
    that a published round offers. Called once, when the application is put together."""
    _listeners[:] = listeners


def when_term_changes(*listeners: Listener) -> None:
    """Call `listener(change, portal_url=..., by=...)` inside the transaction of every later change to the
    term of a framework with a published round. Called once, when the application is put together."""
    _term_listeners[:] = listeners


def edit_framework(
    *,
    by: Actor,
    framework_id: int,
    portal_url: str,
    reference: str,
    title: str,
    buyer_name: str,
    legal_regime: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    description: str,
    cpv_codes: Sequence[str],
    value_amount: Decimal | None = None,
    first_awarded_on: date | None = None,
    opened_by_two: bool = True,
    needs_certificate: bool = True,
    passed_conditions_stand: bool = False,
    call_off_routes: Sequence[str] = ROUTES_AT_FIRST,
    extendable_until: date | None = None,
    reason: str = "",
) -> None:
    """Change what is known of a framework; of another term, whoever follows a running round is told. Nothing
    changed leaves no line.

    Raises `NotFound`, `ReferenceTaken`, and `Refusal` for a term that ends before it starts (`ends_on`) or
    after the latest day that its documents allow (`extendable_until`), for other `RULES` while a round is
    under way, and for no reason once a round is published (`reason`).
    """
    check_term(starts_on, ends_on, extendable_until)
    wanted = {
        "reference": reference,
        "title": title,
        "buyer_name": buyer_name,
        "legal_regime": legal_regime,
        "kind": kind,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "description": description,
        "cpv_codes": list(cpv_codes),
        "value_amount": value_amount,
        "first_awarded_on": first_awarded_on,
        "extendable_until": extendable_until,
        "opened_by_two": opened_by_two,
        "needs_certificate": needs_certificate,
        "passed_conditions_stand": passed_conditions_stand,
        "call_off_routes": in_order(call_off_routes),
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
        term = (framework.starts_on, framework.ends_on)
        changed = _put(framework, wanted)
        if not changed:
            return
        published = is_published(framework_id)
        _check_rules_stand(session, framework_id, changed["after"])
        _check_reason(reason, published)
        record("framework.edit", "framework", framework_id, by=by, reason=reason.strip(), **changed)
        if published and term != (starts_on, ends_on):
            change = ChangedTerm(framework_id, term, (starts_on, ends_on), reason.strip())
            for listener in _term_listeners:
                listener(change, portal_url=portal_url, by=by)


def add_lot(*, by: Actor, framework_id: int, details: LotDetails, reason: str = "") -> int:
    """Add a lot behind the others and return its id; the next rounds can offer it. Added twice, it is there
    once.

    Raises `NotFound`, and `Refusal` for a number that another lot has (field `number`), for conditions
    without sense, and for no reason once a round is published.
    """
    check_lot(details)
    with transaction() as session:
        framework = _locked(session, framework_id, by)
        wanted = lot_columns(details)
        number = (Lot.framework_id == framework_id, Lot.number == details.number)
        same = session.scalar(select(Lot).where(*number))
        if same and all(getattr(same, name) == value for name, value in wanted.items()):
            return same.id
        _check_number(session, framework_id, details.number)
        _check_reason(reason, is_published(framework_id))
        last = session.scalar(select(func.max(Lot.position)).where(Lot.framework_id == framework_id)) or 0
        lot = Lot(framework_id=framework.id, position=last + 1, **wanted)
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


def edit_lot(
    *, by: Actor, framework_id: int, lot_id: int, details: LotDetails, portal_url: str, reason: str = ""
) -> None:
    """Change a lot's number, title and conditions; whoever is concerned is told. Nothing changed leaves no
    line.

    Raises as `add_lot` does, the reason being asked once a round that offers this very lot is published, and
    `Refusal` for other conditions while such a round is closed and not released: its applicants are judged by
    what they applied under.
    """
    check_lot(details)
    with transaction() as session:
        _locked(session, framework_id, by)
        lot = session.scalar(
            select(Lot).where(Lot.id == lot_id, Lot.framework_id == framework_id).with_for_update()
        )
        if lot is None:
            raise NotFound()
        _check_number(session, framework_id, details.number, other_than=lot_id)
        before = lot_for(by, framework_id, lot_id)
        changed = _put(lot, lot_columns(details))
        if not changed:
            return
        rounds = rounds_offering(lot_id)
        if CONDITIONS & changed["after"].keys():
            _check_not_assessed([facts.number for facts in rounds if facts.phase in ASSESSED])
        _check_reason(reason, bool(rounds))
        reason = reason.strip()
        record("framework.edit_lot", "framework", framework_id, by=by, lot=lot_id, reason=reason, **changed)
        session.flush()
        if rounds:
            change = ChangedLot(before, lot_for(by, framework_id, lot_id), reason)
            for listener in _listeners:
                listener(change, portal_url=portal_url, by=by)


def _check_rules_stand(session: Session, framework_id: int, changed: Mapping[str, str]) -> None:
    """Refuse other `RULES` while a round is under way; one that is being published just now is waited for."""
    others = [name for name in RULES if name in changed]
    if not others:
        return
    rounds = select(Round.id).where(Round.framework_id == framework_id)
    session.execute(rounds.with_for_update(read=True))
    if numbers := rounds_under_way(framework_id):
        raise Refusal(
            f"Round {numbers[0]} is published under this, so it stays as it is until the letters of that "
            "round are released.",
            field=others[0],
        )


def _check_not_assessed(numbers: Sequence[int]) -> None:
    """Refuse where rounds with these numbers are closed and not yet released."""
    if numbers:
        raise Refusal(
            f"Round {numbers[0]} has closed and is judged by these conditions, so they stay as they are "
            "until its letters are released."
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
