"""Reading the vault: its own provider's people alone, everywhere in this module."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, cast, exists, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from portal.errors import NotFound
from portal.evidence.document_types import type_name
from portal.evidence.facts import SOON, Facts
from portal.evidence.models import Evidence, EvidenceVersion
from portal.storage.models import Document
from portal.storage.refusals import in_megabytes
from portal.storage.services import uses_of
from portal.tasks import Task, Waiting
from portal.web.filters import uk_date

A_PAGE = 20
MOST_CHOICES = 50
MOST_ON_THE_HOME_PAGE = 5
REMEMBERED = timedelta(days=90)
"""How long the home page speaks of a document that has expired."""


@dataclass(frozen=True, slots=True)
class VaultVersion:
    """One version of an evidence with its document. `size` is in bytes."""

    id: int
    evidence_id: int
    provider_id: int
    type: str
    title: str
    version: int
    revision: int
    document_id: UUID
    filename: str
    size: int
    sha256: str
    scan_state: str
    added_at: datetime
    added_by: str
    facts: Facts

    @property
    def type_name(self) -> str:
        """'Public liability insurance'."""
        return type_name(self.type)

    @property
    def size_in_words(self) -> str:
        """'1.4 MB'."""
        return in_megabytes(self.size)


def vault_of(viewer: Actor, *, skip: int = 0) -> tuple[list[VaultVersion], int]:
    """One page of the viewer's own vault, newest versions only, what runs out first before all else; and how
    many there are. One statement."""
    if not viewer.may("evidence:edit"):
        raise NotFound()
    return newest_of(viewer.organisation_id or 0, skip=skip)


def newest_of(provider_id: int, *, skip: int = 0) -> tuple[list[VaultVersion], int]:
    """One page of a provider's vault as `vault_of` gives it. The caller has checked who may read it."""
    rows = db.session.execute(
        _select(func.count().over().label("total"))
        .where(Evidence.provider_id == provider_id, is_newest())
        .order_by(EvidenceVersion.expires_on.asc().nulls_last(), Evidence.title, Evidence.id)
        .limit(A_PAGE)
        .offset(skip)
    ).all()
    return [version_from(row) for row in rows], (rows[0].total if rows else 0)


def versions_for(viewer: Actor, evidence_id: int) -> list[VaultVersion]:
    """All versions of an evidence of the viewer's own organisation, the newest first. Raises `NotFound`."""
    rows = db.session.execute(
        _select()
        .where(Evidence.id == evidence_id, Evidence.provider_id == viewer.organisation_id)
        .order_by(EvidenceVersion.version.desc())
    ).all()
    if not rows or not viewer.may("evidence:edit"):
        raise NotFound()
    return [version_from(row) for row in rows]


def version_for(viewer: Actor, version_id: int) -> VaultVersion:
    """One version of the viewer's own organisation. Raises `NotFound`."""
    row = db.session.execute(
        _select().where(EvidenceVersion.id == version_id, Evidence.provider_id == viewer.organisation_id)
    ).one_or_none()
    if row is None or not viewer.may("evidence:edit"):
        raise NotFound()
    return version_from(row)


def same_in_vault(viewer: Actor, *, type: str, title: str, facts: Facts, sha256: str) -> int | None:
    """The evidence (id) of the viewer's own organisation that is this very file and says the same of it."""
    rows = db.session.execute(
        _select().where(
            Evidence.provider_id == viewer.organisation_id,
            Evidence.type == type,
            Evidence.title == title,
            Document.sha256 == sha256,
            is_newest(),
        )
    )
    return next((each.evidence_id for each in map(version_from, rows) if each.facts == facts), None)


def choices_for(viewer: Actor, document_type: str | None) -> list[VaultVersion]:
    """What the viewer's own vault offers for a question, documents of the type asked for first.

    Newest versions only, at most 50, none in which a virus was found. One statement.
    """
    return offered_by(viewer.organisation_id or 0, document_type) if viewer.may("evidence:edit") else []


def offered_by(provider_id: int, document_type: str | None) -> list[VaultVersion]:
    """A provider's vault as `choices_for` gives it. The caller has checked who may read it."""
    rows = db.session.execute(
        _select()
        .where(Evidence.provider_id == provider_id, is_newest())
        .where(Document.scan_state != "infected")
        .order_by(case((Evidence.type == document_type, 0), else_=1), Evidence.title, Evidence.id)
        .limit(MOST_CHOICES)
    )
    return [version_from(row) for row in rows]


