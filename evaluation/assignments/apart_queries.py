"""Reading which sections are marked apart, and what is closed to whom while they are."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import RowMapping, Select, and_, select, union
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.assignments.models import ApartSection, Assignment
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.database import db
from tender.applications.models import Application


def apart_sections(round_id: int) -> set[str]:
    """The codes of the round's sections that are marked apart, released or not."""
    return set(db.session.scalars(select(ApartSection.section).where(ApartSection.round_id == round_id)))


def general_sections(codes: Iterable[str], apart: Collection[str]) -> list[str]:
    """What whoever has no sections of their own marks: all (none is named), or all but those apart."""
    return [code for code in codes if code not in apart] if apart else []


def apart_in(round_id: int) -> Sequence[RowMapping]:
    """Sections that are marked apart: section, set_at, set_by, released_at, released_by, release_reason."""
    setter, releaser = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                ApartSection.section,
                ApartSection.set_at,
                setter.name.label("set_by"),
                ApartSection.released_at,
                releaser.name.label("released_by"),
                ApartSection.release_reason,
            )
            .join(setter, setter.id == ApartSection.set_by_id)
            .outerjoin(releaser, releaser.id == ApartSection.released_by_id)
            .where(ApartSection.round_id == round_id)
            .order_by(ApartSection.section)
        )
        .mappings()
        .all()
    )


def is_handed_out(round_id: int) -> bool:
    """Whether any tender of the round was given to an evaluator."""
    given = (
        select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .where(Application.round_id == round_id)
        .limit(1)
    )
    return db.session.execute(given).first() is not None


def closed_to(viewer: Actor) -> Select[tuple[int]]:
    """Select of the ids of the applications that the viewer must not read outside the marking room.

    Those with whose provider they have a conflict, and those that they mark while a section is withheld.
    """
    withheld = (
        select(Assignment.application_id)
        .join(Application, Application.id == Assignment.application_id)
        .join(
            ApartSection,
            and_(ApartSection.round_id == Application.round_id, ApartSection.released_at.is_(None)),
        )
        .where(Assignment.evaluator_id == viewer.person_id)
    )
    both = union(conflicts_of(viewer), withheld).subquery()
    return select(both.c.application_id)
