"""The council's check of an organisation, deactivating it and bringing it back."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.lifecycle import ORGANISATION
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move

_CHANGEABLE = frozenset(
    {"name", "address", "postcode", "website", "telephone", "phase", "authority", "group_id"}
)


class NotChecked(Refusal):
    """The council has not checked this organisation, so it deals with nobody yet."""


def require_checked(organisation: Organisation) -> None:
    """Raise `NotChecked` unless the council's check has been passed and still stands."""
    if organisation.state != "checked":
        raise _not_checked(organisation.name)


def refuse_unchecked(organisation_ids: Iterable[int]) -> None:
    """Raise `NotChecked` naming the first of these organisations that has not passed the council's check."""
    name = db.session.scalar(
        select(Organisation.name)
        .where(Organisation.id.in_(list(organisation_ids)), Organisation.state != "checked")
        .order_by(Organisation.name)
        .limit(1)
    )
    if name is not None:
        raise _not_checked(name)


def _not_checked(name: str) -> NotChecked:
    return NotChecked(
        f"{name} has not passed the council's check. A council administrator must check it"
        " under Administration, Organisations, before it can be admitted."
    )


def check(*, organisation_id: int, by: Actor) -> Organisation:
    """The council has looked at the organisation: it may act. Raises `NotFound` and `MoveRefused`."""
    return _move(organisation_id, "check", "", by)


def refuse(*, organisation_id: int, reason: str, by: Actor) -> Organisation:
    """It does not pass; it reads the reason, and may ask again. Raises `Refusal` without a reason."""
    return _move(organisation_id, "refuse", _required(reason), by)


def deactivate(*, organisation_id: int, reason: str, by: Actor) -> Organisation:
    """Its people may sign in and read why, and nothing else. Raises `Refusal` without a reason."""
    if organisation_id == by.organisation_id:
        raise Refusal("You cannot deactivate the organisation for which you act.")
    return _move(organisation_id, "deactivate", _required(reason), by)


def reactivate(*, organisation_id: int, by: Actor) -> Organisation:
    """It may act again. Raises `NotFound` and `MoveRefused`."""
    return _move(organisation_id, "reactivate", "", by)


def ask_again(*, by: Actor) -> Organisation:
    """The actor's own organisation, refused, has put right what was wrong. Raises `MoveRefused`."""
    if by.organisation_id is None:
        raise NotFound()
    with transaction() as session:
        organisation = session.get(
            Organisation, by.organisation_id, with_for_update=True, populate_existing=True
        )
        if organisation is None:
            raise NotFound()
        move(ORGANISATION, organisation, "ask_again", by=by)
        organisation.state_reason = ""
    return organisation


def update_facts(*, organisation: Organisation, facts: Mapping[str, Any], by: Actor) -> bool:
    """Bring what a register says of an organisation up to date; whether anything changed."""
    if unknown := set(facts) - _CHANGEABLE:
        raise ValueError(f"Not for changing: {sorted(unknown)}")
    changed = sorted(name for name, value in facts.items() if getattr(organisation, name) != value)
    if changed:
        with transaction():
            for name in changed:
                setattr(organisation, name, facts[name])
            record("organisation.update", "organisation", organisation.id, by=by, changed=changed)
    return bool(changed)


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal("Give the reason. The organisation reads it.", field="reason")
    return reason.strip()


def _move(organisation_id: int, name: str, reason: str, by: Actor) -> Organisation:
    if not by.may("organisation:check") and by.person_id is not None:
        raise NotFound()
    with transaction() as session:
        organisation = session.get(
            Organisation, organisation_id, with_for_update=True, populate_existing=True
        )
        if organisation is None:
            raise NotFound()
        organisation.state_reason = reason
        move(ORGANISATION, organisation, name, by=by, **({"reason": reason} if reason else {}))
    return organisation
