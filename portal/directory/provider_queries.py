"""What the council reads of a provider's profile and vault: of whom, and how much.

Closed by default. The council reads a provider that stands on a lot of its frameworks, or one of whose
applications it has opened, and nobody else's: who applies to what stays unread until the tender box is open.
Of share codes and declarations it reads what stood when the newest opened application was submitted, so that
what is done for a round that is still shut tells nothing. Of a vault it reads facts: all
newest ones of an admitted provider, and of the others what was sealed with their opened applications. What it
opens of a vault, to check it, `portal.standings` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, Select, and_, exists, func, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.models import Standing
from portal.errors import NotFound
from portal.evidence.facts import frozen_words
from portal.evidence.queries import A_PAGE, newest_of
from portal.profiles.queries import declarations_at, share_codes_of
from portal.storage.models import Document
from tender.applications.access import OPENED
from tender.applications.models import Answer, AnswerFile, Application
from tender.frameworks.models import Framework, Lot, Question, Round


@dataclass(frozen=True, slots=True)
class ProviderRead:
    """A provider that the viewer's council may read. `opened_at` is when the newest opened application was
    submitted; None where the council has opened none."""

    id: int
    name: str
    admitted: bool
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document of which the council reads the facts: what it is, and its facts in a line."""

    title: str
    words: str
    expired: bool = False


def provider_for(viewer: Actor, provider_id: int) -> ProviderRead:
    """A provider whose profile the viewer's council may read now, in one statement. Raises `NotFound`."""
    if viewer.organisation_kind != "council" or not viewer.may("evidence:read"):
        raise NotFound()
    stands = exists().where(
        Standing.provider_id == Organisation.id,
        Standing.state != "removed",
        Standing.ends_on >= clock.today(),
        Standing.lot_id.in_(
            select(Lot.id)
            .join(Framework, Framework.id == Lot.framework_id)
            .where(Framework.council_id == viewer.organisation_id)
        ),
    )
    opened = _opened(viewer).where(Application.provider_id == Organisation.id)
    row = db.session.execute(
        select(
            Organisation.id,
            Organisation.name,
            stands.label("admitted"),
            opened.with_only_columns(func.max(Application.submitted_at)).scalar_subquery(),
        ).where(Organisation.id == provider_id, Organisation.kind == "provider")
    ).one_or_none()
    if row is None or not (row[2] or row[3]):
        raise NotFound()
    return ProviderRead(*row)


def share_codes_for(provider: ProviderRead) -> Sequence[RowMapping]:
    """Its share codes as the newest opened application was submitted, the newest first."""
    return share_codes_of(provider.id, until=provider.opened_at) if provider.opened_at else ()


def declarations_for(provider: ProviderRead) -> Sequence[RowMapping]:
    """Its declarations on exclusion grounds as they stood at that moment."""
    return declarations_at(provider.id, provider.opened_at) if provider.opened_at else ()


def documents_for(viewer: Actor, provider: ProviderRead, *, skip: int = 0) -> tuple[list[KnownDocument], int]:
    """One page of what its documents say of themselves, and how many there are, in one statement."""
    if provider.admitted:
        versions, total = newest_of(provider.id, skip=skip)
        return [
            KnownDocument(
                version.title,
                ", ".join((version.type_name, *version.facts.words)),
                version.facts.standing == "expired",
            )
            for version in versions
        ], total
    rows = db.session.execute(
        _opened(viewer)
        .join(Answer, Answer.application_id == Application.id)
        .join(Question, Question.id == Answer.question_id)
        .join(AnswerFile, and_(AnswerFile.answer_id == Answer.id, AnswerFile.facts.is_not(None)))
        .join(Document, Document.id == AnswerFile.document_id)
        .where(Application.provider_id == provider.id)
        .with_only_columns(Question.title, AnswerFile.facts, func.count().over().label("total"))
        .order_by(Application.submitted_at.desc(), Question.position, Document.id)
        .limit(A_PAGE)
        .offset(skip)
    ).all()
    found = [KnownDocument(title, frozen_words(facts)) for title, facts, _ in rows]
    return found, (rows[0].total if rows else 0)


def _opened(viewer: Actor) -> Select[tuple[int]]:
    """Submitted applications to rounds of the viewer's council whose tender box is open."""
    return (
        select(Application.id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Application.state == "submitted",
            Application.erased_at.is_(None),
            Round.state.in_(OPENED),
            Framework.council_id == viewer.organisation_id,
        )
    )
