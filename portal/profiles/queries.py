"""Reading a profile: one's own at any time. What the council reads of it goes through `portal.directory`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, or_, select, true
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from portal.profiles.models import (
    ConnectedPerson,
    ExclusionDeclaration,
    ExclusionGround,
    Profile,
    ShareCode,
)
from portal.profiles.words import APPLIES_TO, GROUND_NAMES, LAWS, LEGAL_FORMS, OPERATION_TYPES
from portal.web.filters import uk_date

FIELDS = (
    *("legal_form", "trading_name", "registered_address", "postal_address", "website", "operation_types"),
    *("description", "contact_name", "contact_email", "contact_telephone"),
    *("dsl_name", "dsl_email", "dsl_telephone"),
)
"""What of a profile people fill in."""
_STANDS = ExclusionDeclaration.superseded_at.is_(None)


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A profile as it is read; `version` 0 is one that nobody has filled in."""

    provider_id: int
    values: Mapping[str, Any]
    version: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""

    @property
    def rows(self) -> list[dict[str, str]]:
        """Its facts as rows of a summary list."""
        of = self.values
        sizes = ", ".join(OPERATION_TYPES[code] for code in of["operation_types"])
        contact = (of["contact_name"], of["contact_email"], of["contact_telephone"])
        lead = (of["dsl_name"], of["dsl_email"], of["dsl_telephone"])
        shown = {
            "Legal form": LEGAL_FORMS.get(of["legal_form"], ""),
            "Trading name": of["trading_name"],
            "Size and kind": sizes,
            "Registered address": ", ".join(of["registered_address"].splitlines()),
            "Postal address": ", ".join(of["postal_address"].splitlines()),
            "Website": of["website"],
            "In short": of["description"],
            "Contact for tenders": ", ".join(filter(None, contact)),
            "Designated safeguarding lead": ", ".join(filter(None, lead)),
        }
        return [{"key": key, "value": value or "Not given"} for key, value in shown.items()]


def own_profile(viewer: Actor) -> ProfileFacts:
    """The profile of the viewer's own organisation. Raises `NotFound` for somebody who may not read it."""
    if viewer.organisation_kind != "provider" or not viewer.may("profile:edit"):
        raise NotFound()
    return profile_of(viewer.organisation_id or 0)


def profile_of(provider_id: int) -> ProfileFacts:
    """A provider's profile, empty where it has none. The caller has checked who may read it."""
    row = db.session.execute(
        select(*(getattr(Profile, name) for name in FIELDS), Profile.version, Profile.saved_at, Person.name)
        .join(Person, Person.id == Profile.saved_by_id)
        .where(Profile.provider_id == provider_id)
    ).one_or_none()
    if row is None:
        empty = {name: [] if name == "operation_types" else "" for name in FIELDS}
        return ProfileFacts(provider_id, empty)
    return ProfileFacts(provider_id, dict(zip(FIELDS, row, strict=False)), *row[len(FIELDS) :])


def connected_persons_of(provider_id: int) -> Sequence[RowMapping]:
    """Connected persons by kind and name: id, kind, name, nature, since, until. The caller has checked."""
    return (
        db.session.execute(
            select(
                ConnectedPerson.id,
                ConnectedPerson.kind,
                ConnectedPerson.name,
                ConnectedPerson.nature,
                ConnectedPerson.since,
                ConnectedPerson.until,
            )
            .where(ConnectedPerson.provider_id == provider_id)
            .order_by(ConnectedPerson.until.is_not(None), ConnectedPerson.kind, ConnectedPerson.name)
        )
        .mappings()
        .all()
    )


def connected_person_for(viewer: Actor, person_id: int) -> ConnectedPerson:
    """One connected person of the viewer's own organisation. Raises `NotFound`."""
    return _own(viewer, ConnectedPerson, person_id)


def grounds_of(provider_id: int) -> Sequence[ExclusionGround]:
    """The recorded grounds of a provider, oldest first. The caller has checked who may read them."""
    return db.session.scalars(
        select(ExclusionGround).where(ExclusionGround.provider_id == provider_id).order_by(ExclusionGround.id)
    ).all()


def ground_for(viewer: Actor, ground_id: int) -> ExclusionGround:
    """One ground of the viewer's own organisation. Raises `NotFound`."""
    return _own(viewer, ExclusionGround, ground_id)