def hold_own(viewer: Actor, document_id: UUID) -> None:
    """Hold a document of the viewer's own vault until the end of the transaction, so that it is not removed
    before another row names it. Raises `NotFound`."""
    db.session.execute(select(Document.id).where(Document.id == document_id).with_for_update(read=True))
    own = select(EvidenceVersion.id).join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
    found = own.where(
        EvidenceVersion.document_id == document_id, Evidence.provider_id == viewer.organisation_id
    )
    if db.session.scalar(found) is None:
        raise NotFound()


def kept_among(document_ids: Iterable[UUID]) -> Mapping[UUID, Facts]:
    """The facts of those of these documents that stand in a vault; the caller may read the documents."""
    wanted = list(document_ids)
    if not wanted:
        return {}
    rows = db.session.execute(_select().where(EvidenceVersion.document_id.in_(wanted)))
    return {version.document_id: version.facts for version in map(version_from, rows)}


def frozen_facts(document_id: ColumnElement[UUID]) -> ColumnElement[Any]:
    """The facts that a vault knows of the document, as JSON (null where it knows none): what an application
    keeps when it is submitted. Read it with `facts.frozen_words`."""
    return (
        select(
            func.jsonb_build_object(
                *("type", Evidence.type, "issuer", EvidenceVersion.issuer),
                *("number", EvidenceVersion.number, "cover", cast(EvidenceVersion.cover, Text)),
                *("valid_from", EvidenceVersion.valid_from, "expires_on", EvidenceVersion.expires_on),
            )
        )
        .select_from(EvidenceVersion)
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .where(EvidenceVersion.document_id == document_id)
        .scalar_subquery()
    )


def in_use(versions: Iterable[VaultVersion]) -> bool:
    """Whether anything beside the vault names a document of these versions."""
    documents = [version.document_id for version in versions]
    return bool(uses_of(documents, apart_from=["evidence_version"]))


def is_newest() -> ColumnElement[bool]:
    """Whether no later version follows, in a statement over `EvidenceVersion`."""
    later = aliased(EvidenceVersion)
    return ~exists().where(
        later.evidence_id == EvidenceVersion.evidence_id, later.version > EvidenceVersion.version
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For a provider's people: what runs out within 30 days, and what expired in the last 90."""
    if viewer.organisation_kind != "provider" or not viewer.may("evidence:edit"):
        return Waiting()
    today = clock.today()
    rows = db.session.execute(
        _select()
        .where(Evidence.provider_id == viewer.organisation_id, is_newest())
        .where(EvidenceVersion.expires_on.between(today - REMEMBERED, today + timedelta(days=SOON)))
        .order_by(EvidenceVersion.expires_on, Evidence.id)
        .limit(MOST_ON_THE_HOME_PAGE)
    )
    return Waiting(now=tuple(_task(version_from(row)) for row in rows))


def _task(version: VaultVersion) -> Task:
    facts = version.facts
    assert facts.expires_on
    expired = facts.standing == "expired"
    return Task(
        sentence=f"“{version.title}” {'expired' if expired else 'runs out'} on {uk_date(facts.expires_on)}.",
        verb="Replace it with the new one",
        endpoint="evidence.replace",
        values={"evidence_id": version.evidence_id},
        due_at=None if expired else datetime.combine(facts.expires_on, time(23, 59), clock.LONDON),
        detail="Applications that are submitted already are not touched." if expired else "",
    )


def _select(*further: ColumnElement[Any]) -> Select[Any]:
    """Versions with their documents, as `version_from` reads them."""
    return (
        select(
            EvidenceVersion.id,
            Evidence.id.label("evidence_id"),
            Evidence.provider_id,
            Evidence.type,
            Evidence.title,
            EvidenceVersion.version,
            EvidenceVersion.revision,
            EvidenceVersion.document_id,
            Document.filename,
            Document.size,
            Document.sha256,
            Document.scan_state,
            EvidenceVersion.added_at,
            Person.name.label("added_by"),
            EvidenceVersion.issuer,
            EvidenceVersion.number,
            EvidenceVersion.cover,
            EvidenceVersion.valid_from,
            EvidenceVersion.expires_on,
            *further,
        )
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .join(Document, Document.id == EvidenceVersion.document_id)
        .join(Person, Person.id == EvidenceVersion.added_by_id)
    )


def version_from(row: Any) -> VaultVersion:
    """The version of a row of this module's statement."""
    return VaultVersion(*row[:14], facts=Facts(*row[14:19]))
