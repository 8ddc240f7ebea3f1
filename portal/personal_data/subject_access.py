"""What the portal holds on one person, or on the child of one referral, as a file to hand over.

UK GDPR, Article 15. A person's file holds who they are, their organisations and letters, and a line for every
record that names them, found through the database's own foreign keys, so that no table can be forgotten. What
they wrote on behalf of an organisation, marks and tenders, is the organisation's: the lines say where it is.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Table, func, literal, select, union_all

from portal import clock
from portal.accounts.models import Membership, Organisation, Person
from portal.audit.models import AuditLine
from portal.commissioning.models import Referral
from portal.database import Base, db
from portal.mail.models import Letter
from portal.profiles.models import ConnectedPerson

_SHOWN_OF_A_PERSON = ("id", "name", "email", "active", "registered_at")
_APART = {"membership"}


def about_person(email: str) -> dict[str, Any] | None:
    """Everything about the person with this address, ready for JSON; None when nobody has it."""
    person = db.session.execute(
        select(*(Person.__table__.c[name] for name in _SHOWN_OF_A_PERSON)).where(
            func.lower(Person.email) == email.strip().lower()
        )
    ).first()
    if person is None:
        return None
    return {
        "made_at": clock.now().isoformat(),
        "person": _plain(person._mapping),
        "organisations": _rows(
            select(Organisation.name, Organisation.kind, Membership.roles)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Membership.person_id == person.id)
            .order_by(Membership.id)
        ),
        "letters": _rows(
            select(Letter.title, Letter.body, Letter.written_at, Letter.delivered_at)
            .where(func.lower(Letter.to_address) == person.email.lower(), Letter.state == "delivered")
            .order_by(Letter.id)
        ),
        "profiles": _named_in_profiles(person.name),
        "records": _rows(union_all(*_mentions(person.id)).order_by("record", "id")),
        "trail": _rows(
            select(AuditLine.at, AuditLine.action, AuditLine.subject_type, AuditLine.subject_id)
            .where(AuditLine.actor_id == person.id)
            .order_by(AuditLine.id)
        ),
    }


def about_referral(reference: str) -> dict[str, Any] | None:
    """Everything about one referral: what was said of the child, the letters, and who did or read what."""
    wanted = Referral.reference == reference.strip().upper()
    found = _rows(select(*Referral.__table__.columns).where(wanted))
    if not found:
        return None
    subject = str(found[0]["id"])
    return {
        "made_at": clock.now().isoformat(),
        "referral": found[0],
        "letters": _rows(
            select(Letter.to_name, Letter.title, Letter.body, Letter.delivered_at)
            .where(Letter.subject_type == "referral", Letter.subject_id == subject)
            .order_by(Letter.id)
        ),
        "trail": _rows(
            select(AuditLine.at, AuditLine.actor_name, AuditLine.action)
            .where(AuditLine.subject_type == "referral", AuditLine.subject_id == subject)
            .order_by(AuditLine.id)
        ),
    }


def about_named(name: str) -> dict[str, Any] | None:
    """Every profile of a provider that names somebody exactly so, ready for JSON; None where none does."""
    connected = _named_in_profiles(name.strip())
    if not connected:
        return None
    return {
        "made_at": clock.now().isoformat(),
        "connected_person": {"id": ", ".join(str(row["id"]) for row in connected), "name": name.strip()},
        "profiles": connected,
    }


def _named_in_profiles(name: str) -> list[dict[str, Any]]:
    """Where providers' profiles name a connected person so: whose, as what, and from when to when."""
    return _rows(
        select(
            ConnectedPerson.id,
            Organisation.name.label("provider"),
            ConnectedPerson.kind,
            ConnectedPerson.nature,
            ConnectedPerson.since,
            ConnectedPerson.until,
        )
        .join(Organisation, Organisation.id == ConnectedPerson.provider_id)
        .where(func.lower(ConnectedPerson.name) == name.lower())
        .order_by(ConnectedPerson.id)
    )


def _mentions(person_id: int) -> Iterator[Any]:
    """For every column that refers to a person: the table, the person's part, the row and its moment."""
    for table in Base.metadata.sorted_tables:
        if table.name in _APART:
            continue
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                yield (
                    select(
                        literal(table.name.replace("_", " ")).label("record"),
                        literal(column.name.removesuffix("_id").replace("_", " ")).label("part"),
                        _identity(table).label("id"),
                        _moment(table, column).label("at"),
                    ).where(column == person_id)
                )


def _identity(table: Table) -> Any:
    return func.concat_ws("/", *table.primary_key.columns)


def _moment(table: Table, column: Column[Any]) -> Any:
    """When the person did it: the moment that goes with the column, else the first that the row knows."""
    stamp = table.columns.get(column.name.removesuffix("_by_id") + "_at")
    moments = [each for each in table.columns if isinstance(each.type, DateTime)]
    chosen = stamp if stamp is not None else (moments[0] if moments else None)
    return func.to_char(chosen, 'YYYY-MM-DD"T"HH24:MI:SSOF') if chosen is not None else literal("")


def _rows(statement: Any) -> list[dict[str, Any]]:
    return [_plain(row) for row in db.session.execute(statement).mappings()]


def _plain(row: Any) -> dict[str, Any]:
    return {name: _word(value) for name, value in row.items()}


def _word(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | list) else str(value)
