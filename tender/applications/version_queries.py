"""Reading the earlier versions of an answer: for the provider's own people, never for the council."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.database import db
from portal.web.differences import Piece, differences
from tender.applications.contents import Item
from tender.applications.models import AnswerVersion
from tender.applications.values import in_words, words_in


@dataclass(frozen=True, slots=True)
class Version:
    """What an answer said at a version. `value` is kept as in `values`; `lines` is how people read it."""

    number: int
    value: Any
    saved_at: datetime
    saved_by: str
    lines: tuple[str, ...]

    @property
    def words(self) -> int:
        """How many words it holds."""
        return words_in(self.value)


@dataclass(frozen=True, slots=True)
class Versions:
    """A stretch of the versions of one answer, the newest first, of `total`; and the one that is read.

    `then` is what that one said and `now` what stands, each marked where the other differs.
    """

    found: Sequence[Version]
    total: int
    read: Version | None
    then: tuple[Piece, ...]
    now: tuple[Piece, ...]


def versions_of(item: Item, *, most: int, skip: int = 0, read: int | None = None) -> Versions:
    """The versions of `item`, which the caller got by `own_item_for`; `read` is the version to be read.

    Without it, or where there is no such version, the newest before the one that stands is read. Two
    statements.
    """
    found, total = _stretch(item, most, skip)
    chosen = _one(item, read) if read else None
    if chosen is None:
        chosen = next((version for version in found if version.number < item.version), None)
    then, now = differences("\n".join(chosen.lines if chosen else ()), "\n".join(item.lines))
    return Versions(found, total, chosen, then, now)


def _stretch(item: Item, most: int, skip: int) -> tuple[Sequence[Version], int]:
    rows = db.session.execute(
        _select()
        .add_columns(func.count().over().label("total"))
        .where(AnswerVersion.answer_id == item.answer_id)
        .order_by(AnswerVersion.version.desc())
        .limit(most)
        .offset(skip)
    ).all()
    return [_version(item, row) for row in rows], (rows[0].total if rows else 0)


def _one(item: Item, version: int) -> Version | None:
    row = db.session.execute(
        _select().where(AnswerVersion.answer_id == item.answer_id, AnswerVersion.version == version)
    ).one_or_none()
    return _version(item, row) if row else None


def _select() -> Any:
    return select(
        AnswerVersion.version, AnswerVersion.value, AnswerVersion.saved_at, Person.name.label("saved_by")
    ).join(Person, Person.id == AnswerVersion.saved_by_id)


def _version(item: Item, row: Any) -> Version:
    lines = in_words(item.asked.kind, item.asked.known_options, row.value, item.asked.shape)
    return Version(row.version, row.value, row.saved_at, row.saved_by, lines)
