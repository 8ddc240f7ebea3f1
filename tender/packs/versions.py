"""The versions of a published pack: the first comes with the publication, each later one with its reason.

What is published everybody may read, the reasons and the differences included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.accounts.access import Actor
from portal.audit.services import Doer
from portal.database import db
from portal.errors import NotFound
from tender.frameworks.facts import Detail, RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_round, pack_of, published_round
from tender.packs.differences import Aspect, Change, changes_between
from tender.packs.models import PackVersion, StagedPack
from tender.packs.portable import asked_of, from_document, portable_of
from tender.packs.terms import terms_between, terms_document, terms_in, terms_of


@dataclass(frozen=True, slots=True)
class Version:
    """A version with what is different from the one before; the first has no changes. `terms_changed` is what
    of the round's terms is different."""

    facts: RoundFacts
    number: int
    reason: str
    published_at: datetime
    changes: tuple[Change, ...]
    terms_changed: tuple[Aspect, ...]


def when_round_publishes(published: Round, *, by: Doer) -> None:
    """Keep what is published as version 1, and forget a pack that waited to be taken over.

    Called inside the transaction of the move `publish`.
    """
    db.session.flush()
    db.session.execute(delete(StagedPack).where(StagedPack.round_id == published.id))
    offered = lots_of_round(published.id)
    lots, terms = {lot.id: lot.number for lot in offered}, terms_of(published.how_to_apply, offered)
    db.session.add(
        PackVersion(
            round_id=published.id,
            number=1,
            content={**portable_of(pack_of(published.id), lots), "terms": terms_document(terms)},
            published_at=published.published_at,
            published_by_id=by.person_id,
        )
    )
    db.session.flush()


def versions_of(round_id: int) -> Sequence[RowMapping]:
    """The versions of a round's pack, the newest first: number, reason, published_at."""
    return (
        db.session.execute(
            select(PackVersion.number, PackVersion.reason, PackVersion.published_at)
            .where(PackVersion.round_id == round_id)
            .order_by(PackVersion.number.desc())
        )
        .mappings()
        .all()
    )


def newest_version() -> ColumnElement[int | None]:
    """SQL for the number of the newest version of a `Round`'s pack."""
    newest = select(func.max(PackVersion.number)).where(PackVersion.round_id == Round.id)
    return newest.correlate(Round).scalar_subquery()


def _versions(facts: RoundFacts, viewer: Actor) -> ScalarSelect[Any]:
    told = func.jsonb_build_object(
        *("number", PackVersion.number, "reason", PackVersion.reason),
        *("published_at", PackVersion.published_at),
    )
    newest_first = func.jsonb_agg(aggregate_order_by(told, PackVersion.number.desc()))
    return select(newest_first).where(PackVersion.round_id == facts.id).scalar_subquery()


def _told(facts: RoundFacts, versions: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    return [
        {**version, "published_at": datetime.fromisoformat(version["published_at"])}
        for version in versions or ()
    ]


# For the public page of a round: the versions of its pack, as `versions_of` gives them.
ON_OPPORTUNITY = Detail("versions", _versions, _told)


def published_version(round_id: int, number: int) -> Version:
    """A version of a published round's pack, beside the one before it. Raises `NotFound`."""
    facts = published_round(round_id)
    found = db.session.scalars(
        select(PackVersion)
        .where(PackVersion.round_id == round_id, PackVersion.number.in_((number, number - 1)))
        .order_by(PackVersion.number.desc())
    ).all()
    if not found or found[0].number != number:
        raise NotFound()
    lots = {lot.number: lot.id for lot in lots_of_round(round_id)}
    packs = [asked_of(from_document(version.content), round_id, lots) for version in found]
    changes = changes_between(packs[1], packs[0]) if len(packs) > 1 else ()
    terms = [terms_in(version.content) for version in found]
    moved = terms_between(terms[1], terms[0]) if len(terms) > 1 else ()
    return Version(facts, number, found[0].reason, found[0].published_at, changes, moved)