def declarations_of(provider_id: int) -> dict[str, RowMapping]:
    """The standing declaration by law: `law`, `grounds`, `declared_at`, `declared_by`. One statement."""
    rows = db.session.execute(
        _declarations().where(ExclusionDeclaration.provider_id == provider_id)
    ).mappings()
    return {row["law"]: row for row in rows}


def declarations_at(provider_id: int, moment: datetime) -> Sequence[RowMapping]:
    """The declarations that stood at a moment, by law. The caller has checked who may read them."""
    return (
        db.session.execute(
            _declarations(or_(ExclusionDeclaration.superseded_at > moment, _STANDS))
            .where(
                ExclusionDeclaration.provider_id == provider_id, ExclusionDeclaration.declared_at <= moment
            )
            .order_by(ExclusionDeclaration.law)
        )
        .mappings()
        .all()
    )


def standing_declaration(viewer: Actor, law: str) -> RowMapping | None:
    """The standing declaration of the viewer's own organisation under a law, if there is one."""
    if law not in LAWS or not viewer.may("profile:edit"):
        return None
    return (
        db.session.execute(
            _declarations().where(
                ExclusionDeclaration.provider_id == viewer.organisation_id, ExclusionDeclaration.law == law
            )
        )
        .mappings()
        .one_or_none()
    )


def share_codes_of(provider_id: int, *, until: datetime | None = None, most: int = 5) -> Sequence[RowMapping]:
    """Share codes, the newest first: id, code, recorded_at, recorded_by, verified_at, verified_by, is_latest.

    `until` leaves out what was recorded later. The caller has checked who may read them.
    """
    recorder, verifier = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                ShareCode.id,
                ShareCode.code,
                ShareCode.recorded_at,
                recorder.name.label("recorded_by"),
                ShareCode.verified_at,
                verifier.name.label("verified_by"),
                ShareCode.is_latest,
            )
            .join(recorder, recorder.id == ShareCode.recorded_by_id)
            .outerjoin(verifier, verifier.id == ShareCode.verified_by_id)
            .where(ShareCode.provider_id == provider_id)
            .where(ShareCode.recorded_at <= until if until else true())
            .order_by(ShareCode.recorded_at.desc(), ShareCode.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )


def in_words(ground: Mapping[str, Any]) -> str:
    """One ground of a declaration as a paragraph: all that the central digital platform asks of one, as far
    as it was said."""
    whom = APPLIES_TO[ground["applies_to"]].partition(":")[0]
    named = f"{whom} ({ground['applies_to_name']})" if ground["applies_to_name"] else whom
    when = f", {_day(ground['happened_on'])}" if ground["happened_on"] else ""
    where = "in the United Kingdom" if ground["in_uk"] else ground["jurisdiction"]
    ended = ground["ended_on"]
    further = (
        f"Decided on {_day(ground['decided_on'])}." if ground["decided_on"] else "",
        f"The circumstances ended on {_day(ended)}." if ended else "The circumstances have not ended.",
        f"A public authority records it at {ground['published_at']}" if ground["published_at"] else "",
        # Declared before documents were named: the file is in the vault.
        f"A document shows it: {ground.get('document') or 'in the vault'}." if ground["document_id"] else "",
        f"Who can say more: {ground['contact_email']}" if ground["contact_email"] else "",
    )
    return (
        f"{GROUND_NAMES[ground['ground']]}: {named}{when}, {where}. {ground['detail']} "
        f"How it is managed: {ground['managed']} {' '.join(filter(None, further))}"
    )


def _day(text: str) -> str:
    return uk_date(date.fromisoformat(text))


def _declarations(stands: ColumnElement[bool] = _STANDS) -> Select[Any]:
    return (
        select(
            ExclusionDeclaration.law,
            ExclusionDeclaration.grounds,
            ExclusionDeclaration.declared_at,
            Person.name.label("declared_by"),
        )
        .join(Person, Person.id == ExclusionDeclaration.declared_by_id)
        .where(stands)
    )


def _own(viewer: Actor, table: Any, row_id: int) -> Any:
    found = db.session.scalar(
        select(table).where(table.id == row_id, table.provider_id == viewer.organisation_id)
    )
    if found is None or not viewer.may("profile:edit"):
        raise NotFound()
    return found
