"""Reading a round's documents: the papers with their versions, and how often each was downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, distinct, func, select, true
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
from portal.web.pagination import SIZE, offset_of
from tender.documents.models import RoundDocument, RoundDocumentDownload
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper, with what is known of its file. `size` is in bytes."""

    id: int
    round_id: int
    title: str
    kind: str
    version: int
    follows_id: int | None
    reason: str
    added_at: datetime
    document_id: UUID
    filename: str
    size: int
    scan_state: str
    downloads: int = 0
    signed_in: int = 0
    last_downloaded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its newest version, and the earlier ones, the newest of them first."""

    newest: Version
    earlier: tuple[Version, ...]


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `papers`, without their downloads."""
    return {"papers": papers_in(facts.id)}


def papers_in(round_id: int) -> list[Paper]:
    """The papers of a round in order, without their downloads. It knows nothing of who asks."""
    return _papers(_versions().where(RoundDocument.round_id == round_id))


def papers_of(facts: RoundFacts) -> list[Paper]:
    """The papers of a round in order, with the downloads of each version, in one statement.

    The caller got `facts` by `frameworks.queries.round_for`.
    """
    given = (
        select(
            func.count().label("downloads"),
            func.count(RoundDocumentDownload.person_id).label("signed_in"),
            func.max(RoundDocumentDownload.at).label("last_downloaded_at"),
        )
        .where(RoundDocumentDownload.round_document_id == RoundDocument.id)
        .correlate(RoundDocument)
        .lateral()
    )
    counts = (given.c.downloads, given.c.signed_in, given.c.last_downloaded_at)
    statement = _versions().join(given, true()).add_columns(*counts)
    return _papers(statement.where(RoundDocument.round_id == facts.id))


@dataclass(frozen=True, slots=True)
class Reader:
    """An organisation that had papers of a round: which, how often, and when first and last."""

    name: str
    downloads: int
    papers: str
    first_at: datetime
    last_at: datetime


def names_readers(facts: RoundFacts) -> bool:
    """Whether the council may read which organisations had its papers: once the tender box is open."""
    return facts.opened_at is not None


def readers_of(facts: RoundFacts, page: int = 1) -> tuple[list[Reader], int]:
    """One page of the organisations, by name, whose people were signed in when they had a paper of a round,
    and how many there are; none before the tender box is open. The council's own are left out.

    The caller got `facts` by `frameworks.queries.round_for`.
    """
    if not names_readers(facts):
        return [], 0
    title = func.concat(RoundDocument.title, ", version ", RoundDocument.version)
    rows = db.session.execute(
        select(
            Organisation.name,
            func.count(),
            func.array_agg(distinct(title)),
            func.min(RoundDocumentDownload.at),
            func.max(RoundDocumentDownload.at),
            func.count().over(),
        )
        .select_from(RoundDocumentDownload)
        .join(RoundDocument, RoundDocument.id == RoundDocumentDownload.round_document_id)
        .join(Organisation, Organisation.id == RoundDocumentDownload.organisation_id)
        .where(RoundDocument.round_id == facts.id, Organisation.id != facts.council_id)
        .group_by(Organisation.id)
        .order_by(Organisation.name, Organisation.id)
        .limit(SIZE)
        .offset(offset_of(page))
    ).all()
    readers = [
        Reader(name, downloads, "; ".join(sorted(papers)), first_at, last_at)
        for name, downloads, papers, first_at, last_at, _ in rows
    ]
    return readers, (rows[0][5] if rows else 0)


def round_of(viewer: Actor, round_document_id: int) -> int:
    """The round of any version of a paper of the viewer's own council. Raises `NotFound`."""
    round_id = db.session.scalar(
        select(Round.id)
        .join(RoundDocument, RoundDocument.round_id == Round.id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(RoundDocument.id == round_document_id, Framework.council_id == viewer.organisation_id)
    )
    if round_id is None or not viewer.may("framework:manage"):
        raise NotFound()
    return round_id


def version_for(viewer: Actor, round_document_id: int) -> Version:
    """The newest version of a paper of the viewer's own council, to be replaced. Raises `NotFound`."""
    later = aliased(RoundDocument)
    row = db.session.execute(
        _versions()
        .join(Round, Round.id == RoundDocument.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .outerjoin(later, later.follows_id == RoundDocument.id)
        .where(
            RoundDocument.id == round_document_id,
            Framework.council_id == viewer.organisation_id,
            later.id.is_(None),
        )
    ).one_or_none()
    if row is None or not viewer.may("framework:manage"):
        raise NotFound()
    return Version(**row._asdict())


def file_of(viewer: Actor, round_id: int, round_document_id: int) -> Document:
    """The file of a version: anyone's once the round is published, before that its lead's own.

    Raises `NotFound`.
    """
    row = db.session.execute(
        select(Document, Round.state, Framework.council_id)
        .join(RoundDocument, RoundDocument.document_id == Document.id)
        .join(Round, Round.id == RoundDocument.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(RoundDocument.id == round_document_id, Round.id == round_id)
    ).one_or_none()
    own = row is not None and row.council_id == viewer.organisation_id and viewer.may("framework:manage")
    if row is None or (row.state == "draft" and not own):
        raise NotFound()
    return row.Document


def _versions() -> Select[Any]:
    """The columns of `Version` but the counts."""
    own = ("id", "round_id", "title", "kind", "version", "follows_id", "reason", "added_at", "document_id")
    return select(
        *(getattr(RoundDocument, name) for name in own),
        Document.filename,
        Document.size,
        Document.scan_state,
    ).join(Document, Document.id == RoundDocument.document_id)


def _papers(statement: Select[Any]) -> list[Paper]:
    """Papers in the order in which their first versions were added."""
    chains: dict[int, list[Version]] = {}
    first_of: dict[int, int] = {}
    for row in db.session.execute(statement.order_by(RoundDocument.id)):
        version = Version(**row._asdict())
        first = first_of.get(version.follows_id or 0, version.id)
        first_of[version.id] = first
        chains.setdefault(first, []).insert(0, version)
    return [Paper(newest, tuple(earlier)) for newest, *earlier in chains.values()]
