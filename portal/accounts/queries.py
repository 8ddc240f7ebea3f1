"""Reading people and organisations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, RowMapping, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.access import ANYONE, Actor
from portal.accounts.models import Membership, Organisation, Person, SpentKey
from portal.accounts.permissions import permissions_of
from portal.database import db
from portal.settings.queries import newest_settings


@dataclass(frozen=True, slots=True)
class InSession:
    """Whose session it is: as whom they act, whether their address is confirmed, whether a council's; and,
    for every page needs them too, the settings that the council has made (`portal.settings.queries`)."""

    actor: Actor
    confirmed: bool
    of_council: bool
    settings: Mapping[str, str] | None


def in_session(uniquifier: str, session_id: str, organisation_id: int | None = None) -> InSession | None:
    """The active person whose session this is, acting for the organisation chosen or for their first one.

    None when the session was ended. Every request asks this: one statement, columns and no entities.
    """
    asked = {"uniquifier": uniquifier, "session_id": session_id}
    # By the connection: the session would get ready to load entities, which costs as much as the statement.
    found = db.session.connection().execute(_IN_SESSION, asked).all()
    if not found:
        return None
    return InSession(
        actor=_actor_of(found, organisation_id),
        confirmed=found[0].confirmed_at is not None,
        of_council=any(row.kind == "council" for row in found),
        settings=found[0].settings,
    )


def person_by_email(email: str) -> Person | None:
    """The person with this e-mail address, whatever its capitals."""
    return db.session.execute(
        select(Person).where(func.lower(Person.email) == email.strip().lower())
    ).scalar_one_or_none()


_school = aliased(Organisation)
# A row for each membership, and for a trust's one for each of its schools.
_WHOLE = (
    select(
        Person.id.label("person_id"),
        Person.name,
        Person.email,
        Person.confirmed_at,
        Membership.active.label("member"),
        Membership.roles,
        Organisation.id.label("organisation_id"),
        Organisation.kind,
        Organisation.name.label("organisation_name"),
        Organisation.state,
        _school.id.label("school_id"),
        _school.name.label("school_name"),
        _school.state.label("school_state"),
    )
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
    .outerjoin(_school, and_(_school.group_id == Organisation.id, Organisation.kind == "school_group"))
    .order_by(Membership.id, _school.name, _school.id)
)
_IN_SESSION = _WHOLE.add_columns(newest_settings().label("settings")).where(
    Person.fs_uniquifier == bindparam("uniquifier"),
    Person.active,
    ~select(SpentKey.key).where(SpentKey.key == bindparam("session_id")).exists(),
)
_BY_EMAIL = _WHOLE.where(func.lower(Person.email) == bindparam("address"))


@dataclass(frozen=True, slots=True)
class _Choice:
    """An organisation for which a person may act: as its member, or `through` its trust."""

    id: int
    kind: str
    name: str
    roles: Sequence[str]
    state: str
    through: str = ""


def _actor_of(rows: Sequence[Row[Any]], organisation_id: int | None) -> Actor:
    """The person of these rows of `_WHOLE`, acting for the organisation chosen, or for their first one.

    A member of a trust chooses one of its schools, and has there the roles that the trust gave them.
    """
    choices = _choices(rows)
    person = rows[0]
    chosen = next((each for each in choices if each.id == organisation_id), None)
    chosen = chosen or (choices[0] if choices else None)
    if chosen is None:
        return Actor(person.person_id, person.name, person.email)
    return Actor(
        person_id=person.person_id,
        name=person.name,
        email=person.email,
        organisation_id=chosen.id,
        organisation_kind=chosen.kind,
        organisation_name=chosen.name,
        roles=frozenset(chosen.roles),
        permissions=permissions_of(chosen.kind, chosen.roles, chosen.state),
        organisation_state=chosen.state,
        through=chosen.through,
        choices=tuple(
            (each.id, f"{each.name} ({each.through})" if each.through else each.name) for each in choices
        ),
    )


def _choices(rows: Sequence[Row[Any]]) -> list[_Choice]:
    """Each organisation once: own memberships, then what a trust gives, trusts themselves last."""
    members = [row for row in rows if row.member]
    own = {
        row.organisation_id: _Choice(
            row.organisation_id, row.kind, row.organisation_name, row.roles, row.state
        )
        for row in members
    }
    lent = {
        row.school_id: _Choice(
            row.school_id,
            "school",
            row.school_name,
            row.roles,
            row.school_state if row.state == "checked" else row.state,
            row.organisation_name,
        )
        for row in members
        if row.school_id is not None and row.school_id not in own
    }
    trusts = [each for each in own.values() if each.kind == "school_group"]
    return [*(each for each in own.values() if each not in trusts), *lent.values(), *trusts]


def actor_by_email(email: str, organisation_id: int | None = None) -> Actor:
    """The actor behind an e-mail address, acting for this organisation; `ANYONE` when nobody has it."""
    rows = db.session.execute(_BY_EMAIL, {"address": email.lower()}).all()
    return _actor_of(rows, organisation_id) if rows else ANYONE


def members_with_permission(organisation_id: int, permission: str) -> Sequence[RowMapping]:
    """Active members (`person_id`, `name`, `email`) of an organisation whose roles grant `permission`.

    A trust's people count as members of its schools.
    """
    home = aliased(Organisation)
    rows = (
        db.session.execute(
            select(
                Person.id.label("person_id"),
                Person.name,
                Person.email,
                Membership.roles,
                Organisation.kind,
                Organisation.state,
            )
            .join(home, or_(home.id == Organisation.id, home.id == Organisation.group_id))
            .join(Membership, and_(Membership.organisation_id == home.id, Membership.active))
            .join(Person, Person.id == Membership.person_id)
            .where(Organisation.id == organisation_id, Person.active)
            .where(or_(home.id == Organisation.id, home.state == "checked"))
            .order_by(Person.name, Person.id, home.id != Organisation.id)
        )
        .mappings()
        .all()
    )
    granted = [row for row in rows if permission in permissions_of(row["kind"], row["roles"], row["state"])]
    return list({row["person_id"]: row for row in granted}.values())


def members_of(organisation_ids: Iterable[int]) -> dict[int, list[RowMapping]]:
    """Active members (`person_id`, `name`, `email`, `roles`) by organisation, in one statement."""
    rows = (
        db.session.execute(
            select(
                Membership.organisation_id,
                Person.id.label("person_id"),
                Person.name,
                Person.email,
                Membership.roles,
            )
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.organisation_id.in_(list(organisation_ids)), Membership.active, Person.active)
            .order_by(Person.id)
        )
        .mappings()
        .all()
    )
    members: dict[int, list[RowMapping]] = {}
    for row in rows:
        members.setdefault(row["organisation_id"], []).append(row)
    return members
