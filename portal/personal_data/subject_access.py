"""What the portal holds on one person, or on the child of one referral, as a file to hand over.

UK GDPR, Article 15. A person's file holds who they are, their organisations and letters, and a line for every
record that names them, found through the database's own foreign keys, so that no table can be forgotten. What
they wrote on behalf of an organisation, marks and tenders, is the organisation's: the lines say where it is.

Whoever puts the file together must not learn from it who applies. What tells of a tender whose box is shut is
left out, and every file says so, whether or not there is any: its own people read it in the portal.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, Table, func, literal, or_, select, true, union_all

from portal import clock
from portal.accounts.models import Membership, Organisation, Person
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.audit.models import AuditLine
from portal.call_offs.models import CallOff
from portal.commissioning.models import Referral
from portal.database import Base, db
from portal.mail.models import Letter
from portal.personal_data.plain import plain, rows
from portal.profiles.models import ConnectedPerson
from portal.storage.models import Document, Upload
from tender.applications.models import Application
from tender.applications.sealed_queries import (
    sealed_document,
    sealed_letter,
    sealed_line,
    sealed_upload,
    shut_rounds,
)
from tender.clarifications.models import Clarification
from tender.followers.models import RoundFollower

_SHOWN_OF_A_PERSON = ("id", "name", "email", "active", "registered_at")
_APART = {"membership"}
LEFT_OUT = (
    "Nothing that tells of a tender whose box is not open yet: until then nobody at the council may know who "
    "applies. Those who work on a tender read all of it in the portal. Ask again after the opening."
)


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
        "left_out": LEFT_OUT,
        "person": plain(person._mapping),
        "organisations": rows(
            select(Organisation.name, Organisation.kind, Membership.roles)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Membership.person_id == person.id)
            .order_by(Membership.id)
        ),
        "letters": rows(
            select(Letter.title, Letter.body, Letter.written_at, Letter.delivered_at)
            .where(func.lower(Letter.to_address) == person.email.lower(), Letter.state == "delivered")
            .where(~sealed_letter())
            .order_by(Letter.id)
        ),
        "profiles": _named_in_profiles(person.name),
        "records": rows(union_all(*_mentions(person.id)).order_by("record", "id")),
        "trail": rows(
            select(AuditLine.at, AuditLine.action, AuditLine.subject_type, AuditLine.subject_id)
            .where(AuditLine.actor_id == person.id, ~sealed_line())
            .order_by(AuditLine.id)
        ),
    }


def about_referral(reference: str) -> dict[str, Any] | None:
    """Everything about one referral: what was said of the child, whether it was chosen and why, the letters,
    and who did or read what."""
    wanted = Referral.reference == reference.strip().upper()
    found = rows(select(*Referral.__table__.columns).where(wanted))
    if not found:
        return None
    subject = str(found[0]["id"])
    return {
        "made_at": clock.now().isoformat(),
        "referral": found[0],
        "choices": rows(
            select(*CallOff.__table__.columns)
            .where(CallOff.referral_id == found[0]["id"])
            .order_by(CallOff.id)
        ),
        "letters": rows(
            select(Letter.to_name, Letter.title, Letter.body, Letter.delivered_at)
            .where(Letter.subject_type == "referral", Letter.subject_id == subject)
            .order_by(Letter.id)
        ),
        "trail": rows(
            select(AuditLine.at, AuditLine.actor_name, AuditLine.action)
            .where(AuditLine.subject_type == "referral", AuditLine.subject_id == subject)
            .order_by(AuditLine.id)
        ),
        "agreements": _agreements_after(found[0]["id"]),
    }


def _agreements_after(referral_id: int) -> list[dict[str, Any]]:
    """What was written and agreed for the child of a referral, version by version."""
    return rows(
        select(
            PlacementAgreement.reference,
            PlacementAgreement.state,
            PlacementAgreement.closed_on,
            PlacementAgreement.close_reason,
            AgreementVersion.number,
            AgreementVersion.state.label("version_state"),
            AgreementVersion.content,
            AgreementVersion.objectives,
            AgreementVersion.baseline,
            AgreementVersion.plan,
            AgreementVersion.reintegration,
            AgreementVersion.agreed_at,
        )
        .join(CallOff, CallOff.id == PlacementAgreement.call_off_id)
        .join(AgreementVersion, AgreementVersion.agreement_id == PlacementAgreement.id)
        .where(CallOff.referral_id == referral_id)
        .order_by(PlacementAgreement.id, AgreementVersion.number)
    )


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
    return rows(
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
    shown = _shown_rows()
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
                    ).where(column == person_id, shown.get(table, true()))
                )


def _shown_rows() -> dict[Any, ColumnElement[bool]]:
    """For every table with rows that could tell of a sealed tender: which of them do not.

    What hangs on an application, at whatever distance, is found through the foreign keys as well.
    """
    shown: dict[Any, ColumnElement[bool]] = {
        each.__table__: each.round_id.not_in(shut_rounds())
        for each in (Application, Clarification, RoundFollower)
    }
    of_applications = {Application.__table__}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table in of_applications and table not in shown:
                parents = select(key.column).where(shown[key.column.table])
                shown[table] = or_(key.parent.is_(None), key.parent.in_(parents))
                of_applications.add(table)
    return {**shown, Document.__table__: ~sealed_document(), Upload.__table__: ~sealed_upload()}


def _identity(table: Table) -> Any:
    return func.concat_ws("/", *table.primary_key.columns)


def _moment(table: Table, column: Column[Any]) -> Any:
    """When the person did it: the moment that goes with the column, else the first that the row knows."""
    stamp = table.columns.get(column.name.removesuffix("_by_id") + "_at")
    moments = [each for each in table.columns if isinstance(each.type, DateTime)]
    chosen = stamp if stamp is not None else (moments[0] if moments else None)
    return func.to_char(chosen, 'YYYY-MM-DD"T"HH24:MI:SSOF') if chosen is not None else literal("")
