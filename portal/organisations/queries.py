"""Reading organisations as their own people see them, and finding one to join."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, or_, select, text

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.member_services import may_manage
from portal.accounts.models import (
    IDENTIFIER_SCHEMES,
    Membership,
    Organisation,
    OrganisationIdentifier,
    Person,
)
from portal.accounts.permissions import role_list
from portal.accounts.services import tidy_identifier
from portal.database import db
from portal.errors import NotFound
from portal.organisations.models import JOINABLE, Invitation, JoinRequest, hash_of
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_date, uk_datetime

MOST_FOUND = 20
KIND_NAMES = {
    "provider": "Provider",
    "school": "School",
    "school_group": "Group of schools",
    "council": "Council",
}
STATE_WORDS = {
    "waiting": "Waiting",
    "checked": "Checked",
    "refused": "Not passed",
    "deactivated": "Deactivated",
}


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation with its numbers, in words."""

    id: int
    kind: str
    name: str
    address: str
    postcode: str
    website: str
    telephone: str
    state: str
    state_reason: str
    phase: str
    authority: str
    registered_at: datetime
    checked_at: datetime | None
    group_id: int | None
    numbers: list[tuple[str, str]]

    @property
    def kind_name(self) -> str:
        """'School'."""
        return KIND_NAMES[self.kind]

    @property
    def number_rows(self) -> list[dict[str, str]]:
        """The numbers, as rows of a summary list."""
        return [{"key": label, "value": value} for label, value in self.numbers]

    @property
    def state_words(self) -> str:
        """'Waiting'."""
        return STATE_WORDS[self.state]


