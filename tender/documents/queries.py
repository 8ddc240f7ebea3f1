"""Reading a round's documents: the papers with their versions, and how often each was downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal.accounts.access import Actor
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
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
    filename: str
    size: int
    scan_state: str
    downloads: int = 0
    signed_in: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its newest version, and the earlier ones, the newest of them first."""

    newest: Version
    earlier: tuple[Version, ...]


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `papers`, without their downloads."""
    return {"papers": _papers(_versions().where(RoundDocument.round_id == facts.id))}


def papers_of(facts: RoundFacts) -> list[Paper]:
    """The papers of a round in order, with the count of downloads of each version, in one statement.

    The caller got `facts` by `frameworks.queries.round_for`.
    """
    of_one = select(RoundDocumentDownload.id).where(
        RoundDocumentDownload.round_document_id == RoundDocument.id
    )
    counts = (
        select(func.count()).select_from(of_one.correlate(RoundDocument).subquery()).scalar_subquery(),
        select(func.count())
        .select_from(
            of_one.where(RoundDocumentDownload.person_id.is_not(None)).correlate(RoundDocument).subquery()
        )
        .scalar_subquery(),
    )
    statement = _versions().add_columns(counts[0].label("downloads"), counts[1].label("signed_in"))
    return _papers(statement.where(RoundDocument.round_id == facts.id))


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
    own = ("id", "round_id", "title", "kind", "version", "follows_id", "reason", "added_at")
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
