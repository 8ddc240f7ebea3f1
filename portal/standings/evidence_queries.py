"""What lots ask for, what the council has checked, and what waits to be checked.

Of a vault the council opens no more than the documents that a lot of its own asks for, of providers that
stand on it: it could not check them otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.directory.models import Standing
from portal.errors import NotFound
from portal.evidence.document_types import type_name
from portal.evidence.facts import Facts
from portal.evidence.models import Evidence, EvidenceVersion
from portal.evidence.queries import is_newest
from portal.standings.models import EvidenceCheck, LotEvidence
from portal.standings.queries import StandingLine, of_council
from portal.storage.models import Document
from tender.frameworks.models import Framework, Lot

PAGE_SIZE = 20
_COVERS = ("public_liability", "employers_liability", "professional_indemnity")
_LEAST_COVER = (
    select(func.max(case(*((Evidence.type == kind, getattr(Lot, kind)) for kind in _COVERS))))
    .select_from(Standing)
    .join(Lot, Lot.id == Standing.lot_id)
    .where(Standing.provider_id == Evidence.provider_id, Standing.state != "removed")
    .correlate(Evidence)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of document that a lot asks for, and how a provider stands with it.

    `document_until` is the last day of the document that was checked, and `until` the last on which what is
    asked for is met: that day, or the one before it is asked for where that is later; None for what
    does not run out. `waits` says that a newer document waits for the council's check.
    """

    document_type: str
    applies_from: date
    checked: bool
    document_until: date | None
    until: date | None
    waits: bool

    @property
    def name(self) -> str:
        """'Public liability insurance'."""
        return type_name(self.document_type)

    @property
    def meets_when_asked(self) -> bool:
        """Whether the document that was checked is still in force on the day from which it is asked for."""
        return self.checked and (self.document_until is None or self.document_until >= self.applies_from)

    @property
    def days_left(self) -> int | None:
        """Days until the last on which it is met, negative once that has passed."""
        return (self.until - clock.today()).days if self.until else None


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A document of a provider that a lot asks for, with its facts as they are now.

    `least_cover` is the most that the lots of the provider ask for, in pounds; None where they name none.
    """

    document_id: UUID
    filename: str
    evidence_id: int
    type: str
    title: str
    provider_id: int
    provider_name: str
    added_at: datetime
    least_cover: Decimal | None
    facts: Facts

    @property
    def type_name(self) -> str:
        """'Public liability insurance'."""
        return type_name(self.type)


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that was made."""

    document_type: str
    accepted: bool
    expires_on: date | None
    note: str
    checked_at: datetime
    checked_by: str

    @property
    def name(self) -> str:
        """'Public liability insurance'."""
        return type_name(self.document_type)


def asked_of(standings: Sequence[StandingLine]) -> dict[int, list[Asked]]:
    """What each standing's lot asks for and how its provider stands with it, by standing. Two statements.

    The caller has checked who may read the standings.
    """
    newest = (
        select(EvidenceCheck.id)
        .ext(distinct_on(EvidenceCheck.council_id, EvidenceCheck.document_id))
        .where(EvidenceCheck.provider_id.in_({each.provider_id for each in standings}))
        .order_by(EvidenceCheck.council_id, EvidenceCheck.document_id, EvidenceCheck.id.desc())
    )
    asked = db.session.execute(
        select(
            Standing.id,
            LotEvidence.document_type,
            LotEvidence.applies_from,
            func.count(EvidenceCheck.id).label("seen"),
            func.bool_or(EvidenceCheck.expires_on.is_(None)).label("for_ever"),
            func.max(EvidenceCheck.expires_on).label("until"),
        )
        .select_from(Standing)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .join(LotEvidence, LotEvidence.lot_id == Lot.id)
        .outerjoin(
            EvidenceCheck,
            and_(
                EvidenceCheck.id.in_(newest),
                EvidenceCheck.accepted,
                EvidenceCheck.provider_id == Standing.provider_id,
                EvidenceCheck.document_type == LotEvidence.document_type,
                EvidenceCheck.council_id == Framework.council_id,
            ),
        )
        .where(Standing.id.in_([each.id for each in standings]))
        .group_by(Standing.id, LotEvidence.document_type, LotEvidence.applies_from)
        .order_by(Standing.id, LotEvidence.document_type)
    ).all()
    waiting = {
        tuple(row)
        for row in db.session.execute(
            _waiting(Standing.id, Evidence.type).where(Standing.id.in_([each.id for each in standings]))
        )
    }
    found: dict[int, list[Asked]] = {each.id: [] for each in standings}
    for standing_id, kind, applies_from, seen, for_ever, until in asked:
        before = applies_from - timedelta(days=1)
        last = None if seen and for_ever else max(before, until) if until else before
        found[standing_id].append(
            Asked(kind, applies_from, bool(seen), until, last, (standing_id, kind) in waiting)
        )
    return found


def kinds_of(lot_id: int) -> dict[str, date]:
    """The kinds of document that a lot asks for, with the day from which it does."""
    rows = db.session.execute(
        select(LotEvidence.document_type, LotEvidence.applies_from).where(LotEvidence.lot_id == lot_id)
    )
    return {kind: applies_from for kind, applies_from in rows}


