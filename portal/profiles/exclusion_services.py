"""Recording exclusion grounds, and declaring that none applies, or which."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import subject_of
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, Refusal
from portal.evidence.queries import hold_own
from portal.profiles.models import ExclusionDeclaration, ExclusionGround
from portal.profiles.queries import ground_for, grounds_of
from portal.profiles.services import held_provider
from portal.profiles.words import APPLIES_TO, GROUND_NAMES, LAW_NAMES, LAW_OF
from portal.storage.models import Document

MOST_GROUNDS = 50


class GroundsChanged(Conflict):
    """Somebody recorded, changed or removed a ground after the page was drawn."""

    sentence = "A colleague has changed the grounds meanwhile. Read what is recorded now, then declare it."


@dataclass(frozen=True, slots=True)
class Ground:
    """What is said of a ground, with the fields of the central digital platform.

    `managed` is the self-cleaning: that it was taken seriously, what prevents it, how that is monitored.
    `document_id` is of a document in the provider's vault.
    """

    ground: str
    applies_to: str
    detail: str
    managed: str
    in_uk: bool = True
    applies_to_name: str = ""
    jurisdiction: str = ""
    happened_on: date | None = None
    decided_on: date | None = None
    ended_on: date | None = None
    contact_email: str = ""
    published_at: str = ""
    document_id: UUID | None = None


def record_ground(*, said: Ground, by: Actor) -> int:
    """Record that a ground applies or may apply; return its id. A standing declaration falls. What is
    recorded in the same words already is not recorded again.

    Raises `NotFound`, and `Refusal` with the field that is wrong.
    """
    _check(said)
    with transaction() as session:
        provider_id = held_provider(session, by)
        recorded = grounds_of(provider_id)
        if same := [each.id for each in recorded if _says(each, said)]:
            return same[0]
        if len(recorded) >= MOST_GROUNDS:
            raise Refusal(f"A profile holds up to {MOST_GROUNDS} grounds. Remove one first.")
        ground = ExclusionGround(provider_id=provider_id)
        _write(session, ground, said, by)
        _supersede(session, provider_id, LAW_OF[said.ground])
        record("exclusion.record", "organisation", provider_id, by=by, ground=said.ground, row=ground.id)
    return ground.id


def change_ground(*, ground_id: int, said: Ground, by: Actor) -> None:
    """Say something else of a ground. A standing declaration falls, unless nothing else is said. Raises as
    `record_ground` does."""
    _check(said)
    with transaction() as session:
        provider_id = held_provider(session, by)
        ground = ground_for(by, ground_id)
        if _says(ground, said):
            return
        _supersede(session, provider_id, LAW_OF[ground.ground])
        _write(session, ground, said, by)
        _supersede(session, provider_id, LAW_OF[said.ground])
        record("exclusion.change", "organisation", provider_id, by=by, ground=said.ground, row=ground_id)


def remove_ground(*, ground_id: int, by: Actor) -> None:
    """Take a ground back. A standing declaration falls; earlier ones keep it. A second time nothing happens.

    Raises `NotFound`.
    """
    with transaction() as session:
        provider_id = held_provider(session, by)
        if subject_of("exclusion.remove", row=ground_id) == str(provider_id):
            return
        ground = ground_for(by, ground_id)
        _supersede(session, provider_id, LAW_OF[ground.ground])
        session.delete(ground)
        record("exclusion.remove", "organisation", provider_id, by=by, ground=ground.ground, row=ground_id)


def fingerprint(grounds: Sequence[ExclusionGround], law: str) -> str:
    """Of the grounds of a law as they stand: tells whether they changed since a page was drawn."""
    said = json.dumps([_snapshot(each) for each in grounds if LAW_OF[each.ground] == law], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def declare(*, law: str, confirmed: bool, seen: str, by: Actor) -> None:
    """Declare, in one's own name and now, that no ground of this law applies, or that those recorded do. What
    the same person declared on the same day stands, and is not declared again.

    `seen` is the `fingerprint` of the grounds that were read. Raises `GroundsChanged` when others stand now,
    `NotFound`, and `Refusal` for somebody who may not or has not confirmed (field `confirmed`).
    """
    if law not in LAW_NAMES:
        raise Refusal("Choose the law under which you declare.")
    if not by.may("exclusion:declare"):
        raise Refusal("Only an administrator or certifier of your organisation can declare this. Ask one.")
    if not confirmed:
        raise Refusal("Tick the box to declare this.", field="confirmed")
    with transaction() as session:
        provider_id = held_provider(session, by)
        recorded = grounds_of(provider_id)
        if fingerprint(recorded, law) != seen:
            raise GroundsChanged()
        of_law = _with_documents(session, [each for each in recorded if LAW_OF[each.ground] == law])
        if _declared_today(session, provider_id, law, of_law, by):
            return
        _supersede(session, provider_id, law)
        session.add(
            ExclusionDeclaration(
                provider_id=provider_id,
                law=law,
                grounds=of_law,
                declared_at=clock.now(),
                declared_by_id=by.person_id,
            )
        )
        codes = [each["ground"] for each in of_law]
        record("exclusion.declare", "organisation", provider_id, by=by, law=law, grounds=codes)


def _check(said: Ground) -> None:
    wrong = {
        "ground": "" if said.ground in GROUND_NAMES else "Choose the ground.",
        "applies_to": "" if said.applies_to in APPLIES_TO else "Choose to whom it applies.",
        "applies_to_name": ""
        if said.applies_to == "supplier" or said.applies_to_name.strip()
        else "Say who it is.",
        "jurisdiction": "" if said.in_uk or said.jurisdiction.strip() else "Say in which country it was.",
        "detail": "" if said.detail.strip() else "Say what happened.",
        "managed": ""
        if said.managed.strip()
        else "Say how it is managed: that it was taken seriously, what prevents it, how that is monitored.",
    }
    for field, sentence in wrong.items():
        if sentence:
            raise Refusal(sentence, field=field)


def _write(session: Session, ground: ExclusionGround, said: Ground, by: Actor) -> None:
    if said.document_id is not None:
        hold_own(by, said.document_id)
    for name, value in asdict(said).items():
        setattr(ground, name, value)
    ground.recorded_at, ground.recorded_by_id = clock.now(), by.person_id or 0
    session.add(ground)
    session.flush()


def _says(ground: ExclusionGround, said: Ground) -> bool:
    return all(getattr(ground, name) == value for name, value in asdict(said).items())


def _declared_today(
    session: Session, provider_id: int, law: str, grounds: list[dict[str, Any]], by: Actor
) -> bool:
    standing = session.scalar(
        select(ExclusionDeclaration).where(
            ExclusionDeclaration.provider_id == provider_id,
            ExclusionDeclaration.law == law,
            ExclusionDeclaration.superseded_at.is_(None),
            ExclusionDeclaration.declared_by_id == by.person_id,
        )
    )
    if standing is None:
        return False
    return standing.grounds == grounds and clock.london(standing.declared_at).date() == clock.today()


def _supersede(session: Session, provider_id: int, law: str) -> None:
    session.execute(
        update(ExclusionDeclaration)
        .where(
            ExclusionDeclaration.provider_id == provider_id,
            ExclusionDeclaration.law == law,
            ExclusionDeclaration.superseded_at.is_(None),
        )
        .values(superseded_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _snapshot(ground: ExclusionGround) -> dict[str, Any]:
    """The ground as it is declared, ready for JSON."""
    return {name: _plain(getattr(ground, name)) for name in Ground.__slots__}


def _with_documents(session: Session, grounds: Sequence[ExclusionGround]) -> list[dict[str, Any]]:
    """The grounds as they are declared, each with the name of the file that shows it."""
    shown = {each.document_id for each in grounds if each.document_id}
    rows = session.execute(select(Document.id, Document.filename).where(Document.id.in_(shown)))
    names = {document_id: filename for document_id, filename in rows}
    return [
        {**_snapshot(each), "document": names.get(each.document_id, "") if each.document_id else ""}
        for each in grounds
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
