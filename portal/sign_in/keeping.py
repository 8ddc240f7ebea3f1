"""What somebody sent when their session was over: kept for them, and brought back once they have signed in.

Only for the person whose session it was. Files are not kept: the page that brings the rest back says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from portal import clock
from portal.accounts.models import Person
from portal.database import db, transaction
from portal.sign_in.models import KeptForm

KEPT_FOR = timedelta(hours=24)
MOST_CHARACTERS = 500_000
_EACH = 5  # of one person


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: to where, from which page, and its fields in order."""

    path: str
    page: str
    fields: Sequence[tuple[str, str]]


def keep(*, uniquifier: str, sent: Kept) -> int | None:
    """Keep a form for the person whom a session named; returns its id, None when it is not kept."""
    if sum(len(name) + len(value) for name, value in sent.fields) > MOST_CHARACTERS:
        return None
    now = clock.now()
    with transaction() as session:
        person_id = session.execute(
            select(Person.id).where(Person.fs_uniquifier == uniquifier, Person.active)
        ).scalar_one_or_none()
        if person_id is None:
            return None
        session.execute(delete(KeptForm).where(KeptForm.expires_at < now))
        newest = (
            select(KeptForm.id)
            .where(KeptForm.person_id == person_id)
            .order_by(KeptForm.id.desc())
            .limit(_EACH - 1)
        )
        session.execute(delete(KeptForm).where(KeptForm.person_id == person_id, KeptForm.id.not_in(newest)))
        kept = KeptForm(
            person_id=person_id,
            path=sent.path,
            page=sent.page,
            fields=[list(pair) for pair in sent.fields],
            expires_at=now + KEPT_FOR,
        )
        session.add(kept)
        session.flush()
        return kept.id


def kept_form(person_id: int, kept_id: int) -> Kept | None:
    """What was kept for this person, if this is theirs."""
    row = db.session.execute(
        select(KeptForm.path, KeptForm.page, KeptForm.fields).where(
            KeptForm.id == kept_id,
            KeptForm.person_id == person_id,
            KeptForm.expires_at > clock.now(),
        )
    ).one_or_none()
    return Kept(row.path, row.page, [(name, value) for name, value in row.fields]) if row else None