def lots_asking(viewer: Actor) -> Sequence[Row[tuple[int, str, str, str, list[str] | None]]]:
    """The lots of the viewer's council: id, number, title, framework's title, kinds of document asked for."""
    return db.session.execute(
        select(
            Lot.id,
            Lot.number,
            Lot.title,
            Framework.title,
            func.array_agg(LotEvidence.document_type)
            .filter(LotEvidence.document_type.is_not(None))
            .label("kinds"),
        )
        .join(Framework, Framework.id == Lot.framework_id)
        .outerjoin(LotEvidence, LotEvidence.lot_id == Lot.id)
        .where(of_council(viewer))
        .group_by(Lot.id, Framework.id)
        .order_by(Framework.title, Framework.id, Lot.position)
    ).all()


def lot_for(viewer: Actor, lot_id: int) -> Row[tuple[int, str, str, str]]:
    """A lot (id, number, title, framework's title) of the viewer's council. Raises `NotFound`."""
    row = db.session.execute(
        select(Lot.id, Lot.number, Lot.title, Framework.title)
        .join(Framework, Framework.id == Lot.framework_id)
        .where(Lot.id == lot_id, of_council(viewer))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def to_check(viewer: Actor, page: int = 1) -> tuple[list[ToCheck], int]:
    """One page of the documents that wait for the viewer's council, those that came first at the top."""
    rows = db.session.execute(
        _documents()
        .add_columns(func.count().over().label("total"))
        .where(EvidenceVersion.id.in_(_waiting(EvidenceVersion.id).where(of_council(viewer))))
        .order_by(EvidenceVersion.added_at, EvidenceVersion.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return [_document(row) for row in rows], (rows[0].total if rows else 0)


def waiting_count(viewer: Actor) -> Select[tuple[int, datetime]]:
    """How many documents wait for the viewer's council, and since when the first does; to be joined by
    others."""
    return select(func.count().label("documents"), func.min(EvidenceVersion.added_at).label("since")).where(
        EvidenceVersion.id.in_(_waiting(EvidenceVersion.id).where(of_council(viewer)))
    )


def document_for(viewer: Actor, document_id: UUID) -> ToCheck:
    """The newest document of a kind that a lot of the viewer's council asks a provider on it for.

    Raises `NotFound` for every other document.
    """
    asked = _asked_for(EvidenceVersion.id).where(of_council(viewer))
    row = db.session.execute(
        _documents().where(EvidenceVersion.document_id == document_id, EvidenceVersion.id.in_(asked))
    ).one_or_none()
    if row is None or not viewer.may("standing:change"):
        raise NotFound()
    return _document(row)


def checks_of(provider_id: int, council_id: int | None, most: int = 50) -> list[Checked]:
    """The newest checks of a provider's documents by one council."""
    rows = db.session.execute(
        select(
            EvidenceCheck.document_type,
            EvidenceCheck.accepted,
            EvidenceCheck.expires_on,
            EvidenceCheck.note,
            EvidenceCheck.checked_at,
            Person.name,
        )
        .join(Person, Person.id == EvidenceCheck.checked_by_id)
        .where(EvidenceCheck.provider_id == provider_id, EvidenceCheck.council_id == council_id)
        .order_by(EvidenceCheck.id.desc())
        .limit(most)
    )
    return [Checked(*row) for row in rows]


def _asked_for(*columns: Any) -> Select[Any]:
    """Newest documents of the kinds that lots ask the providers on them for; a row for each such standing."""
    return (
        select(*columns)
        .select_from(EvidenceVersion)
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .join(Document, Document.id == EvidenceVersion.document_id)
        .join(Standing, Standing.provider_id == Evidence.provider_id)
        .join(Lot, Lot.id == Standing.lot_id)
        .join(Framework, Framework.id == Lot.framework_id)
        .join(
            LotEvidence,
            and_(LotEvidence.lot_id == Lot.id, LotEvidence.document_type == Evidence.type),
        )
        .where(Standing.state != "removed", Standing.ends_on >= clock.today())
        .where(is_newest(), Document.scan_state != "infected")
    )


def _waiting(*columns: Any) -> Select[Any]:
    """Those of `_asked_for` that are in force, and that nobody has checked with the dates that they have."""
    checked = exists().where(
        EvidenceCheck.document_id == EvidenceVersion.document_id,
        EvidenceCheck.council_id == Framework.council_id,
        EvidenceCheck.expires_on.is_not_distinct_from(EvidenceVersion.expires_on),
    )
    in_force = or_(EvidenceVersion.expires_on.is_(None), EvidenceVersion.expires_on >= clock.today())
    return _asked_for(*columns).where(~checked, in_force)


def _documents() -> Select[Any]:
    return (
        select(
            EvidenceVersion.document_id,
            Document.filename,
            Evidence.id,
            Evidence.type,
            Evidence.title,
            Evidence.provider_id,
            Organisation.name,
            EvidenceVersion.added_at,
            _LEAST_COVER,
            EvidenceVersion.issuer,
            EvidenceVersion.number,
            EvidenceVersion.cover,
            EvidenceVersion.valid_from,
            EvidenceVersion.expires_on,
        )
        .select_from(EvidenceVersion)
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .join(Document, Document.id == EvidenceVersion.document_id)
        .join(Organisation, Organisation.id == Evidence.provider_id)
    )


def _document(row: Any) -> ToCheck:
    return ToCheck(*row[:9], facts=Facts(*row[9:14]))
