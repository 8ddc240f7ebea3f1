"""Keeping a profile: its facts, connected persons, and share codes."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.queries import subject_of
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.profiles.models import ConnectedPerson, Profile, ShareCode
from portal.profiles.queries import FIELDS, connected_person_for, profile_of
from portal.profiles.words import CONNECTED_KINDS, LEGAL_FORMS, OPERATION_TYPES

MOST_CONNECTED = 100
LONGEST = 500  # characters of a name, a nature, an address


class ChangedMeanwhile(Conflict):
    """Somebody saved the profile after the page was drawn."""

    def __init__(self, saved_by: str) -> None:
        super().__init__(
            f"{saved_by} saved the profile meanwhile. What you typed is still here: "
            "check it against theirs on the profile's page, and save again to put yours in its place."
        )


@dataclass(frozen=True, slots=True)
class Connection:
    """What is said of a connected person."""

    kind: str
    name: str
    nature: str = ""
    since: date | None = None
    until: date | None = None


def save_profile(*, values: dict[str, Any], version: int, by: Actor) -> int:
    """Save the profile of one's organisation; return its new version. The trail names what changed.

    Raises `ChangedMeanwhile` on a stale `version`, `NotFound` for somebody who may not, and `Refusal`.
    """
    if values["legal_form"] not in ("", *LEGAL_FORMS):
        raise Refusal("Choose a legal form.", field="legal_form")
    if not set(values["operation_types"]) <= set(OPERATION_TYPES):
        raise Refusal("Choose from the list.", field="operation_types")
    with transaction() as session:
        provider_id = held_provider(session, by)
        before = profile_of(provider_id)
        changed = [name for name in FIELDS if values[name] != before.values[name]]
        if not changed:
            return before.version
        if before.version != version:
            raise ChangedMeanwhile(before.saved_by)
        profile = session.get(Profile, provider_id) or Profile(provider_id=provider_id)
        for name in FIELDS:
            setattr(profile, name, values[name])
        profile.version = version + 1
        profile.saved_at, profile.saved_by_id = clock.now(), by.person_id or 0
        session.add(profile)
        record("profile.save", "organisation", provider_id, by=by, version=profile.version, fields=changed)
    return version + 1


def add_connected_person(*, said: Connection, by: Actor) -> int:
    """Name a connected person; return its id. Of whom the same is said already is not named again.

    Raises `NotFound` and `Refusal`.
    """
    _check(said)
    with transaction() as session:
        provider_id = held_provider(session, by)
        if (same := _same(session, provider_id, said)) is not None:
            return same
        own = select(func.count()).where(ConnectedPerson.provider_id == provider_id)
        if session.scalars(own).one() >= MOST_CONNECTED:
            raise Refusal(f"A profile names up to {MOST_CONNECTED} connected persons. Remove one first.")
        person = ConnectedPerson(provider_id=provider_id)
        _write(session, person, said, by)
        record("connected_person.add", "organisation", provider_id, by=by, connected_person=person.id)
    return person.id


def change_connected_person(*, person_id: int, said: Connection, by: Actor) -> None:
    """Say something else of a connected person; the same again changes nothing. Raises `NotFound` and
    `Refusal`."""
    _check(said)
    with transaction() as session:
        provider_id = held_provider(session, by)
        person = connected_person_for(by, person_id)
        fields = [name for name, value in _columns(said).items() if getattr(person, name) != value]
        if not fields:
            return
        _write(session, person, said, by)
        record(
            "connected_person.change",
            "organisation",
            provider_id,
            by=by,
            connected_person=person_id,
            fields=fields,
        )


def remove_connected_person(*, person_id: int, by: Actor) -> None:
    """Take a connected person out for good: nothing of them is kept here. A second time nothing happens.

    Raises `NotFound`.
    """
    with transaction() as session:
        provider_id = held_provider(session, by)
        if subject_of("connected_person.remove", connected_person=person_id) == str(provider_id):
            return
        session.delete(connected_person_for(by, person_id))
        record("connected_person.remove", "organisation", provider_id, by=by, connected_person=person_id)


def erase_connected_person(person_id: int, *, by: Doer) -> None:
    """Delete a connected person when the period is over. Raises `NotFound`."""
    with transaction() as session:
        person = session.get(ConnectedPerson, person_id, with_for_update=True)
        if person is None:
            raise NotFound()
        session.delete(person)
        record(
            "connected_person.erase", "organisation", person.provider_id, by=by, connected_person=person_id
        )


def record_share_code(*, code: str, by: Actor) -> int:
    """Record the share code that the central digital platform gave; return its id. Twice is once.

    Raises `NotFound`, and `Refusal` (field `code`) for what has not eight letters and digits.
    """
    tidy = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[A-Za-z0-9]{8}", tidy, re.ASCII):
        raise Refusal("A share code has 8 letters and digits. Copy it from the platform.", field="code")
    with transaction() as session:
        provider_id = held_provider(session, by)
        newest = session.scalar(
            select(ShareCode)
            .where(ShareCode.provider_id == provider_id)
            .order_by(ShareCode.recorded_at.desc(), ShareCode.id.desc())
            .limit(1)
        )
        if newest is not None and newest.code == tidy:
            return newest.id
        added = ShareCode(
            provider_id=provider_id, code=tidy, recorded_at=clock.now(), recorded_by_id=by.person_id
        )
        session.add(added)
        session.flush()
        record("share_code.record", "organisation", provider_id, by=by, share_code=added.id)
    return added.id


def verify_share_code(*, share_code_id: int, is_latest: bool, by: Actor) -> None:
    """Note what the platform said of a share code (`POST /share/data/verify`). The same answer noted twice on
    one day by one person is noted once. The caller has checked that the council may read it. Raises
    `NotFound`."""
    with transaction() as session:
        code = session.get(ShareCode, share_code_id, with_for_update=True, populate_existing=True)
        if code is None or not by.may("share_code:verify"):
            raise NotFound()
        if (code.verified_by_id, code.is_latest) == (by.person_id, is_latest) and (
            code.verified_at and clock.london(code.verified_at).date() == clock.today()
        ):
            return
        code.verified_at, code.verified_by_id, code.is_latest = clock.now(), by.person_id, is_latest
        record(
            "share_code.verify",
            "organisation",
            code.provider_id,
            by=by,
            share_code=share_code_id,
            is_latest=is_latest,
        )


def held_provider(session: Session, by: Actor) -> int:
    """The actor's own provider, held so that two people change its profile one after the other.

    Raises `NotFound` for somebody who may not.
    """
    if by.organisation_kind != "provider" or not by.may("profile:edit"):
        raise NotFound()
    return session.scalars(
        select(Organisation.id).where(Organisation.id == by.organisation_id).with_for_update(key_share=True)
    ).one()


def _check(said: Connection) -> None:
    if said.kind not in CONNECTED_KINDS:
        raise Refusal("Choose what connects them to your organisation.", field="kind")
    if not said.name.strip() or len(said.name) > LONGEST:
        raise Refusal(f"Enter the name, with up to {LONGEST} characters.", field="name")
    if said.since and said.until and said.until < said.since:
        raise Refusal("The last day must not be before the first.", field="until")


def _columns(said: Connection) -> dict[str, Any]:
    return {**asdict(said), "name": said.name.strip()}


def _same(session: Session, provider_id: int, said: Connection) -> int | None:
    """The connected person (id) of whom this is said already. The provider is held."""
    said_of = _columns(said).items()
    equal = [getattr(ConnectedPerson, name).is_not_distinct_from(value) for name, value in said_of]
    own = ConnectedPerson.provider_id == provider_id
    return session.scalar(select(ConnectedPerson.id).where(own, *equal).limit(1))


def _write(session: Session, person: ConnectedPerson, said: Connection, by: Actor) -> None:
    for name, value in _columns(said).items():
        setattr(person, name, value)
    person.saved_at, person.saved_by_id = clock.now(), by.person_id or 0
    session.add(person)
    session.flush()