def facts_of(organisation_id: int | None) -> OrganisationFacts:
    """One organisation. Raises `NotFound`. The caller has checked that the viewer may see it."""
    names = [name for name in OrganisationFacts.__dataclass_fields__ if name != "numbers"]
    numbers = (
        select(
            func.coalesce(
                func.jsonb_agg(
                    func.jsonb_build_array(OrganisationIdentifier.scheme, OrganisationIdentifier.value)
                ),
                text("'[]'::jsonb"),
            )
        )
        .where(OrganisationIdentifier.organisation_id == Organisation.id)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(*(getattr(Organisation, name) for name in names), numbers.label("numbers")).where(
            Organisation.id == organisation_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    found = row._asdict()
    found["numbers"] = [(IDENTIFIER_SCHEMES[scheme], value) for scheme, value in sorted(found["numbers"])]
    return OrganisationFacts(**found)


def own_organisation(viewer: Actor) -> OrganisationFacts:
    """The organisation for which the viewer acts. Raises `NotFound` for somebody without one."""
    return facts_of(viewer.organisation_id)


def memberships_of(organisation_id: int) -> Sequence[RowMapping]:
    """Everybody who is a member: `id`, `person_id`, `name`, `email`, `roles`, `active`, `person_active`."""
    return (
        db.session.execute(
            select(
                Membership.id,
                Person.id.label("person_id"),
                Person.name,
                Person.email,
                Membership.roles,
                Membership.active,
                Person.active.label("person_active"),
            )
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.organisation_id == organisation_id)
            .order_by(Membership.active.desc(), func.lower(Person.name), Person.id)
        )
        .mappings()
        .all()
    )


def membership_for(viewer: Actor, membership_id: int) -> RowMapping:
    """A member whom the viewer manages, with `organisation_id`, `kind`, `organisation_name`.

    Raises `NotFound` for others.
    """
    row = (
        db.session.execute(
            select(
                Membership.id,
                Membership.organisation_id,
                Membership.roles,
                Membership.active,
                Person.id.label("person_id"),
                Person.name,
                Person.email,
                Organisation.kind,
                Organisation.name.label("organisation_name"),
            )
            .join(Person, Person.id == Membership.person_id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Membership.id == membership_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None or not may_manage(viewer, row["organisation_id"]):
        raise NotFound()
    return row


def open_invitations(organisation_id: int) -> Sequence[RowMapping]:
    """Invitations that nobody has accepted yet: `id`, `email`, `roles`, `sent_at`, `expires_at`, `over`."""
    return (
        db.session.execute(
            select(
                Invitation.id,
                Invitation.email,
                Invitation.roles,
                Invitation.sent_at,
                Invitation.expires_at,
                (Invitation.expires_at <= clock.now()).label("over"),
            )
            .where(Invitation.organisation_id == organisation_id, Invitation.state == "sent")
            .order_by(Invitation.id)
        )
        .mappings()
        .all()
    )


def open_requests(organisation_id: int) -> Sequence[RowMapping]:
    """Requests to join that wait for an answer: `id`, `name`, `email`, `message`, `asked_at`."""
    return _requests(JoinRequest.organisation_id == organisation_id, JoinRequest.state == "asked")


def request_for(viewer: Actor, request_id: int) -> RowMapping:
    """A request that the viewer may answer. Raises `NotFound`."""
    found = _requests(JoinRequest.id == request_id)
    if not found or not may_manage(viewer, found[0]["organisation_id"]):
        raise NotFound()
    return found[0]


def _requests(*conditions: ColumnElement[bool]) -> Sequence[RowMapping]:
    return (
        db.session.execute(
            select(
                JoinRequest.id,
                JoinRequest.organisation_id,
                JoinRequest.message,
                JoinRequest.state,
                JoinRequest.asked_at,
                Person.name,
                Person.email,
                Person.confirmed_at,
                Organisation.kind,
                Organisation.name.label("organisation_name"),
            )
            .join(Person, Person.id == JoinRequest.person_id)
            .join(Organisation, Organisation.id == JoinRequest.organisation_id)
            .where(*conditions)
            .order_by(JoinRequest.id)
        )
        .mappings()
        .all()
    )


def invitation_by(token: str) -> RowMapping | None:
    """What an invitation's letter opens, while it does; `has_account`: somebody has the address."""
    return (
        db.session.execute(
            select(
                Invitation.email,
                Invitation.roles,
                Invitation.expires_at,
                Organisation.name.label("organisation_name"),
                exists().where(func.lower(Person.email) == func.lower(Invitation.email)).label("has_account"),
            )
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .where(
                Invitation.token_hash == hash_of(token),
                Invitation.state == "sent",
                Invitation.expires_at > clock.now(),
            )
        )
        .mappings()
        .one_or_none()
    )


def found_to_join(words: str) -> Sequence[RowMapping]:
    """Organisations with this number, or all these words in the name: `id`, `name`, `kind`, `postcode`.

    What a register shows anyway; nothing about their people. At most MOST_FOUND, in alphabetical order.
    """
    words = words.strip()[:100]
    if len(words) < 3:
        return []
    tidy = {tidy_identifier(scheme, words) for scheme in IDENTIFIER_SCHEMES}
    by_number = Organisation.id.in_(
        select(OrganisationIdentifier.organisation_id).where(OrganisationIdentifier.value.in_(tidy))
    )
    parts = [re.sub(r"([%_\\])", r"\\\1", part) for part in words.split()[:8]]
    by_name = [Organisation.name.ilike(f"%{part}%") for part in parts]
    return (
        db.session.execute(
            select(Organisation.id, Organisation.name, Organisation.kind, Organisation.postcode)
            .where(Organisation.kind.in_(JOINABLE), Organisation.state != "deactivated")
            .where(or_(by_number, and_(*by_name)))
            .order_by(Organisation.name, Organisation.id)
            .limit(MOST_FOUND)
        )
        .mappings()
        .all()
    )


def to_join(organisation_id: int) -> OrganisationFacts:
    """An organisation that anybody may ask to join. Raises `NotFound`."""
    found = facts_of(organisation_id)
    if found.kind not in JOINABLE or found.state == "deactivated":
        raise NotFound()
    return found


# All that can wait for a person in this room, in one statement: what, which row, words about it, since when.
_WAITING = text(
    """
    SELECT 'invitation' AS what, invitation.id, organisation.name AS about,
           array_to_string(roles, ',') AS words, sent_at AS since
    FROM invitation JOIN organisation ON organisation.id = organisation_id
    WHERE lower(email) = lower(:email) AND invitation.state = 'sent' AND expires_at > :now
    UNION ALL
    SELECT 'asked', join_request.id, organisation.name, '', asked_at
    FROM join_request JOIN organisation ON organisation.id = organisation_id
    WHERE person_id = :person AND join_request.state = 'asked'
    UNION ALL
    (SELECT 'request', join_request.id, person.name, '', asked_at
     FROM join_request JOIN person ON person.id = person_id
     WHERE :manages AND organisation_id = :organisation AND join_request.state = 'asked'
     ORDER BY join_request.id LIMIT 10)
    UNION ALL
    SELECT 'waiting', count(*), '', '', min(registered_at) FROM organisation
    WHERE :checks AND state = 'waiting' HAVING count(*) > 0
    UNION ALL
    (SELECT 'orphan', organisation.id, person.name, organisation.name, asked_at
     FROM join_request JOIN person ON person.id = person_id
     JOIN organisation ON organisation.id = organisation_id
     WHERE :helps AND join_request.state = 'asked' AND NOT EXISTS (
       SELECT FROM membership JOIN person AS member ON member.id = membership.person_id
       WHERE membership.organisation_id IN (organisation.id, organisation.group_id)
         AND membership.active AND member.active AND 'administrator' = ANY(membership.roles))
     ORDER BY join_request.id LIMIT 10)
    """
)


def waiting_for(viewer: Actor) -> Waiting:
    """Invitations to accept, requests to answer, organisations to check: one statement."""
    if not viewer.signed_in:
        return Waiting()
    rows = db.session.execute(
        _WAITING,
        {
            # An address that is not confirmed may be anybody's.
            "email": viewer.email if viewer.confirmed else "",
            "now": clock.now(),
            "person": viewer.person_id,
            "organisation": viewer.organisation_id,
            "manages": viewer.may("organisation:manage"),
            "checks": viewer.may("organisation:check"),
            "helps": viewer.may("people:manage"),
        },
    ).all()
    return Waiting(
        now=tuple(_task(row) for row in rows if row.what != "asked"),
        going_on=tuple(_asked(row) for row in rows if row.what == "asked"),
    )


def _task(row: Any) -> Task:
    if row.what == "invitation":
        return Task(
            f"{row.about} invites you. Your roles would be: {role_list(row.words.split(','))}.",
            "Read and accept",
            "organisations.own_invitation",
            {"invitation_id": row.id},
            detail=f"Sent on {uk_date(row.since)}.",
        )
    if row.what == "request":
        return Task(
            f"{row.about} asks to join your organisation.",
            "Approve or decline",
            "organisations.request_to_join",
            {"request_id": row.id},
            detail=f"Asked at {uk_datetime(row.since)}.",
        )
    if row.what == "orphan":
        return Task(
            f"{row.about} asks to join {row.words}, which has no administrator.",
            "Approve or decline",
            "administration.organisation",
            {"organisation_id": row.id},
            detail=f"Asked at {uk_datetime(row.since)}.",
        )
    return Task(
        f"{plural(row.id, 'organisation')} {'waits' if row.id == 1 else 'wait'} for your check.",
        "Check",
        "administration.organisations",
        {"state": "waiting"},
        detail=f"The oldest since {uk_date(row.since)}.",
    )


def _asked(row: Any) -> GoingOn:
    return GoingOn(
        f"You asked to join {row.about}",
        "waiting",
        "organisations.asked",
        {"request_id": row.id},
        detail=f"Asked at {uk_datetime(row.since)}. An administrator answers.",
    )


def own_request(viewer: Actor, request_id: int) -> RowMapping:
    """A request that the viewer made. Raises `NotFound`."""
    found = _requests(JoinRequest.id == request_id, JoinRequest.person_id == viewer.person_id)
    if not found:
        raise NotFound()
    return found[0]


def own_invitation(viewer: Actor, invitation_id: int) -> RowMapping:
    """An invitation to the viewer's own, confirmed address that is still open. Raises `NotFound`."""
    if not viewer.confirmed:
        raise NotFound()
    row = (
        db.session.execute(
            select(
                Invitation.id,
                Invitation.roles,
                Invitation.expires_at,
                Organisation.name.label("organisation_name"),
            )
            .join(Organisation, Organisation.id == Invitation.organisation_id)
            .where(
                Invitation.id == invitation_id,
                func.lower(Invitation.email) == viewer.email.lower(),
                Invitation.state == "sent",
                Invitation.expires_at > clock.now(),
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    return row
