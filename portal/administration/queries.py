"""Finding organisations and people, for the council's administrator."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.accounts.models import (
    IDENTIFIER_SCHEMES,
    Membership,
    Organisation,
    OrganisationIdentifier,
    Person,
)
from portal.accounts.services import tidy_identifier
from portal.database import db
from portal.errors import NotFound
from portal.web.pagination import SIZE, Page, offset_of


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation in the list."""

    id: int
    name: str
    kind: str
    state: str
    postcode: str
    registered_at: datetime


def organisations(*, words: str, kind: str, state: str, page: int) -> Page[OrganisationLine]:
    """Organisations by words of the name or a number, of one kind and state where given."""
    table = Organisation.__table__.c
    statement = select(*(table[name] for name in OrganisationLine.__dataclass_fields__))
    if words.strip():
        numbers = {tidy_identifier(scheme, words) for scheme in IDENTIFIER_SCHEMES}
        by_number = table.id.in_(
            select(OrganisationIdentifier.organisation_id).where(OrganisationIdentifier.value.in_(numbers))
        )
        statement = statement.where(or_(by_number, _has_words(table.name, words)))
    if kind:
        statement = statement.where(table.kind == kind)
    if state:
        statement = statement.where(table.state == state)
    order = (table.registered_at, table.id) if state == "waiting" else (func.lower(table.name), table.id)
    rows, total = _page(statement.order_by(*order), page)
    return Page([OrganisationLine(**row) for row in rows], page, total)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in the list. Nothing here or on their page opens their account."""

    id: int
    name: str
    email: str
    active: bool
    organisations: list[str]


def people(*, words: str, page: int) -> Page[PersonLine]:
    """People by words of the name or the address."""
    table = Person.__table__.c
    member_of = (
        select(func.array_agg(aggregate_order_by(Organisation.name, Organisation.name)))
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == table.id)
        .scalar_subquery()
    )
    statement = select(table.id, table.name, table.email, table.active, member_of.label("organisations"))
    if words.strip():
        statement = statement.where(or_(_has_words(table.name, words), _has_words(table.email, words)))
    rows, total = _page(statement.order_by(func.lower(table.name), table.id), page)
    lines = [PersonLine(**{**row, "organisations": row["organisations"] or []}) for row in rows]
    return Page(lines, page, total)


def person_of(person_id: int) -> RowMapping:
    """`id`, `name`, `email`, `active`, `registered_at` of a person. Raises `NotFound`."""
    table = Person.__table__.c
    row = (
        db.session.execute(
            select(table.id, table.name, table.email, table.active, table.registered_at).where(
                table.id == person_id
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    return row


def memberships_of_person(person_id: int) -> Sequence[RowMapping]:
    """`id`, `roles`, `active`, `organisation_id`, `name`, `kind` of each membership."""
    return (
        db.session.execute(
            select(
                Membership.id,
                Membership.roles,
                Membership.active,
                Organisation.id.label("organisation_id"),
                Organisation.name,
                Organisation.kind,
            )
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Membership.person_id == person_id)
            .order_by(Organisation.name, Membership.id)
        )
        .mappings()
        .all()
    )


def schools_of(group_id: int) -> Sequence[RowMapping]:
    """`id` and `name` of the schools of a group."""
    return (
        db.session.execute(
            select(Organisation.id, Organisation.name)
            .where(Organisation.group_id == group_id)
            .order_by(Organisation.name, Organisation.id)
        )
        .mappings()
        .all()
    )


def _has_words(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    parts = [re.sub(r"([%_\\])", r"\\\1", part) for part in words.split()[:8]]
    return and_(*(column.ilike(f"%{part}%") for part in parts))


def _page(statement: Select[Any], page: int) -> tuple[list[dict[str, Any]], int]:
    """The rows of a page and how many there are in all."""
    counted = statement.add_columns(func.count().over().label("total")).limit(SIZE).offset(offset_of(page))
    rows = [dict(row) for row in db.session.execute(counted).mappings()]
    if not rows:
        if page == 1:
            return [], 0
        return [], db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    total = rows[0]["total"]
    for row in rows:
        del row["total"]
    return rows, total
